"""At which end of its route a scenario uses a service, as its own source says.

A fixture such as `storage` gives both ends: `storage.at(route.resource)` and `storage.at(route.home)`.
Which of them a test takes is read from its file: from the test, from the file's own fixtures that it takes,
and from the functions there that these call. What is not seen so counts as the site's.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from harness.kinds import registry
from harness.routes import Side

Ends = Mapping[str, tuple[Side, ...]]

_OPEN = "at"
"""The method by which a fixture gives what is at one end of a route."""
_HOME = "route.home"
_AT_HOME = f".{_OPEN}({_HOME}"


def of(function: Callable[..., Any], fixtures: Iterable[str]) -> Ends:
    """Return fixture -> the ends of the route at which a test uses services by it.

    Parameters
    ----------
    fixtures
        all that the test takes, its fixtures' own too.
    """
    opened = _opened(Path(inspect.getfile(function))).get(function.__name__, {})
    return {
        name: tuple(sorted(opened.get(name, ()))) or ("resource",)
        for name in dict.fromkeys(fixtures)
        if name in registry().reaches
    }


@cache
def _opened(path: Path) -> Mapping[str, Mapping[str, frozenset[Side]]]:
    """Return test -> fixture -> where a file of scenarios opens it; nothing where it keeps to the site."""
    source = path.read_text(encoding="utf-8")
    if _AT_HOME not in source:
        return {}  # most files; to parse them all takes longer than to collect them
    tree = ast.parse(source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found: dict[str, dict[str, frozenset[Side]]] = {}
    for name in functions:
        if name.startswith("test"):
            ends: dict[str, set[Side]] = {}
            for node in _followed(name, functions):
                for fixture, side in _calls(node):
                    ends.setdefault(fixture, set()).add(side)
            found[name] = {fixture: frozenset(sides) for fixture, sides in ends.items()}
    return found


def _followed(name: str, functions: Mapping[str, ast.FunctionDef]) -> Iterator[ast.FunctionDef]:
    """Yield a function, and those of its file that it names: the fixtures it takes, what it calls."""
    seen, ahead = {name}, [name]
    while ahead:
        node = functions[ahead.pop()]
        yield node
        named = {arg.arg for arg in (*node.args.args, *node.args.kwonlyargs)}
        named |= {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        new = (named & functions.keys()) - seen
        seen |= new
        ahead += new


def _calls(function: ast.FunctionDef) -> Iterator[tuple[str, Side]]:
    """Yield what a function opens, and at which end: `storage.at(route.home)`."""
    for node in ast.walk(function):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=fixture), attr=attribute), args=[where, *_]
            ) if attribute == _OPEN:
                yield fixture, "home" if ast.unparse(where) == _HOME else "resource"
