"""The code of a scenario: its function, and whatever of its file that uses.

From it is read what a scenario needs of sites (`harness.engine.uses`) and of its users' credentials.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path


@cache
def text(path: Path) -> str:
    """Return what a file of scenarios says, read once."""
    return path.read_text(encoding="utf-8")


@cache
def named(path: Path) -> Mapping[str, ast.stmt]:
    """Return the functions and constants of a file of scenarios by their names, parsed once."""
    found: dict[str, ast.stmt] = {}
    for node in ast.parse(text(path), str(path)).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found |= {one.id: node for one in node.targets if isinstance(one, ast.Name)}
    return found


def of(path: Path, function: str, fixtures: Sequence[str]) -> Iterator[ast.stmt]:
    """Yield a test function, and what it uses of its file: fixtures, helpers, constants.

    Parameters
    ----------
    fixtures
        all that the test takes, its fixtures' own too.
    """
    there = named(path)
    ahead, seen = [function, *fixtures], set[str]()
    while ahead:
        name = ahead.pop()
        if name in seen or name not in there:
            continue
        seen.add(name)
        yield there[name]
        ahead += loaded(there[name])


def loaded(node: ast.AST) -> list[str]:
    """Return the names that some code reads."""
    return [
        one.id
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
    ]
