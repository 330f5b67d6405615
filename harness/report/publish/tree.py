"""The tree that is published, as it lies here: folders of nights, and the files of the root."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.conformance.runs import LATEST
from harness.conformance.statement import FILE as STATEMENT
from harness.errors import BadInput

INDEX = "index.html"

_NIGHT = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]+")
"""A folder of the root with such a name, a run's id, is a night, whatever is in it."""

_TEXT = "text/plain; charset=utf-8"
_TYPES = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".jsonl": _TEXT,
    ".log": _TEXT,
    ".md": _TEXT,
    ".svg": "image/svg+xml",
    ".txt": _TEXT,
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".yaml": _TEXT,
    ".yml": _TEXT,
}
# Python's own list alone: a machine's /etc/mime.types must not change what is published.
_OTHERS = mimetypes.MimeTypes()
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class File:
    """A file to publish; `name` is its path within the tree, with slashes."""

    name: str
    path: Path
    size: int
    """Bytes."""

    @cached_property
    def md5(self) -> str:
        """Its MD5, as every target can tell it: it finds changes, and protects against nothing."""
        with self.path.open("rb") as content:
            return hashlib.file_digest(content, _md5).hexdigest()

    @property
    def content_type(self) -> str:
        """What a server has to call it, so that a browser shows it."""
        suffix = Path(self.name).suffix.lower()
        return _TYPES.get(suffix) or _OTHERS.guess_type(self.name)[0] or "application/octet-stream"


@dataclass(frozen=True)
class Tree:
    """A folder with the published pages."""

    folder: Path
    nights: tuple[str, ...]
    """Complete nights, oldest first."""
    incomplete: tuple[str, ...]
    """Nights without a statement, which are never published."""

    @classmethod
    def read(cls, folder: Path) -> Tree:
        """Look at a folder.

        Raises
        ------
        BadInput
            where it holds no published pages.
        """
        if not (folder / INDEX).is_file():
            what = f"has no {INDEX}" if folder.is_dir() else "is not there"
            raise BadInput(
                f"{folder}: {what}, so there is nothing to publish. "
                "Build the pages first: `testbed report`."
            )
        nights = sorted(p.name for p in folder.iterdir() if _is_night(p))
        for name in nights:
            _refuse_link(folder / name)
        complete = [name for name in nights if (folder / name / STATEMENT).is_file()]
        return cls(
            folder=folder,
            nights=tuple(complete),
            incomplete=tuple(name for name in nights if name not in complete),
        )

    def statement(self, night: str) -> File:
        """Return the file that ends a night."""
        return self._file(self.folder / night / STATEMENT)

    def night(self, night: str) -> list[File]:
        """Return the files of a night, but for its statement."""
        ending = f"{night}/{STATEMENT}"
        return [f for f in self._below(self.folder / night) if f.name != ending]

    def root(self) -> list[File]:
        """Return all files that belong to no night, the front page last."""
        found = self._below(self.folder)
        return sorted(found, key=lambda file: (file.name == INDEX, file.name))

    def _below(self, folder: Path) -> Iterator[File]:
        for path in sorted(folder.iterdir()):
            if _is_unfinished(path):
                continue
            if path.is_dir():
                _refuse_link(path)
                if not (folder == self.folder and _is_night(path)):
                    yield from self._below(path)
            else:
                yield self._file(path)

    def _file(self, path: Path) -> File:
        name = path.relative_to(self.folder).as_posix()
        if _CONTROL.search(name):
            raise BadInput(f"{path!r}: a name with control characters cannot be published")
        real = Path(os.path.realpath(path))
        if path.is_symlink() and not real.is_relative_to(self.folder.resolve()):
            raise BadInput(
                f"{path}: is a link that leads out of the published tree, to {real}. "
                "Only files in the tree are published: put a copy there, or remove the link."
            )
        if not real.is_file():
            raise BadInput(f"{path}: is not a file, so it cannot be published. Remove it.")
        return File(name=name, path=path, size=real.stat().st_size)


def _is_night(path: Path) -> bool:
    return (
        path.is_dir()
        and path.name != LATEST
        and not _is_unfinished(path)
        and (_NIGHT.fullmatch(path.name) is not None or (path / STATEMENT).is_file())
    )


def _is_unfinished(path: Path) -> bool:
    """Tell whether the pages are just being made there, or were not finished: its name is hidden."""
    return path.name.startswith(".")


def _refuse_link(folder: Path) -> None:
    if folder.is_symlink():
        raise BadInput(
            f"{folder}: is a link to a folder, which not every target can hold. "
            "Put a file there that leads on, or the folder itself."
        )


def _md5() -> hashlib._Hash:
    return hashlib.md5(usedforsecurity=False)
