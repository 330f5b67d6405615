"""What the software of a field is made from: the folder `bundle/` of the field.

| file | what it has |
|---|---|
| `requirements.txt` | wheels for the workers' Python, pinned with their hashes: `python/` of the bundle |
| `sources.txt` | archives of source, pinned with their hashes, which `build.sh` finds in `$SOURCES` |
| `build.sh` | builds what is no wheel, in a container of the base image, into `$BUNDLE` |

A field has `requirements.txt` or `build.sh`, or both. A program in the bundle is found by the variable
`BUNDLE` of the environment, and modules of `python/` are imported by their names.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

PYTHON: Final = "3.13"
"""The workers' Python, for which wheels are chosen: that of Debian 13."""
PLATFORM: Final = "x86_64-manylinux_2_40"
"""The workers' machine, and the oldest C library there."""

_LAYOUT: Final = "1"
"""Goes up where bundles are made otherwise than before (`harness.science.bundles`)."""


@dataclass(frozen=True)
class Recipe:
    """The recipe of a field's bundle."""

    name: str
    """The name of the field."""
    folder: Path

    @property
    def wheels(self) -> Path | None:
        """The list of wheels, where there is one."""
        return self._file("requirements.txt")

    @property
    def sources(self) -> Path | None:
        """The list of source archives, where there is one."""
        return self._file("sources.txt")

    @property
    def build(self) -> Path | None:
        """The script that builds what is no wheel, where there is one."""
        return self._file("build.sh")

    @cached_property
    def key(self) -> str:
        """The hash of all that makes the bundle."""
        found = hashlib.sha256(f"{_LAYOUT} {PYTHON} {PLATFORM}\n".encode())
        for path in sorted(path for path in self.folder.rglob("*") if path.is_file()):
            found.update(f"{path.relative_to(self.folder)}\n{path.stat().st_size}\n".encode())
            found.update(path.read_bytes())
        return found.hexdigest()[:16]

    def _file(self, name: str) -> Path | None:
        path = self.folder / name
        return path if path.is_file() else None
