"""Files that another stage reads: written beside their place and renamed, so that none is half there."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import TestbedError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""What the kernel says where a disk, or a user's share of it, is full."""
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def replace(path: Path, content: str | bytes) -> None:
    """Write a file whole; what was there before stays where that fails.

    Raises
    ------
    TestbedError
        naming the file, where the disk is full or the folder may not be written.
    """
    data = content.encode() if isinstance(content, str) else content
    part = beside(path)
    with told(path):
        try:
            part.write_bytes(data)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, and never half of it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def copy(source: Path, path: Path) -> None:
    """Copy a file whole.

    Raises
    ------
    TestbedError
        naming the file, where the source cannot be read or the copy cannot be written.
    """
    part = beside(path)
    with told(path):
        try:
            shutil.copyfile(source, part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into an error that names the file and says what to do.

    Raises
    ------
    TestbedError
        in place of an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise TestbedError(
            f"{path}: cannot be written: {error.strerror or error}.\n  {remedy(error.errno)}"
        ) from error


def content(path: Path) -> bytes:
    """Return what a file holds; a pipe or a device, from which it could come for ever, is not read.

    Raises
    ------
    OSError
        where it cannot be read, or is no ordinary file.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no ordinary file", str(path))
    return path.read_bytes()


def digest(path: Path) -> str | None:
    """Return a file's SHA-256 in hexadecimal; None where it cannot be read."""
    try:
        return hashlib.sha256(content(path)).hexdigest()
    except OSError:
        return None


def beside(path: Path) -> Path:
    """Return a name in the same folder that no other process writes to, and no pattern finds.

    What is written there is renamed when it is whole.
    """
    return path.with_name(f".{path.name[:100]}.{os.getpid()}.part")


def remedy(number: int | None) -> str:
    """Return what to do about a file that cannot be written, by the kernel's number of the error."""
    if number in FULL:
        what = "Make room on the disk"
    elif number in _FORBIDDEN:
        what = "Make its folder writable for the user who runs the testbed"
    else:
        what = "See that its folder is there and can be written"
    return (
        f"{what}, then repeat the command. `testbed judge RUN` judges what a run has seen so far."
    )
