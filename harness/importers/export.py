"""What a registry tells, whatever its form: services, downtimes, and what cannot be used and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Service:
    """A service that the testbed can ask, as a source tells of it."""

    key: str
    """By which the source knows it; it stays when the address changes."""
    site: str
    """The site's name, as the source writes it."""
    host: str
    """The host's name, as the source writes it."""
    said: str
    """The service type, as the source writes it."""
    type: str
    endpoint: str
    implementation: str
    more: Mapping[str, Any] = field(default_factory=dict)
    """Other keys of the inventory: `capabilities`, `login`."""


@dataclass(frozen=True)
class Affected:
    """A service that a downtime names, in the source's own words."""

    site: str
    host: str
    type: str


@dataclass(frozen=True)
class Downtime:
    """A downtime, and what it names."""

    key: str
    severity: Literal["outage", "at-risk"]
    affected: frozenset[Affected]
    declared: dt.datetime | None
    """None where the source does not say."""
    start: dt.datetime
    end: dt.datetime
    description: str


@dataclass(frozen=True)
class Remark:
    """Something that a person must know of: what it is about, and what was done and why."""

    what: str
    why: str


@dataclass
class Export:
    """All that was read from one source."""

    source: str
    """Its name: `gocdb`."""
    services: list[Service] = field(default_factory=list)
    downtimes: list[Downtime] = field(default_factory=list)
    left_out: list[Remark] = field(default_factory=list)
    changed: list[Remark] = field(default_factory=list)
    """What is written otherwise than the source has it."""
    whole: bool = True
    """False where it is known to be a part: what it lacks may be there all the same."""

    def leave_out(self, what: str, why: str) -> None:
        """Note what is not written."""
        self.left_out.append(Remark(what, why))

    def change(self, what: str, why: str) -> None:
        """Note what is written otherwise."""
        self.changed.append(Remark(what, why))
