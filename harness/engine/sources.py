"""What must be seen in the source of scenarios, before pytest imports them: then it is too late.

Python keeps the last of two functions of one name, so pytest never hears of the first; and a file that
calls `os._exit` ends the harness without a word, perhaps with exit code 0.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from harness.errors import BadInput

_TEST = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def[ \t]+(test\w*)|class[ \t]+(Test\w*))", re.M)
_EXIT = "_exit"

_Named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def check(scenarios: Path) -> None:
    """Refuse scenarios that hide another of their name, and files that end the process.

    Raises
    ------
    BadInput
        naming each file and line, and what to do.
    """
    paths = sorted(scenarios.rglob("*.py")) if scenarios.is_dir() else [scenarios]
    if found := [fault for path in paths for fault in _faults(path)]:
        raise BadInput("\n".join(found))


def _faults(path: Path) -> Iterator[str]:
    try:
        source = path.read_text(encoding="utf-8")
        # Most files are as they should be; to parse them all would double the time of collection.
        names = [function or class_ for function, class_ in _TEST.findall(source)]
        if len(names) == len(set(names)) and _EXIT not in source:
            return
        tree = ast.parse(source, str(path))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return  # pytest tells it better, when it collects
    for body in _bodies(tree):
        yield from _hidden(path, body)
    for line in _exits(tree):
        yield (
            f"{path}:{line}: `os._exit` ends the testbed's own process. "
            "Remove it; a scenario that cannot go on raises an error."
        )


def _bodies(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    """Yield the module's statements and those of its test classes."""
    yield tree.body
    yield from (node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def _hidden(path: Path, body: list[ast.stmt]) -> Iterator[str]:
    """Say which tests of a body have the name of an earlier one."""
    first: dict[str, int] = {}
    for node in body:
        if isinstance(node, _Named) and node.name.lower().startswith("test"):
            if node.name in first:
                yield (
                    f"{path}:{node.lineno}: {node.name} has the name of another scenario, in line "
                    f"{first[node.name]}, which would never run. Rename one of them."
                )
            first.setdefault(node.name, node.lineno)


def _exits(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that name `os._exit`."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr=attr) if attr == _EXIT:
                yield node.lineno
            case ast.ImportFrom(module="os", names=names) if any(n.name == _EXIT for n in names):
                yield node.lineno
