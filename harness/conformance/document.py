"""YAML that people write by hand, read so that every fault can be told with file and line."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from harness import reading
from harness.errors import BadInput

LINE = "line of the mapping"
"""Key under which `parse` keeps where a mapping begins; no key of ours has blanks."""

Record = TypeVar("Record", bound=BaseModel)


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice, of which YAML would keep the last, and tells a bad date's line."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} appears twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)

    def construct_time(self, node: yaml.ScalarNode) -> Any:
        try:
            return self.construct_yaml_timestamp(node)
        except ValueError as fault:
            raise yaml.constructor.ConstructorError(
                None, None, f"{node.value} is no date: {fault}", node.start_mark
            ) from fault


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_time)


class _Numbered(_Loader):
    """Tells every mapping the line where it begins."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        return {LINE: node.start_mark.line + 1} | super().construct_mapping(node, deep=deep)


@dataclass(frozen=True)
class Document:
    """A mapping that a file holds, and where each part of it stands."""

    path: Path
    fields: dict[Any, Any]
    _node: yaml.MappingNode

    def place(self, *keys: str | int) -> str:
        """Return file and line of what these keys and numbers lead to, or of the nearest above it."""
        return f"{self.path}:{self._line(*keys)}"

    def _line(self, *keys: str | int) -> int:
        node: yaml.Node = self._node
        mark = self._node.start_mark
        for key in keys:
            match node:
                case yaml.MappingNode():
                    found = [pair for pair in node.value if pair[0].value == key]
                case yaml.SequenceNode() if isinstance(key, int):
                    found = [(inner, inner) for inner in node.value[key : key + 1]]
                case _:
                    found = []
            if not found:
                break
            name, node = found[0]
            mark = name.start_mark
        line: int = mark.line
        return line + 1

    def validated(self, kind: type[Record], error: type[BadInput]) -> Record:
        """Make a record of the whole file; each fault is told with its line and key.

        Raises
        ------
        BadInput
            the class `error` of it, a line for each fault.
        """
        try:
            return kind.model_validate(self.fields)
        except ValidationError as fault:
            told = [(self._line(*one["loc"]), _told(one)) for one in _causes(fault.errors())]
            lines = (f"{self.path}:{line}: {what}" for line, what in sorted(told))
            raise error("\n".join(lines)) from fault


def is_there(path: Path) -> bool:
    """Tell whether there is such a file, or a link of that name, wherever it leads."""
    return path.is_symlink() or path.exists()


def read(path: Path, error: type[BadInput]) -> Document:
    """Read the mapping that a file holds, with the place of every part.

    Raises
    ------
    BadInput
        the class `error` of it, naming file and line.
    """
    node, value = _load(path, _Loader, error)
    return Document(path, value, node)


def parse(path: Path, error: type[BadInput]) -> dict[Any, Any]:
    """Return the mapping that a file holds; mappings within bear their line under `LINE`.

    Raises
    ------
    BadInput
        the class `error` of it, naming file and line.
    """
    _, value = _load(path, _Numbered, error)
    return mapping(path, value, error)


def mapping(path: Path, value: Any, error: type[BadInput]) -> dict[Any, Any]:
    """Return a mapping without its line, and refuse what is none."""
    if not isinstance(value, dict):
        raise error(f"{path}: a mapping is expected, not {type(value).__name__}.")
    return {key: inner for key, inner in value.items() if key != LINE}


def _load(
    path: Path, kind: type[_Loader], error: type[BadInput]
) -> tuple[yaml.MappingNode, dict[Any, Any]]:
    given = reading.text(path, error)
    try:
        with suppress(yaml.YAMLError):  # which the loader tells better
            reading.limited(path, given, error)
        loader = kind(given)
        node = loader.get_single_node()
        if node is not None:
            reading.measured(path, node, error)
        value: Any = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        raise error(f"{place}: {fault.problem or fault}") from fault
    except BadInput:
        raise
    # A value whose form its own tag (`!!int x`) does not have: PyYAML lets any exception through.
    except Exception as fault:
        raise error(f"{path}: cannot be read: {' '.join(str(fault).split())}") from fault
    if not isinstance(node, yaml.MappingNode):
        what = "nothing" if value is None else type(value).__name__
        raise error(f"{path}:1: a mapping is expected, not {what}.")
    return node, value


def validated(
    kind: type[Record], fields: dict[Any, Any], where: str, error: type[BadInput]
) -> Record:
    """Make a record; each fault is told by its key, with what was found there."""
    try:
        return kind.model_validate(fields)
    except ValidationError as fault:
        faults = "; ".join(_told(one) for one in fault.errors())
        raise error(f"{where}: {faults}") from fault


def _causes(faults: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out what only follows: a list that is too short for want of the entries that are wrong."""
    places = [fault["loc"] for fault in faults]
    return [
        fault
        for fault in faults
        if not any(
            len(place) > len(fault["loc"]) and place[: len(fault["loc"])] == fault["loc"]
            for place in places
        )
    ]


def _told(fault: ErrorDetails) -> str:
    key = ".".join(str(part) for part in fault["loc"]) or "value"
    # What a whole mapping held is no help: its fault lies between its keys.
    plain = fault["type"] != "missing" and fault["loc"] and not isinstance(fault["input"], dict)
    return f"{key}: {fault['msg']}" + (f" (found {fault['input']!r})" if plain else "")


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Say that a name is not known, and which are."""
    return f"unknown {what} {name!r}; known are {', '.join(sorted(known))}."
