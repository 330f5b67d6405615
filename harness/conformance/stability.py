"""How steady verdicts are over the nights: what flips, and since when a verdict stands."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from harness.conformance.changes import SILENT
from harness.conformance.history import ABSENT, Grid, Night


@dataclass(frozen=True)
class Flake:
    """A scenario whose verdict flips: it changes for one night, and the night after it is back."""

    scenario: str
    flips: int
    """On all routes."""
    nights: int
    """Nights on all routes."""

    @property
    def rate(self) -> float:
        """Flips by nights, 0 to 1."""
        return self.flips / self.nights


_SILENT = {ord(verdict.letter): None for verdict in SILENT} | {ord(ABSENT): None}


def flips(strip: str) -> int:
    """Return how often a verdict differs from the nights before and after it, which agree.

    Nights that decided nothing are passed over: an ill host is no unsteady scenario.
    """
    seen = strip.translate(_SILENT)
    return sum(
        before == after != now for before, now, after in zip(seen, seen[1:], seen[2:], strict=False)
    )


def flakes(grid: Grid) -> list[Flake]:
    """Return the scenarios that flip, the worst first."""
    counted: dict[str, tuple[int, int]] = {}
    for kind, name, route in grid.cells:
        if kind == "scenario":
            strip = grid.strip(kind, name, route)
            so_far, nights = counted.get(name, (0, 0))
            counted[name] = so_far + flips(strip), nights + len(strip.replace(ABSENT, ""))
    found = [Flake(name, flipped, nights) for name, (flipped, nights) in counted.items() if flipped]
    return sorted(found, key=lambda one: (-one.rate, one.scenario))


@dataclass(frozen=True)
class Standing:
    """Since when a verdict stands as it is."""

    first: Night
    """The first night that had the cell."""
    since: Night
    """The first night of those that agree with the last one."""
    last: Night


def standing(grid: Grid, strip: str) -> Standing | None:
    """Return since when a cell's last verdict stands; None where no night had it."""
    seen = [
        (night, letter)
        for night, letter in zip(grid.nights, strip, strict=True)
        if letter != ABSENT
    ]
    if not seen:
        return None
    letter = seen[-1][1]
    agreeing = list(takewhile(lambda pair: pair[1] == letter, reversed(seen)))
    return Standing(first=seen[0][0], since=agreeing[-1][0], last=seen[-1][0])


def lasts(strip: str, letters: str) -> int:
    """Return in how many nights in a row, up to the last, a cell had one of these letters."""
    return sum(1 for _ in takewhile(lambda letter: letter in letters, reversed(strip)))
