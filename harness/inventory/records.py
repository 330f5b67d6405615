"""From the inventory's data to records; what is wrong is told in the inventory's own terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from harness.errors import InventoryError
from harness.inventory.keys import nearest

Kind = TypeVar("Kind", bound=BaseModel)

_LONGEST = 200
"""Characters of a value that a message shows."""


def mapping(path: Path, key: str, value: Any) -> dict[str, Any]:
    """Return a mapping of the inventory.

    Raises
    ------
    InventoryError
        where it is none.
    """
    if not isinstance(value, dict):
        raise InventoryError(f"{path}: {key}: a mapping is expected, not {type(value).__name__}.")
    return {str(k): v for k, v in value.items()}


def listed(path: Path, where: str, value: Any) -> list[Any]:
    """Return a list of the inventory; an empty one where its key has no value.

    Raises
    ------
    InventoryError
        where it is none.
    """
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise InventoryError(
            f"{path}: {where}: a list is expected, not {type(value).__name__} (found {shown(value)})."
        )
    return list(value)


def shown(value: Any) -> str:
    """Return a value as it stands in a message: on one line, and not too long."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def parse(path: Path, where: str, kind: type[Kind], fields: dict[str, Any]) -> Kind:
    """Return a record of the inventory.

    Raises
    ------
    InventoryError
        naming the place, the key and what is wrong there.
    """
    with told(path, where, known=_keys(kind)):
        return kind.model_validate(fields)


def _keys(kind: type[BaseModel]) -> frozenset[str]:
    """Return the keys of a record, and of the records within it."""
    found = set(kind.model_fields)
    for field in kind.model_fields.values():
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                found |= inner.model_fields.keys()
    return frozenset(found)


@contextmanager
def told(path: Path, where: str, *, known: Iterable[str] = ()) -> Iterator[None]:
    """Tell what a record refuses in the inventory's own terms; `known` are keys that may be meant."""
    try:
        yield
    except ValidationError as error:
        said = "; ".join(_told(one, frozenset(known)) for one in error.errors())
        raise InventoryError(f"{path}: {where}: {said}") from error


def _told(one: ErrorDetails, known: frozenset[str]) -> str:
    key = ".".join(str(part) for part in one["loc"]) or "value"
    said = f"{key}: {one['msg'].removeprefix('Value error, ')}"
    if one["type"] != "missing":
        said += f" (found {shown(one['input'])})"
    if one["type"] == "extra_forbidden" and (near := nearest(one["loc"][-1], known)):
        said += f"; similar: {near}"
    return said
