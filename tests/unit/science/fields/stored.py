"""Results of the use cases that were really computed, and what tests do to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.science import archive
from harness.science.field import Field, Files, WrongResult

RESULTS = Path(__file__).parent / "results"


def stored(field: Field, run: str) -> Files:
    """Return a result of a field: of the `right` run, or of the `control`."""
    return archive.unpack((RESULTS / f"{field.name}-{run}.tar.gz").read_bytes())


def wrong(field: Field, files: Files) -> list[str]:
    """Return which figures of a result are out of their bounds."""
    return [figure.what for figure in field.check(files) if not figure.right]


def noticed(field: Field, files: Files) -> bool:
    """Tell whether the check finds fault with a result."""
    try:
        return bool(wrong(field, files))
    except WrongResult:
        return True


def miscalculated(files: Files, name: str) -> Iterator[Files]:
    """Yield results in which another number of a file has another first digit."""
    head, end, text = files[name].decode().partition("\n")
    for found in re.finditer(r"(?<![\w.])\d(?=[\d.]*)", text):
        digit = str((int(found[0]) + 1) % 10)
        changed = text[: found.start()] + digit + text[found.end() :]
        yield {**files, name: (head + end + changed).encode()}


def miscalculating(files: Files) -> Files:
    """Return a result as the mutant `miscalculates` makes it: one number in a hundred is another."""
    return {name: _miscalculating(content) for name, content in files.items()}


def _miscalculating(content: bytes) -> bytes:
    head, end, text = content.partition(b"\n")
    spots = list(re.finditer(rb"(?<![\w.])\d(?=[\d.]*)", text))[49::100]
    for found in spots:
        digit = b"%d" % ((int(found[0]) + 1) % 10)
        text = text[: found.start()] + digit + text[found.end() :]
    return head + end + text


def refuses_what_is_damaged(field: Field, name: str) -> None:
    """See that a file that is missing, empty, or cut off is told."""
    files = stored(field, "right")
    whole = files[name]
    with pytest.raises(WrongResult, match="is missing"):
        field.check({key: value for key, value in files.items() if key != name})
    for part in (b"", whole[: len(whole) // 2], whole[:40], b"\xff\x00" * 20):
        with pytest.raises(WrongResult):
            field.check({**files, name: part})
