"""The files of evidence of a run: one for each attempt at a cell, and the digest of each."""

from __future__ import annotations

import re
from pathlib import Path

from harness import files
from harness.errors import BadInput
from harness.names import unique

FOLDER = "evidence"
DIGESTS = "evidence.sha256"
"""SHA-256 of every file as it was recorded; `sha256sum --check` reads it too."""
PRUNED = "pruned.txt"
"""Note in a folder whose evidence was removed on purpose; it says when, and by what."""

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
    """Return file -> SHA-256 of the evidence that is there."""
    found = {
        f"{FOLDER}/{path.name}": files.digest(path) for path in (folder / FOLDER).glob("*.json")
    }
    return {file: digest for file, digest in sorted(found.items()) if digest}


def pruned(folder: Path) -> bool:
    """Tell whether the evidence was removed on purpose."""
    return (folder / PRUNED).is_file()
