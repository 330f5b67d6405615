"""The report of a month: availability and reliability of sites and services, held against the agreement.

Its lines follow ARGO's topology: endpoints of one service type stand in for each other (OR), and a
site needs all of its types (AND). The agreement has targets for sites and types; an endpoint's figures
say where the time was lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from harness.conformance import availability
from harness.conformance.agreement import Agreement, Targets
from harness.conformance.availability import (
    Figures,
    Month,
    Period,
    Sample,
    ServiceKey,
    Timeline,
)
from harness.conformance.downtimes import Downtime
from harness.model import Service, ServiceType


class Result(StrEnum):
    """A figure held against its target."""

    MET = "met"
    MISSED = "missed"
    NO_DATA = "no data"
    """The figure cannot be told, so nobody knows."""


@dataclass(frozen=True, order=True)
class Subject:
    """What a line is about: a site, a service type there, or one endpoint of the type."""

    site: str
    service: ServiceType | None = None
    endpoint: str | None = None


@dataclass(frozen=True)
class Line:
    """The month of a site, a service type or an endpoint."""

    subject: Subject
    figures: Figures
    targets: Targets | None
    """None of endpoints, of what the agreement is not about, and while it is not in force."""
    months_below: int
    """Whole months in a row, up to this one, with an availability that leads to suspension."""
    suspension: bool
    """True of a site that the agreement would now suspend (OLA-007)."""

    @property
    def availability(self) -> Result | None:
        """Held against the target; None without one."""
        if self.targets is None:
            return None
        return _at_least(self.figures.availability, self.targets.availability)

    @property
    def reliability(self) -> Result | None:
        """Held against the target; None without one."""
        if self.targets is None:
            return None
        return _at_least(self.figures.reliability, self.targets.reliability)

    @property
    def unknown(self) -> Result | None:
        """The share of the time that is unknown, held against the most that is allowed."""
        if self.targets is None:
            return None
        share = self.figures.unknown_share
        if share is None:
            return Result.NO_DATA
        return Result.MET if share <= self.targets.unknown else Result.MISSED

    @property
    def result(self) -> Result | None:
        """All of it: missed where a figure is; no data where none is told, or too much is unknown."""
        if self.targets is None or self.availability is Result.NO_DATA:
            return self.availability
        if Result.MISSED in (self.availability, self.reliability):
            return Result.MISSED
        return Result.NO_DATA if self.unknown is Result.MISSED else Result.MET

    @property
    def unwatched(self) -> bool:
        """Whether nothing can be told for want of data: too much of the time is unknown."""
        return self.result is Result.NO_DATA and self.unknown is Result.MISSED


def _at_least(figure: float | None, target: float) -> Result:
    if figure is None:
        return Result.NO_DATA
    return Result.MET if figure >= target else Result.MISSED


@dataclass(frozen=True)
class MonthlyReport:
    """A month of all sites."""

    month: Month
    period: Period
    """What of the month had passed."""
    complete: bool
    """False of a month that is under way."""
    agreement: Agreement | None
    """The one that was in force."""
    lines: tuple[Line, ...]
    """Each site, followed by its service types, each followed by its endpoints."""

    @property
    def sites(self) -> tuple[Line, ...]:
        """The lines of whole sites."""
        return tuple(line for line in self.lines if line.subject.service is None)

    def services(self, site: str) -> tuple[Line, ...]:
        """Return the lines of a site's service types."""
        return tuple(
            line
            for line in self.lines
            if line.subject.site == site and line.subject.service and not line.subject.endpoint
        )

    def endpoints(self, site: str, service: ServiceType) -> tuple[Line, ...]:
        """Return the lines of a type's endpoints."""
        return tuple(
            line
            for line in self.lines
            if (line.subject.site, line.subject.service) == (site, service)
            and line.subject.endpoint
        )


def report(
    agreement: Agreement | None,
    samples: Mapping[ServiceKey, Sequence[Sample]],
    downtimes: Iterable[Downtime],
    month: Month,
    *,
    services: Iterable[Service],
    now: dt.datetime,
    max_age: dt.timedelta = availability.DAY,
) -> MonthlyReport:
    """Report a month; of one that is under way, what has passed.

    Parameters
    ----------
    samples
        by their service, with those of former months: the months below are counted from them. Nights of
        former versions know a service by its endpoint alone. A service without samples is unknown;
        samples of no service are left out.
    services
        those of the testbed.
    now
        in UTC.
    max_age
        after which a status no longer holds.
    """
    topology = _Topology(tuple(services), agreement)
    listed = tuple(downtimes)

    @cache
    def figures(one: Month) -> dict[Subject, Figures]:
        lines = {
            key_of(service): availability.timeline(
                _samples_of(service, samples),
                one.period.until(now),
                downtimes=[downtime for downtime in listed if downtime.affects(service)],
                max_age=max_age,
            )
            for service in topology.services
        }
        return {subject: availability.figures(line) for subject, line in topology.fold(lines)}

    def in_force(one: Month) -> Agreement | None:
        return agreement if agreement and agreement.in_force(one.first, one.last) else None

    def months_below(subject: Subject) -> int:
        one, count = (month if complete else month.previous), 0
        while held := in_force(one):
            seen = figures(one)[subject].availability
            if seen is None or seen >= held.suspension.availability:
                break
            one, count = one.previous, count + 1
        return count

    complete = now >= month.period.end
    current = in_force(month)
    lines = []
    for subject, found in figures(month).items():
        targets = None
        if current and not subject.endpoint:
            targets = current.targets_of(subject.site, subject.service)
        below = months_below(subject) if targets else 0
        enough = current is not None and below >= current.suspension.months
        lines.append(Line(subject, found, targets, below, enough and subject.service is None))
    return MonthlyReport(month, month.period.until(now), complete, current, tuple(lines))


def key_of(service: Service) -> ServiceKey:
    """Return what tells a service from all others: sites may share an endpoint."""
    return service.site, service.type, service.endpoint


def _samples_of(
    service: Service, samples: Mapping[ServiceKey, Sequence[Sample]]
) -> Sequence[Sample]:
    own, by_endpoint = samples.get(key_of(service), ()), samples.get(service.endpoint, ())
    return sorted((*by_endpoint, *own), key=lambda one: one.time) if by_endpoint else own


@dataclass(frozen=True)
class _Topology:
    """Which endpoints make a service, and which services make a site."""

    services: tuple[Service, ...]
    agreement: Agreement | None

    def fold(self, lines: Mapping[ServiceKey, Timeline]) -> Iterator[tuple[Subject, Timeline]]:
        """Return the timelines of sites, types and endpoints, from those of the endpoints."""
        for site in dict.fromkeys(service.site for service in self.services):
            offered = [service for service in self.services if service.site == site]
            types = dict.fromkeys(service.type for service in offered)
            endpoints = {
                type_: {one.endpoint: lines[key_of(one)] for one in offered if one.type == type_}
                for type_ in types
            }
            whole = {
                type_: availability.combined(list(of_type.values()), availability.any_of)
                for type_, of_type in endpoints.items()
            }
            counted = [whole[type_] for type_ in types if self._counts(site, type_)]
            yield Subject(site), availability.combined(counted, availability.all_of)
            for type_ in types:
                yield Subject(site, type_), whole[type_]
                for endpoint, line in endpoints[type_].items():
                    yield Subject(site, type_, endpoint), line

    def _counts(self, site: str, service: ServiceType) -> bool:
        """Tell whether a type makes part of the site's figures: all do but where a party chooses."""
        return (
            self.agreement is None
            or not self.agreement.holds(site)
            or self.agreement.holds(site, service)
        )
