"""Archives that are the same bytes wherever and whenever they are made: their hash names the content."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from harness.science.field import Files, WrongResult

MOST = 32 * 2**20
"""Bytes that the files of a result may have together."""

_LEVEL = 6


def pack(files: Files) -> bytes:
    """Return files as an archive."""
    packed = io.BytesIO()
    with _opened(packed) as archive:
        for name in sorted(files):
            entry = _entry(name, executable=False)
            entry.size = len(files[name])
            archive.addfile(entry, io.BytesIO(files[name]))
    return gzip.compress(packed.getvalue(), _LEVEL, mtime=0)


def pack_folder(folder: Path, target: Path) -> None:
    """Write the files of a folder into an archive."""
    with (
        target.open("wb") as raw,
        gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) as packed,
        _opened(packed) as archive,
    ):
        for path in sorted(folder.rglob("*")):
            name = str(path.relative_to(folder))
            if path.is_symlink():
                entry = _entry(name, executable=False)
                entry.type, entry.linkname = tarfile.SYMTYPE, str(path.readlink())
                archive.addfile(entry)
            elif path.is_file():
                entry = _entry(name, executable=bool(path.stat().st_mode & 0o100))
                entry.size = path.stat().st_size
                with path.open("rb") as content:
                    archive.addfile(entry, content)


def unpack(packed: bytes) -> Files:
    """Return the files of an archive, by their names in it.

    Raises
    ------
    WrongResult
        where it is none, ends too early, or holds more than `MOST` bytes.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
            return dict(_members(archive))
    except (tarfile.TarError, OSError, EOFError) as error:
        raise WrongResult(
            f"{len(packed)} bytes that are no whole archive of a result: {error}"
        ) from error


def _members(archive: tarfile.TarFile) -> Iterator[tuple[str, bytes]]:
    size = 0
    for entry in archive:
        size += entry.size
        if size > MOST:
            raise WrongResult(f"a result of more than {MOST} bytes")
        content = archive.extractfile(entry) if entry.isfile() else None
        if content is not None:
            yield entry.name, content.read()


def _opened(packed: IO[bytes] | gzip.GzipFile) -> tarfile.TarFile:
    return tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT)


def _entry(name: str, *, executable: bool) -> tarfile.TarInfo:
    """Return an entry without time, owner and all else that differs from day to day."""
    entry = tarfile.TarInfo(name)
    entry.mode = 0o755 if executable else 0o644
    return entry
