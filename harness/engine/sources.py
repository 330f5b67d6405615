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
_EXITS = frozenset({"_exit", "abort", "execv", "execve", "execvp", "execvpe", "execl", "execlp"})
"""What of the module `os` ends or replaces the process without a word."""
_EXIT = re.compile(r"\b(?:_exit|abort|exec[vl]p?e?)\b")
_SYSTEM = frozenset({"os", "posix"})

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
        if len(names) == len(set(names)) and not _EXIT.search(source):
            return
        tree = ast.parse(source, str(path))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return  # pytest tells it better, when it collects
    for body in _bodies(tree):
        yield from _hidden(path, body)
    for line, name in _exits(tree):
        yield (
            f"{path}:{line}: `os.{name}` ends the testbed's own process. "
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
                    f"{path}:{node.lineno}: {node.name} has the same name as the scenario in line "
                    f"{first[node.name]}, which would never run. Rename one of them."
                )
            first.setdefault(node.name, node.lineno)


def _exits(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the lines that name what ends the process, by whatever name they have the module."""
    modules = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name in _SYSTEM
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in modules:
                found = name
            case ast.ImportFrom(module=("os" | "posix"), names=names):
                found = next((n.name for n in names if n.name in _EXITS), "")
            case ast.Call(
                func=ast.Name(id="getattr"),
                args=[ast.Name(id=module), ast.Constant(value=str(name))],
            ) if module in modules:
                found = name
            case _:
                continue
        if found in _EXITS:
            yield node.lineno, found
