"""What a job reports that it moved: no client of ours is there when a worker fetches and stores files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from harness.narration import Translate
from harness.science.field import WrongResult
from harness.science.result import Report, Sums, report


@dataclass(frozen=True)
class Move:
    """A file that the worker has fetched from the home storage, or stored there."""

    text: str
    outward: bool
    """Whether it came from home."""
    sums: Sums


def moves(answer: str, tr: Translate) -> Iterator[Move]:
    """Yield what the job moved, where an answer holds its report."""
    told = next(_reports(answer), None)
    if told is None:
        return
    texts = (
        (tr("The job has fetched the software from the user's home, and checked its hash."), True),
        (tr("The job has fetched the input from the user's home, and checked its hash."), True),
        (tr("The job has stored the result at the user's home."), False),
    )
    for (text, outward), sums in zip(texts, (told.bundle, told.input, told.result), strict=True):
        yield Move(text, outward, sums)


def _reports(answer: str) -> Iterator[Report]:
    """Yield the reports in an answer: a command prints more than the job's own output."""
    for line in answer.splitlines():
        if line.startswith("{"):
            with suppress(WrongResult):
                yield report(line)
