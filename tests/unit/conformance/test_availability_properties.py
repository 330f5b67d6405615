"""What holds of the figures whatever was sampled and declared, tried on made-up months of all kinds."""

from __future__ import annotations

import datetime as dt
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.conformance.availability import (
    Month,
    Period,
    Rule,
    Sample,
    Status,
    Timeline,
    all_of,
    any_of,
    combined,
    figures,
    timeline,
)
from harness.conformance.downtimes import Downtime

MONTH = Month(2026, 11)
PERIOD = MONTH.period
HOUR = dt.timedelta(hours=1)

# Coarse, so that times coincide.
times = st.integers(-48, 31 * 24).map(lambda hour: PERIOD.start + hour * HOUR)
sampled = [status for status in Status if status is not Status.DOWNTIME]
samples = st.lists(st.builds(Sample, times, st.sampled_from(sampled)), max_size=12)


@st.composite
def downtimes(draw: st.DrawFn, severity: str | None = None) -> Downtime:
    start = draw(times)
    return Downtime(
        severity=severity or draw(st.sampled_from(["outage", "outage", "at-risk"])),
        site="EGI-TWIN",
        services=("all",),
        declared=start - draw(st.integers(-48, 72)) * HOUR,
        start=start,
        end=start + draw(st.integers(1, 200)) * HOUR,
        description="a disk is replaced",
    )


declared = st.lists(downtimes(), max_size=4)
periods = st.one_of(
    st.just(PERIOD),
    times.map(PERIOD.until),
    st.integers(0, 29).map(lambda day: Period.of_day(MONTH.first + dt.timedelta(days=day))),
)


@given(samples, declared, periods)
def test_a_timeline_fills_its_period_without_gap(
    seen: list[Sample], outages: list[Downtime], period: Period
) -> None:
    line = timeline(seen, period, downtimes=outages)
    assert [one.end for one in line[:-1]] == [one.start for one in line[1:]]
    assert all(one.start < one.end for one in line)
    assert all(one.status is not two.status for one, two in pairwise(line))
    if period.start < period.end:
        assert (line[0].start, line[-1].end) == (period.start, period.end)
    assert figures(line).total == period.end - period.start


@given(samples, declared, periods)
def test_figures_are_shares(seen: list[Sample], outages: list[Downtime], period: Period) -> None:
    found = figures(timeline(seen, period, downtimes=outages))
    for share in (found.availability, found.reliability, found.unknown_share):
        assert share is None or 0 <= share <= 100
    if found.reliability is not None:
        assert found.availability is not None
        assert found.availability <= found.reliability
    if not found.scheduled:
        assert found.availability == found.reliability


@given(samples, declared, periods, st.randoms(use_true_random=False))
def test_the_order_of_samples_does_not_matter(
    seen: list[Sample], outages: list[Downtime], period: Period, dice: random.Random
) -> None:
    mixed = list(seen)
    dice.shuffle(mixed)
    assert timeline(mixed, period, downtimes=outages) == timeline(seen, period, downtimes=outages)


@given(samples, declared)
def test_a_month_is_the_sum_of_its_days(seen: list[Sample], outages: list[Downtime]) -> None:
    days = [
        figures(timeline(seen, Period.of_day(MONTH.first + dt.timedelta(day)), downtimes=outages))
        for day in range(30)
    ]
    month = figures(timeline(seen, PERIOD, downtimes=outages))
    for name in ("up", "down", "unknown", "scheduled"):
        assert getattr(month, name) == sum((getattr(day, name) for day in days), dt.timedelta())


@given(samples, declared, downtimes(severity="at-risk"))
def test_at_risk_changes_nothing(
    seen: list[Sample], outages: list[Downtime], risk: Downtime
) -> None:
    assert timeline(seen, PERIOD, downtimes=[*outages, risk]) == timeline(
        seen, PERIOD, downtimes=outages
    )


@given(samples, declared, downtimes(severity="outage"))
def test_an_outage_never_makes_more_time_up(
    seen: list[Sample], outages: list[Downtime], more: Downtime
) -> None:
    before = figures(timeline(seen, PERIOD, downtimes=outages))
    after = figures(timeline(seen, PERIOD, downtimes=[*outages, more]))
    assert after.up <= before.up
    assert after.unknown <= before.unknown
    if not more.is_scheduled:
        assert after.scheduled == before.scheduled


@given(samples, declared, st.integers(1, 72))
def test_an_older_age_leaves_less_unknown_or_as_much(
    seen: list[Sample], outages: list[Downtime], hours: int
) -> None:
    def missing(age: int) -> dt.timedelta:
        line = timeline(seen, PERIOD, downtimes=outages, max_age=age * HOUR)
        return sum(
            (one.end - one.start for one in line if one.status is Status.MISSING), dt.timedelta()
        )

    assert missing(hours + 1) <= missing(hours)


lines = st.lists(
    st.builds(lambda seen, out: timeline(seen, PERIOD, downtimes=out), samples, declared),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("rule", [any_of, all_of])
@given(found=lines)
def test_combining_fills_the_period_and_heeds_no_order(rule: Rule, found: list[Timeline]) -> None:
    whole = combined(found, rule)
    assert figures(whole).total == PERIOD.end - PERIOD.start
    assert combined(found[::-1], rule) == whole
    assert combined([*found, found[0]], rule) == whole
    assert combined([combined(found[:1], rule), *found[1:]], rule) == whole


def up(line: Timeline) -> dt.timedelta:
    return figures(line).up


@given(lines)
def test_any_is_up_with_the_best_and_all_at_most_with_the_worst(found: list[Timeline]) -> None:
    assert up(combined(found, any_of)) >= max(map(up, found))
    assert up(combined(found, all_of)) <= min(map(up, found))
