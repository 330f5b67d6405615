"""The files of evidence of a run: one for each attempt at a cell, and the digest of each.

A published night has the same files, each packed in a script: a page reads it from a server and from the
disk alike, where a browser lets no page read another file (WHATWG, HTML, "origin" of `file:`).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness import files
from harness.errors import BadInput
from harness.names import unique

FOLDER = "evidence"
DIGESTS = "evidence.sha256"
"""SHA-256 of every file as it was recorded; `sha256sum --check` reads it too."""
PRUNED = "pruned.txt"
"""Note in a folder whose evidence was removed on purpose; it says when, and by what."""

RESULTS = "science"
"""Folder of the results of use cases with their provenance (`harness.science.records`); no verdict is
judged from it."""

_ENDING = ".json"
_PACKED = ".js"
_SCRIPT = re.compile(rb'testbedEvidence\("(?:[^"\\]|\\.)*","([\w+/=]*)"\);\n')

_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")
_NAME = re.compile(rf"{FOLDER}/[^/\x00]+\.json")


def name(key: tuple[str, str], attempt: int) -> str:
    """Return the file of an attempt at the cell with this key, within the run's folder; no other has it."""
    again = (str(attempt),) if attempt > 1 else ()
    return f"{FOLDER}/{unique(*key, *again)}.json"


def is_name(text: str) -> bool:
    """Tell whether a text can name a file of evidence, and leads nowhere else."""
    return _NAME.fullmatch(text) is not None


def line(folder: Path, file: str) -> str:
    """Return a file's line of `evidence.sha256`; none where the file is not there."""
    digest = files.digest(folder / file)
    return f"{digest}  {file}\n" if digest else ""


def recorded(folder: Path) -> dict[str, str]:
    """Return file -> SHA-256 as it was recorded; none where the run has no such list.

    A last line without an end is passed over, as in `outcomes.jsonl`.

    Raises
    ------
    BadInput
        naming file and line of what is no digest.
    """
    path = folder / DIGESTS
    try:
        content = files.content(path)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}.") from None
    found: dict[str, str] = {}
    for number, text in enumerate(content.split(b"\n")[:-1], start=1):
        match = _LINE.fullmatch(text.decode(errors="replace"))
        if match is None or not is_name(match[2]):
            raise BadInput(
                f"{path}:{number}: not a SHA-256 and the name of a file of evidence. "
                "Restore the file from a backup."
            )
        found[match[2]] = match[1]
    return found


def on_disk(folder: Path) -> dict[str, str]:
    """Return file -> SHA-256 of the evidence that is there, packed or not."""
    return {file: digest for file, digest in sorted(_digests(folder / FOLDER)) if digest}


def _digests(folder: Path) -> Iterator[tuple[str, str | None]]:
    for path in folder.glob(f"*{_ENDING}"):
        yield f"{FOLDER}/{path.name}", files.digest(path)
    for path in folder.glob(f"*{_PACKED}"):
        yield f"{FOLDER}/{path.stem}{_ENDING}", _digest_within(path)


def _digest_within(path: Path) -> str | None:
    """Return the SHA-256 of a packed file; of the script itself where nothing can be unpacked."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return hashlib.sha256(unpacked(content) or content).hexdigest()


def packed_name(file: str) -> str:
    """Return the file that holds a file of evidence in a published night."""
    return file.removesuffix(_ENDING) + _PACKED


def packed(file: str, content: bytes, commands: Sequence[str]) -> str:
    """Return the script that holds a file of evidence.

    It calls `testbedEvidence` with the file's name and, compressed by gzip and in base64, a line that is a
    JSON array of `commands` and then the file as it is. `commands` are what sends each step again, in the
    order of the file.
    """
    line = json.dumps(commands, ensure_ascii=False, separators=(",", ":")).encode()
    data = gzip.compress(line + b"\n" + content, mtime=0)
    return f'testbedEvidence({json.dumps(file)},"{base64.b64encode(data).decode()}");\n'


def unpacked(script: bytes) -> bytes | None:
    """Return the file that a script of `packed` holds; None where it is none, or damaged."""
    match = _SCRIPT.fullmatch(script)
    try:
        data = gzip.decompress(base64.b64decode(match[1], validate=True)) if match else b""
    except (ValueError, OSError, EOFError, zlib.error):
        return None
    _, end, content = data.partition(b"\n")
    return content if end else None


def pruned(folder: Path) -> bool:
    """Tell whether the evidence was removed on purpose."""
    return (folder / PRUNED).is_file()
