"""Downtimes that sites declare, as in the GOCDB: what was announced, when, and for which services.

They stand in `downtimes.yaml` beside an inventory's `hosts.yml`, in UTC. The rules are those of EGI's
MAN02 (service intervention management).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from harness.conformance import beside, document
from harness.conformance.document import Document
from harness.errors import BadInput
from harness.model import Record, Service, Testbed

FILE = beside.DOWNTIMES
KEY = "downtimes"
ALL = "all"
"""In `services`: the whole site."""

NOTICE = dt.timedelta(hours=24)
"""A downtime is scheduled where it was declared at least this long before (MAN02)."""
RETROSPECT = dt.timedelta(hours=48)
"""No downtime may be declared later than this after its start (MAN02)."""


LONGEST = dt.timedelta(days=366)
"""What lasts longer is a slip of the pen, or the end of a site."""
_FIRST_YEAR = 2000
"""No grid site is older."""


class DowntimesError(BadInput):
    """The list of downtimes is broken; names the file, the line, and what is wrong."""


def _utc(value: object) -> object:
    if isinstance(value, str):
        with suppress(ValueError):
            value = dt.datetime.fromisoformat(value)
    # A date, or a number, would pass for a time otherwise.
    if not isinstance(value, dt.datetime) or value.utcoffset() != dt.timedelta(0):
        raise ValueError("a time in UTC is expected, such as 2026-11-22T09:00:00Z")
    if value.year < _FIRST_YEAR:
        raise ValueError(f"no site had a downtime in the year {value.year}")
    return value


Utc = Annotated[dt.datetime, BeforeValidator(_utc)]


class Downtime(Record):
    """A period in which a site declared services to be out of order, or at risk."""

    severity: Literal["outage", "at-risk"]
    site: str
    services: tuple[str, ...] = Field(min_length=1)
    """Service types, hosts, types at a host (`webdav@se.example.org`), or `all`."""
    declared: Utc
    start: Utc
    end: Utc
    description: str = Field(min_length=1)

    @model_validator(mode="after")
    def _follows(self) -> Downtime:
        if self.end <= self.start:
            raise ValueError(f"it ends at {self.end}, before or at its start, {self.start}")
        if self.end - self.start > LONGEST:
            raise ValueError(
                f"it lasts {(self.end - self.start).days} days; a downtime lasts {LONGEST.days} at most"
            )
        if self.declared - self.start > RETROSPECT:
            raise ValueError(
                f"it was declared {self.declared - self.start} after its start; 48 hours is the "
                "maximum (MAN02)"
            )
        return self

    @property
    def is_outage(self) -> bool:
        """False where services were at risk only, which changes no figure."""
        return self.severity == "outage"

    @property
    def is_scheduled(self) -> bool:
        """True where it was declared at least 24 hours before it began."""
        return self.start - self.declared >= NOTICE

    def affects(self, service: Service) -> bool:
        """Tell whether the service is one of those that it names."""
        return self.site == service.site and not _words(service).isdisjoint(self.services)

    def covers(self, time: dt.datetime) -> bool:
        """Tell whether it lasts at a time; it no longer does at its end."""
        return self.start <= time < self.end


def at(type_: str, host: str) -> str:
    """Return the word for the services of one type at a host."""
    return f"{type_}@{host}"


def _words(service: Service) -> set[str]:
    """Return the words that name a service."""
    return {ALL, service.type, service.host, at(service.type, service.host)}


class _File(Record):
    downtimes: tuple[Downtime, ...]


def load(path: Path, testbed: Testbed) -> tuple[Downtime, ...]:
    """Read the downtimes, and check that their sites and services are there; none without a file.

    Raises
    ------
    DowntimesError
        naming file and line of each fault, and what is wrong there.
    """
    if not document.is_there(path):
        return ()
    content = document.read(path, DowntimesError)
    found = content.validated(_File, DowntimesError).downtimes
    if faults := [
        *_faults(found, content, testbed),
        *_twice(found, content),
    ]:
        raise DowntimesError("\n".join(faults))
    return found


def _faults(downtimes: tuple[Downtime, ...], content: Document, testbed: Testbed) -> Iterator[str]:
    """Tell what names nothing of the testbed."""
    sites = {site.name: site.services for site in testbed.sites}
    for number, downtime in enumerate(downtimes):
        if downtime.site not in sites:
            place = content.place(KEY, number, "site")
            yield f"{place}: {document.unknown('site', downtime.site, sites)}"
            continue
        services = sites[downtime.site]
        known = {ALL}.union(*map(_words, services))
        for position, name in enumerate(downtime.services):
            if name not in known:
                place = content.place(KEY, number, "services", position)
                what = f"service type or host of {downtime.site}"
                yield f"{place}: {document.unknown(what, name, known)}"


def _twice(downtimes: tuple[Downtime, ...], content: Document) -> Iterator[str]:
    """Tell what is there twice."""
    seen: dict[tuple[object, ...], str] = {}
    for number, downtime in enumerate(downtimes):
        place = content.place(KEY, number)
        key = (downtime.site, frozenset(downtime.services), downtime.start, downtime.end)
        if key in seen:
            yield f"{place}: the same downtime is already listed at {seen[key]}. Remove one."
        seen.setdefault(key, place)
