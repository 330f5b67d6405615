"""What flips, and since when a verdict stands."""

from __future__ import annotations

import pytest

from harness.conformance import stability
from harness.conformance.history import Grid, Night


def grid(*strips: str) -> Grid:
    nights = tuple(
        Night(f"2026010{n}T000000Z-0000", f"2026-01-0{n}T00:00:00+00:00", "unit", 0)
        for n in range(1, len(strips[0]) + 1)
    )
    columns = tuple("".join(column) for column in zip(*strips, strict=True))
    cells = {("scenario", f"s{n}", "egi:EGI-TWIN"): n for n in range(len(strips))}
    return Grid(nights, columns, cells)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("strip", "flips"),
    [
        ("", 0),
        ("CC", 0),
        ("CDC", 1),
        ("CDDC", 0),
        ("CDCDC", 3),
        ("C C", 0),
        ("CIC", 0),
        ("CIDC", 1),
    ],
)
def test_a_flip_is_one_night_between_two_that_agree(strip: str, flips: int) -> None:
    assert stability.flips(strip) == flips


def test_the_worst_flake_comes_first() -> None:
    found = stability.flakes(grid("CCCCC", "CDCCC", "CDCDC"))
    assert [(one.scenario, one.flips, one.nights) for one in found] == [("s2", 3, 5), ("s1", 1, 5)]
    assert found[1].rate == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("strip", "first", "since"),
    [("CCCC", 1, 1), ("CCDD", 1, 3), (" CDC", 2, 4), ("D   ", 1, 1), (" D D", 2, 2)],
)
def test_a_verdict_stands_since_it_last_changed(strip: str, first: int, since: int) -> None:
    found = stability.standing(grid(strip), strip)
    assert found is not None
    assert (found.first.id[7], found.since.id[7]) == (str(first), str(since))


def test_what_no_night_had_does_not_stand() -> None:
    assert stability.standing(grid("    "), "    ") is None
