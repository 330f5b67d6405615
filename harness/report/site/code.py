"""The source of scenarios, as their pages show it."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SCENARIOS = Path(__file__).resolve().parents[3] / "scenarios"


@dataclass(frozen=True)
class Source:
    """A scenario's function: where it stands, what its docstring says, and its text."""

    file: str
    line: int
    docstring: str
    text: str

    @property
    def more(self) -> str:
        """What the docstring says after its first line, which is the scenario's title."""
        return self.docstring.partition("\n")[2].strip()


@cache
def source(scenario: str, *, folder: Path = SCENARIOS) -> Source | None:
    """Return the source of `auth/test_x.py::test_y[...]`; None where it is not there any more."""
    file, _, name = scenario.partition("[")[0].partition("::")
    return _functions(folder / file).get(name)


@cache
def _functions(path: Path) -> dict[str, Source]:
    try:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (OSError, SyntaxError):
        return {}
    lines = text.splitlines()
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
            found[node.name] = Source(
                file=f"{path.parent.name}/{path.name}",
                line=first,
                docstring=inspect.cleandoc(ast.get_docstring(node) or ""),
                text="\n".join(lines[first - 1 : node.end_lineno]),
            )
    return found
