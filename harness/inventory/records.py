"""From the inventory's data to records; what is wrong is told in the inventory's own terms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from harness.errors import InventoryError

Kind = TypeVar("Kind", bound=BaseModel)


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


def parse(path: Path, where: str, kind: type[Kind], fields: dict[str, Any]) -> Kind:
    """Return a record of the inventory.

    Raises
    ------
    InventoryError
        naming the place, the key and what is wrong there.
    """
    with told(path, where):
        return kind.model_validate(fields)


@contextmanager
def told(path: Path, where: str) -> Iterator[None]:
    """Tell what a record refuses in the inventory's own terms."""
    try:
        yield
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(str(part) for part in one['loc']) or 'value'}: {one['msg']}"
            + (f" (found {one['input']!r})" if one["type"] != "missing" else "")
            for one in error.errors()
        )
        raise InventoryError(f"{path}: {where}: {said}") from error
