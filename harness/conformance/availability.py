"""Availability and reliability by ARGO's arithmetic: from samples of a status to the figures of a month.

    availability = up / (total - unknown)
    reliability  = up / (total - unknown - scheduled downtime)

Sources: ARGO, "A/R results" (https://argoeu.github.io/argo-monitoring/docs/reports/ar); `DIntegrator.java`
and the truth tables `conf/EGI_ops.json` of ARGOeu/argo-compute-engine. ARGO counts samples of five
minutes and averages days; durations, which are counted here, come to the same. All times are UTC.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.conformance.downtimes import Downtime
from harness.errors import BadInput

DAY = dt.timedelta(days=1)


class Status(StrEnum):
    """What is known of a service at a time, in ARGO's words."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    MISSING = "missing"
    """There is no sample, or none that is young enough."""
    DOWNTIME = "downtime"
    """A scheduled outage; no sample has it."""


_OR = tuple(Status(word) for word in "ok warning critical unknown missing downtime".split())
_AND = tuple(Status(word) for word in "ok warning unknown missing downtime critical".split())
"""EGI's truth tables (EGI_ops.json): the first of a row is their OR, the last their AND."""

_UP = frozenset({Status.OK, Status.WARNING})
_UNKNOWN = frozenset({Status.UNKNOWN, Status.MISSING})

Rule = Callable[[Iterable[Status]], Status]


def any_of(statuses: Iterable[Status]) -> Status:
    """Return the status of services that stand in for each other: those of one type at a site."""
    return min(statuses, key=_OR.index)


def all_of(statuses: Iterable[Status]) -> Status:
    """Return the status of services that are needed together: the types of a site."""
    return max(statuses, key=_AND.index)


ServiceKey = tuple[str, str, str] | str
"""What names a service: site, type and endpoint; in nights of former versions the endpoint alone."""


@dataclass(frozen=True)
class Sample:
    """What was seen of a service at a time."""

    time: dt.datetime
    status: Status

    def __post_init__(self) -> None:
        if self.time.utcoffset() != dt.timedelta(0):
            raise ValueError(f"the time of a sample must be in UTC, unlike {self.time}")
        if self.status is Status.DOWNTIME:
            raise ValueError("a downtime is declared, and not sampled")


@dataclass(frozen=True)
class Period:
    """A time from its start until before its end, in UTC."""

    start: dt.datetime
    end: dt.datetime

    @classmethod
    def of_day(cls, day: dt.date) -> Period:
        """Return a whole day."""
        start = dt.datetime.combine(day, dt.time(), dt.UTC)
        return cls(start, start + DAY)

    def until(self, now: dt.datetime) -> Period:
        """Return what of it has passed; nothing of one that lies ahead."""
        return Period(self.start, max(self.start, min(self.end, now)))


@dataclass(frozen=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read a month as people write it: `2026-11`.

        Raises
        ------
        BadInput
            where it is none.
        """
        found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text)
        if not found or found[1] == "0000":
            raise BadInput(f"a month is expected, such as 2026-11, not {text!r}.")
        return cls(int(found[1]), int(found[2]))

    @property
    def first(self) -> dt.date:
        """The first day."""
        return dt.date(self.year, self.number, 1)

    @property
    def last(self) -> dt.date:
        """The last day."""
        return (self.first + 31 * DAY).replace(day=1) - DAY

    @property
    def previous(self) -> Month:
        """The month before."""
        day = self.first - DAY
        return Month(day.year, day.month)

    @property
    def period(self) -> Period:
        """All of it."""
        return Period(Period.of_day(self.first).start, Period.of_day(self.last).end)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


@dataclass(frozen=True)
class Segment:
    """A stretch of time in which a status holds."""

    start: dt.datetime
    end: dt.datetime
    status: Status


Timeline = tuple[Segment, ...]
"""Segments without a gap, in their order; neighbours differ in their status."""


def timeline(
    samples: Iterable[Sample],
    period: Period,
    *,
    downtimes: Iterable[Downtime] = (),
    max_age: dt.timedelta = DAY,
) -> Timeline:
    """Return the status of one service over a period.

    A status holds from its sample until the next, or until it is `max_age` old; samples from before
    the period count too. Of two samples of one time the worse counts. An outage overrides what was
    sampled: a scheduled one is DOWNTIME, another is CRITICAL. Services at risk are as they were sampled.

    Parameters
    ----------
    downtimes
        those that affect the service.
    """
    known = sorted(samples, key=lambda one: (one.time, _AND.index(one.status)))
    times = [sample.time for sample in known]
    outages = [downtime for downtime in downtimes if downtime.is_outage]

    def status(moment: dt.datetime) -> Status:
        lasting = [outage.is_scheduled for outage in outages if outage.covers(moment)]
        if lasting:
            return Status.DOWNTIME if any(lasting) else Status.CRITICAL
        newest = bisect_right(times, moment) - 1
        if newest < 0 or moment - times[newest] >= max_age:
            return Status.MISSING
        return known[newest].status

    cuts = [*times, *(time + max_age for time in times)]
    cuts += (time for outage in outages for time in (outage.start, outage.end))
    return _segments(cuts, period, status)


def combined(timelines: Sequence[Timeline], rule: Rule) -> Timeline:
    """Return the status of several services of one period taken together, by `any_of` or `all_of`."""
    if not timelines or not timelines[0]:
        return ()
    starts = [[segment.start for segment in line] for line in timelines]

    def status(moment: dt.datetime) -> Status:
        return rule(
            line[bisect_right(begun, moment) - 1].status
            for line, begun in zip(timelines, starts, strict=True)
        )

    period = Period(timelines[0][0].start, timelines[0][-1].end)
    return _segments([time for begun in starts for time in begun], period, status)


def _segments(
    cuts: Iterable[dt.datetime], period: Period, status: Callable[[dt.datetime], Status]
) -> Timeline:
    """Return the timeline of a status that changes at these times only."""
    if period.start >= period.end:
        return ()
    inside = {cut for cut in cuts if period.start < cut < period.end}
    found: list[tuple[dt.datetime, Status]] = []
    for moment in (period.start, *sorted(inside)):
        now = status(moment)
        if not found or found[-1][1] is not now:
            found.append((moment, now))
    ends = [start for start, _ in found[1:]] + [period.end]
    return tuple(Segment(start, end, now) for (start, now), end in zip(found, ends, strict=True))


@dataclass(frozen=True)
class Figures:
    """How long a service was what, and what comes of it in per cent."""

    up: dt.timedelta
    """OK, or with a warning."""
    down: dt.timedelta
    """Critical, or in an outage that was not scheduled."""
    unknown: dt.timedelta
    scheduled: dt.timedelta
    """In a scheduled outage."""

    @property
    def total(self) -> dt.timedelta:
        """Length of the period."""
        return self.up + self.down + self.unknown + self.scheduled

    @property
    def availability(self) -> float | None:
        """Per cent of the time that is known; None where nothing is."""
        return percent(self.up, self.total - self.unknown)

    @property
    def reliability(self) -> float | None:
        """Per cent of the known time without scheduled downtime; None where nothing is left."""
        return percent(self.up, self.total - self.unknown - self.scheduled)

    @property
    def unknown_share(self) -> float | None:
        """Per cent of the period about which nothing is known; None where the period is empty."""
        return percent(self.unknown, self.total)


def figures(line: Timeline) -> Figures:
    """Add up a timeline."""

    def length(*statuses: Status) -> dt.timedelta:
        return sum(
            (segment.end - segment.start for segment in line if segment.status in statuses),
            dt.timedelta(),
        )

    return Figures(
        up=length(*_UP),
        down=length(Status.CRITICAL),
        unknown=length(*_UNKNOWN),
        scheduled=length(Status.DOWNTIME),
    )


def percent(part: dt.timedelta, whole: dt.timedelta) -> float | None:
    """Return a share in per cent, rounded half up to two decimals as ARGO does; None of nothing."""
    tick = dt.timedelta(microseconds=1)
    ticks = whole // tick
    if not ticks:
        return None
    return ((part // tick) * 20_000 + ticks) // (2 * ticks) / 100
