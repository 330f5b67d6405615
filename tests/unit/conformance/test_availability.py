"""Availability and reliability: ARGO's arithmetic, by cases that one can add up by hand."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from harness.conformance.availability import (
    Figures,
    Month,
    Period,
    Sample,
    Segment,
    Status,
    Timeline,
    all_of,
    any_of,
    combined,
    figures,
    percent,
    timeline,
)
from harness.conformance.downtimes import Downtime
from harness.errors import BadInput

MIDNIGHT = dt.datetime(2026, 11, 10, tzinfo=dt.UTC)
DAY = Period.of_day(MIDNIGHT.date())
OK, WARNING, CRITICAL, UNKNOWN, MISSING, DOWNTIME = Status


def at(hour: float) -> dt.datetime:
    return MIDNIGHT + dt.timedelta(hours=hour)


def sampled(*seen: tuple[float, Status]) -> list[Sample]:
    return [Sample(at(hour), status) for hour, status in seen]


def outage(start: float, end: float, *, notice: float = 24, severity: str = "outage") -> Downtime:
    return Downtime(
        severity=severity,
        site="EGI-TWIN",
        services=("all",),
        declared=at(start - notice),
        start=at(start),
        end=at(end),
        description="a disk is replaced",
    )


def hours(line: Timeline) -> list[tuple[float, float, Status]]:
    hour = dt.timedelta(hours=1)
    return [((s.start - MIDNIGHT) / hour, (s.end - MIDNIGHT) / hour, s.status) for s in line]


def added(up: float = 0, down: float = 0, unknown: float = 0, scheduled: float = 0) -> Figures:
    return Figures(*(dt.timedelta(hours=each) for each in (up, down, unknown, scheduled)))


def test_the_formulas() -> None:
    """Availability = up / (total - unknown); reliability without scheduled downtime (OLA-004, 005)."""
    day = added(up=12, down=3, unknown=4, scheduled=5)
    assert day.total == dt.timedelta(hours=24)
    assert day.availability == 60.0
    assert day.reliability == 80.0
    assert day.unknown_share == 16.67


@pytest.mark.parametrize(
    ("day", "availability", "reliability", "unknown"),
    [
        (added(unknown=24), None, None, 100.0),
        (added(scheduled=24), 0.0, None, 0.0),
        (added(scheduled=4, unknown=20), 0.0, None, 83.33),
        (added(), None, None, None),
        (added(down=1, unknown=23), 0.0, 0.0, 95.83),
    ],
)
def test_nothing_is_divided_by_nothing(
    day: Figures,
    availability: float | None,
    reliability: float | None,
    unknown: float | None,
) -> None:
    assert (day.availability, day.reliability, day.unknown_share) == (
        availability,
        reliability,
        unknown,
    )


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [(1, 3, 33.33), (2, 3, 66.67), (1, 20_000, 0.01), (1, 20_001, 0.0), (7, 7, 100.0), (0, 7, 0.0)],
)
def test_per_cent_are_rounded_half_up_to_two_decimals(part: int, whole: int, share: float) -> None:
    second = dt.timedelta(seconds=1)
    assert percent(part * second, whole * second) == share


def test_a_status_holds_until_the_next() -> None:
    line = timeline(sampled((0, OK), (6, CRITICAL), (9, WARNING), (21, UNKNOWN)), DAY)
    assert hours(line) == [(0, 6, OK), (6, 9, CRITICAL), (9, 21, WARNING), (21, 24, UNKNOWN)]
    assert figures(line) == added(up=18, down=3, unknown=3)


def test_a_warning_is_up_and_what_is_missing_is_unknown() -> None:
    assert figures(timeline(sampled((0, WARNING)), DAY)) == added(up=24)
    assert figures(timeline(sampled((0, UNKNOWN), (12, MISSING)), DAY)) == added(unknown=24)


def test_before_the_first_sample_nothing_is_known() -> None:
    assert hours(timeline(sampled((18, OK)), DAY)) == [(0, 18, MISSING), (18, 24, OK)]
    assert hours(timeline([], DAY)) == [(0, 24, MISSING)]


def test_a_sample_of_the_day_before_holds_until_it_is_a_day_old() -> None:
    assert hours(timeline(sampled((-20, OK)), DAY)) == [(0, 4, OK), (4, 24, MISSING)]
    assert hours(timeline(sampled((-24, OK)), DAY)) == [(0, 24, MISSING)]
    older = timeline(sampled((-20, OK)), DAY, max_age=dt.timedelta(hours=30))
    assert hours(older) == [(0, 10, OK), (10, 24, MISSING)]


def test_a_nightly_at_the_same_hour_leaves_no_gap() -> None:
    line = timeline(sampled((-22.75, OK), (1.25, OK)), DAY)
    assert hours(line) == [(0, 24, OK)]


def test_samples_come_in_any_order_and_the_worse_of_one_time_counts() -> None:
    seen = sampled((12, CRITICAL), (0, OK), (12, OK))
    assert hours(timeline(seen, DAY)) == [(0, 12, OK), (12, 24, CRITICAL)]
    assert timeline(reversed(seen), DAY) == timeline(seen, DAY)


@pytest.mark.parametrize(
    ("downtime", "status", "day"),
    [
        (outage(6, 10), DOWNTIME, added(up=20, scheduled=4)),
        (outage(6, 10, notice=23.9), CRITICAL, added(up=20, down=4)),
        (outage(6, 10, notice=-2), CRITICAL, added(up=20, down=4)),
        (outage(6, 10, severity="at-risk"), OK, added(up=24)),
    ],
)
def test_an_outage_overrides_what_was_sampled_and_a_risk_does_not(
    downtime: Downtime, status: Status, day: Figures
) -> None:
    """Scheduled only where declared a day before (OLA-010); at risk changes nothing (OLA-014)."""
    line = timeline(sampled((0, OK)), DAY, downtimes=[downtime])
    assert {one.status for one in line if one.start <= at(7) < one.end} == {status}
    assert figures(line) == day


def test_an_outage_counts_where_nothing_was_sampled_and_within_the_period_only() -> None:
    line = timeline([], DAY, downtimes=[outage(-5, 2), outage(22, 30)])
    assert hours(line) == [(0, 2, DOWNTIME), (2, 22, MISSING), (22, 24, DOWNTIME)]


def test_where_outages_overlap_the_one_that_was_scheduled_counts() -> None:
    line = timeline(sampled((0, OK)), DAY, downtimes=[outage(8, 14, notice=1), outage(6, 10)])
    assert hours(line) == [(0, 6, OK), (6, 10, DOWNTIME), (10, 14, CRITICAL), (14, 24, OK)]


def table(*rows: str) -> dict[frozenset[Status], Status]:
    """Read the upper half of a truth table."""
    letters = dict(zip("OWUMCD", (OK, WARNING, UNKNOWN, MISSING, CRITICAL, DOWNTIME), strict=True))
    return {
        frozenset({letters[row[0]], letters[column]}): letters[cell]
        for row in rows
        for column, cell in zip("OWUMCD"[-len(row.split()[1]) :], row.split()[1], strict=True)
    }


ALL_OF = table("O OWUMCD", "W WUMCD", "U UMCD", "M MCD", "C CC", "D D")
ANY_OF = table("O OOOOOO", "W WWWWW", "U UUCU", "M MCM", "C CC", "D D")
"""EGI's truth tables, as ARGO computes by them (EGI_ops.json): AND and OR."""


@pytest.mark.parametrize(("a", "b"), [*itertools.product(Status, repeat=2)])
def test_statuses_are_combined_by_egis_truth_tables(a: Status, b: Status) -> None:
    assert all_of([a, b]) is ALL_OF[frozenset({a, b})]
    assert any_of([a, b]) is ANY_OF[frozenset({a, b})]


def test_one_endpoint_of_a_type_is_enough_and_every_type_is_needed() -> None:
    first = timeline(sampled((0, OK), (6, CRITICAL)), DAY)
    second = timeline(sampled((0, CRITICAL), (12, OK)), DAY)
    assert hours(combined([first, second], any_of)) == [(0, 6, OK), (6, 12, CRITICAL), (12, 24, OK)]
    assert hours(combined([first, second], all_of)) == [(0, 24, CRITICAL)]
    assert combined([first], all_of) == first
    assert combined([], all_of) == ()


def test_a_period_under_way_ends_now() -> None:
    assert figures(timeline(sampled((0, OK)), DAY.until(at(5)))) == added(up=5)
    assert DAY.until(at(30)) == DAY
    ahead = timeline(sampled((-30, OK)), DAY.until(at(-3)))
    assert ahead == ()
    assert figures(ahead).availability is None


@pytest.mark.parametrize(
    ("text", "days", "before"),
    [("2026-11", 30, "2026-10"), ("2028-02", 29, "2028-01"), ("2027-01", 31, "2026-12")],
)
def test_a_month_is_one_of_the_calendar(text: str, days: int, before: str) -> None:
    month = Month.parse(text)
    assert str(month) == text
    assert month.period.end - month.period.start == dt.timedelta(days=days)
    assert month.previous == Month.parse(before)
    assert month.previous.period.end == month.period.start


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "november", "0000-01", "2026-11-22", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="such as 2026-11"):
        Month.parse(text)


@pytest.mark.parametrize("zone", [None, dt.timezone(dt.timedelta(hours=8))])
def test_samples_are_in_utc(zone: dt.tzinfo | None) -> None:
    with pytest.raises(ValueError, match="in UTC"):
        Sample(dt.datetime(2026, 11, 10, tzinfo=zone), OK)


def test_a_downtime_is_not_sampled() -> None:
    with pytest.raises(ValueError, match="declared"):
        Sample(MIDNIGHT, DOWNTIME)


def test_segments_are_what_a_timeline_is_made_of() -> None:
    assert timeline(sampled((0, OK)), DAY) == (Segment(DAY.start, DAY.end, OK),)
