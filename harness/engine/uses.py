"""At which end of its route a scenario uses a service, as its own source says.

A fixture such as `storage` gives both ends: `storage.at(route.resource)` and `storage.at(route.home)`.
Which of them a test takes is read from its code. What is not seen so counts as the site's.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from harness.engine import excerpts
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
    taken = tuple(dict.fromkeys(fixtures))
    opened = _opened(Path(inspect.getfile(function)), function.__name__, taken)
    return {
        name: tuple(sorted(opened.get(name, ()))) or ("resource",)
        for name in taken
        if name in registry().reaches
    }


@cache
def _opened(path: Path, function: str, fixtures: tuple[str, ...]) -> Mapping[str, set[Side]]:
    """Return fixture -> where a test opens it; nothing where its file keeps to the site."""
    found: dict[str, set[Side]] = {}
    if _AT_HOME not in excerpts.text(path):
        return found  # most files; to parse them all takes longer than to collect them
    for code in excerpts.of(path, function, fixtures):
        for fixture, side in _calls(code):
            found.setdefault(fixture, set()).add(side)
    return found


def _calls(code: ast.stmt) -> Iterator[tuple[str, Side]]:
    """Yield what some code opens, and at which end: `storage.at(route.home)`."""
    for node in ast.walk(code):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=fixture), attr=attribute), args=[where, *_]
            ) if attribute == _OPEN:
                yield fixture, "home" if ast.unparse(where) == _HOME else "resource"
