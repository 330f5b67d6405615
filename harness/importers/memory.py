"""What was imported before, by which an edit of a person is told from what an import has written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from harness import reading
from harness.errors import BadInput

FILE = ".imported.json"
"""In the folder of the inventory; Ansible leaves out what begins with a dot."""
_FORM = 1


class Written(BaseModel):
    """A service as an import wrote it."""

    model_config = ConfigDict(extra="forbid")

    file: str
    host: str
    """Its name in the inventory."""
    said: tuple[str, str, str]
    """Site, host and type, as the source writes them."""
    fields: dict[str, Any]


class Memory(BaseModel):
    """All imports into a folder."""

    model_config = ConfigDict(extra="forbid")

    form: int = _FORM
    sites: dict[str, str] = {}
    """`infrastructure/site`, as sources write it -> the site's name in the inventory."""
    groups: dict[str, str] = {}
    """The site's name in the inventory -> the group of its hosts."""
    services: dict[str, Written] = {}
    """`source/infrastructure/key` -> what was written."""
    downtimes: dict[str, dict[str, Any]] = {}
    """`source/infrastructure/key` -> the entry."""

    @property
    def files(self) -> frozenset[str]:
        """The names of the files that imports have written."""
        return frozenset(one.file for one in self.services.values())

    @property
    def text(self) -> str:
        """What the file holds."""
        return (
            json.dumps(self.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False)
            + "\n"
        )


@dataclass
class Kept:
    """The memory of a folder, and the text of its file as it was read."""

    memory: Memory = field(default_factory=Memory)
    before: str | None = None


def load(folder: Path) -> Kept:
    """Return what was imported into a folder before.

    Raises
    ------
    BadInput
        where the file is damaged.
    """
    path = folder / FILE
    if not path.exists():
        return Kept()
    text = reading.text(path)
    try:
        memory = Memory.model_validate_json(text)
    except ValidationError as error:
        raise BadInput(
            f"{path}: is damaged: {error.errors()[0]['msg']}. Remove it: the next import then "
            "treats everything in the folder as written by hand, and keeps it."
        ) from error
    if memory.form != _FORM:
        raise BadInput(f"{path}: was written by another version of the testbed. Use that version.")
    return Kept(memory, text)
