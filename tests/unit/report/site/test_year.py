"""The year day by day."""

from __future__ import annotations

from harness.conformance.history import Night
from harness.report.site import year
from harness.report.site.recent import Counted


def counted(day: str, **counts: int) -> Counted:
    night = Night(f"{day.replace('-', '')}T011500Z-00aa", f"{day}T01:15:00+00:00", "unit", 0)
    return Counted(night, counts)


def test_a_day_is_as_deep_as_it_is_bad_beside_the_worst() -> None:
    found = year.months(
        [counted("2026-01-01"), counted("2026-01-02", S=1), counted("2026-01-03", D=8, I=2)]
    )
    days = found[-1].days
    assert [(day.letter, day.level) for day in days[:3] if day] == [("C", 0), ("S", 1), ("D", 4)]
    assert days[3] is None


def test_twelve_months_end_with_that_of_the_last_night() -> None:
    found = year.months([counted("2024-06-01", D=9), counted("2026-02-28", I=1)])
    assert [found[0].name, found[-1].name, len(found)] == ["2025-03", "2026-02", 12]
    assert len(found[-1].days) == 28
    assert [day.letter for month in found for day in month.days if day] == ["I"]


def test_known_deviations_do_not_colour_a_day() -> None:
    (day,) = (d for d in year.months([counted("2026-01-01", K=5)])[-1].days if d)
    assert (day.letter, day.level) == ("C", 0)


def test_of_several_nights_of_a_day_the_worst_is_shown() -> None:
    (day,) = (
        d
        for d in year.months([counted("2026-01-01", D=2), counted("2026-01-01", C=1)])[-1].days
        if d
    )
    assert day.counted.bad == 2
