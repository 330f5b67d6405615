"""YAML that people write by hand, read so that every fault can be told with file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from harness.errors import BadInput

LINE = "line of the mapping"
"""Key under which the loader keeps where a mapping begins; no key of ours has blanks."""

Record = TypeVar("Record", bound=BaseModel)


class _Loader(yaml.SafeLoader):
    """Tells every mapping the line where it begins."""


def _numbered(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    fields: dict[Any, Any] = {LINE: node.start_mark.line + 1}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in fields:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} is there twice", key_node.start_mark
            )
        fields[key] = loader.construct_object(value_node, deep=True)
    return fields


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _numbered)


def parse(path: Path, error: type[BadInput]) -> dict[Any, Any]:
    """Return the mapping that a file holds; mappings within bear their line under `LINE`.

    Raises
    ------
    BadInput
        the class `error` of it, naming file and line.
    """
    try:
        value = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506, a SafeLoader
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        raise error(f"{place}: {fault.problem or fault}") from fault
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as fault:
        raise error(f"{path}: cannot be read: {fault}") from fault
    return mapping(path, value, error)


def mapping(path: Path, value: Any, error: type[BadInput]) -> dict[Any, Any]:
    """Return a mapping without its line, and refuse what is none."""
    if not isinstance(value, dict):
        raise error(f"{path}: a mapping is expected, not {type(value).__name__}.")
    return {key: inner for key, inner in value.items() if key != LINE}


def validated(
    kind: type[Record], fields: dict[Any, Any], where: str, error: type[BadInput]
) -> Record:
    """Make a record; each fault is told by its key, with what was found there."""
    try:
        return kind.model_validate(fields)
    except ValidationError as fault:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in one['loc']) or 'value'}: {one['msg']}"
            + (f" (found {one['input']!r})" if one["type"] != "missing" and one["loc"] else "")
            for one in fault.errors()
        )
        raise error(f"{where}: {faults}") from fault
