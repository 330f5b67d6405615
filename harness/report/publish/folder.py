"""A folder of this machine, which a web server may serve: `--to DIR`."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.errors import BadInput, PublishError
from harness.report.publish.target import Sent, Stored
from harness.report.publish.tree import File

PART = ".publishing-"
"""Begins the name of a file that is being written."""


class Folder:
    """A folder; it is made with the first file."""

    def __init__(self, folder: Path, *, tree: Path) -> None:
        inner, outer = folder.resolve(), tree.resolve()
        if inner.is_relative_to(outer) or outer.is_relative_to(inner):
            raise BadInput(
                f"{folder}: the pages of {tree} cannot be published into themselves. "
                "Name a folder beside them."
            )
        if folder.exists() and not folder.is_dir():
            raise BadInput(f"{folder}: is not a folder. Name a folder; it is created if needed.")
        self._folder = folder

    def look(self, names: Sequence[str]) -> Mapping[str, Stored]:
        """Return those of the files that are there."""
        with self._told():
            return {
                name: Stored(path.stat().st_size, _md5(path))
                for name in names
                if (path := self._folder / name).is_file()
            }

    def below(self, folder: str) -> Mapping[str, Stored]:
        """Return all files below a folder; they are whole, for they got their names at the end."""
        with self._told():
            return {
                path.relative_to(self._folder).as_posix(): Stored(path.stat().st_size)
                for path in (self._folder / folder).rglob("*")
                if path.is_file() and not path.name.startswith(PART)
            }

    def read(self, name: str) -> bytes:
        """Return a file that is there."""
        with self._told():
            return (self._folder / name).read_bytes()

    def put(self, files: Sequence[File], sent: Sent) -> None:
        """Write each file beside its place, and rename it."""
        for file in files:
            place = self._folder / file.name
            part = place.with_name(f"{PART}{secrets.token_hex(4)}")
            with self._told():
                try:
                    place.parent.mkdir(parents=True, exist_ok=True)
                    with file.path.open("rb") as source, part.open("xb") as copy:
                        shutil.copyfileobj(source, copy)
                        copy.flush()
                        os.fsync(copy.fileno())
                    os.replace(part, place)
                finally:
                    with suppress(OSError):
                        part.unlink(missing_ok=True)
            sent(file)

    def close(self) -> None:
        """Nothing is held."""

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            raise PublishError(str(self._folder), f"{place}{error.strerror}") from error


def _md5(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
