"""The last nights: of each, how many requirements were not conformant, and in which way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from harness.conformance.history import ABSENT
from harness.conformance.history import Night as Entry
from harness.conformance.verdicts import Verdict
from harness.report.site.night import Night

_WORST_FIRST = "DSKINWCO"
"""A requirement is counted once, by the first of these that it has on a route; N counts as I.

A failure outranks what could not be judged, as in the sentence of the front page.
"""


@dataclass(frozen=True)
class Counted:
    """A night, and its requirements by the letter of their worst verdict."""

    night: Entry
    counts: Mapping[str, int]

    @property
    def bad(self) -> int:
        """How many are not conformant and on no list."""
        return sum(self.counts.get(letter, 0) for letter in "DSI")


def counted(night: Night) -> Sequence[Counted]:
    """Count the requirements of every night, oldest first."""
    numbers: dict[str, list[int]] = {}
    for (kind, name, _), number in night.grid.cells.items():
        if kind == "requirement":
            numbers.setdefault(name, []).append(number)
    ranks = {letter: rank for rank, letter in enumerate(_WORST_FIRST)}
    height = max(night.grid.cells.values(), default=-1) + 1
    # Of one number, a getter returns a letter, which is a sequence of letters too.
    getters = [itemgetter(*found) for found in numbers.values()]
    made = []
    for entry, column in zip(night.grid.nights, night.grid.columns, strict=True):
        whole = column.ljust(height, ABSENT)
        sets = (set(getter(whole)) - {ABSENT} for getter in getters)
        worst = Counter(min(letters, key=ranks.__getitem__) for letters in sets if letters)
        worst[Verdict.INCONCLUSIVE.letter] += worst.pop(Verdict.NOT_RUN.letter, 0)
        made.append(Counted(entry, worst))
    return made
