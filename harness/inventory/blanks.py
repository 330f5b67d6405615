"""Values that a person must still fill in: `testbed import` marks what its source does not tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from harness.errors import InventoryError
from harness.reading import children

MARK = "FILL IN"
"""With this, a value begins that is none yet."""

_SHOWN = 40
"""Places that a message names."""


class Unfilled(InventoryError):
    """Values of the inventory are still to be filled in; names each place."""


def blank(what: str) -> str:
    """Return the value of a key that a person must fill in, which says what is expected."""
    return f"{MARK}: {what}"


def is_blank(value: object) -> bool:
    """Tell whether a value is still to be filled in."""
    return isinstance(value, str) and value.startswith(MARK)


def check(path: Path, files: Iterable[Path]) -> None:
    """Refuse an inventory of which something is still to be filled in.

    Raises
    ------
    Unfilled
        naming file, line and key of each place, and what is expected there.
    """
    places = [place for file in files for place in _places(file)]
    if not places:
        return
    listed = "\n  ".join(places[:_SHOWN])
    more = f"\n  and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    what = "1 value is" if len(places) == 1 else f"{len(places)} values are"
    raise Unfilled(
        f"{path}: {what} still to be filled in. Replace each mark `{MARK}: ...` with a value:\n"
        f"  {listed}{more}"
    )


def _places(file: Path) -> Iterator[str]:
    data = file.read_bytes()
    if MARK.encode() not in data:
        return
    try:
        root = yaml.compose(data.decode(), yaml.CSafeLoader)
    except (UnicodeDecodeError, yaml.YAMLError):
        return  # no YAML, so whatever it says is no mark of ours
    if root is not None:
        yield from _within(file, root, "")


def _within(file: Path, node: yaml.Node, key: str) -> Iterator[str]:
    match node:
        case yaml.MappingNode():
            for name, inner in node.value:
                yield from _within(file, inner, str(name.value))
        case yaml.ScalarNode() if is_blank(node.value):
            what = node.value.removeprefix(MARK).lstrip(": ")
            yield f"{file}:{node.start_mark.line + 1}: {key}: {what}"
        case _:
            for inner in children(node):
                yield from _within(file, inner, key)
