"""The operational level agreement: who promises which service levels, and whom to ask.

It stands in `agreement.yaml` beside an inventory's `hosts.yml`. The shape is that of EGI's Resource
Centre OLA: targets of a month for a site, and the months below which suspend it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from harness.conformance import beside, document, framework
from harness.conformance.document import Document
from harness.errors import BadInput
from harness.model import Record, ServiceType, Testbed

FILE = beside.AGREEMENT
KEY = "agreement"

Percent = Annotated[float, Field(ge=0, le=100)]


class AgreementError(BadInput):
    """The agreement is broken; names the file, the line, and what is wrong."""


class Contact(Record):
    """Whom to ask or to tell."""

    name: str = Field(min_length=1)
    email: str = Field(pattern=r"^\S+@\S+$")


class Party(Record):
    """An infrastructure, or a site that is held to the targets."""

    infrastructure: str | None = None
    site: str | None = None
    role: str = Field(min_length=1)
    contacts: tuple[Contact, ...] = Field(min_length=1)
    services: tuple[ServiceType, ...] = ()
    """Of a site: the types that the agreement is about; every one that it offers where empty."""

    @model_validator(mode="after")
    def _is_one(self) -> Party:
        if (self.infrastructure is None) == (self.site is None):
            raise ValueError("a party is an `infrastructure` or a `site`: name exactly one")
        if self.services and self.site is None:
            raise ValueError("`services` belong to a site; remove them from the infrastructure")
        return self


class Validity(Record):
    """The days on which the agreement is in force, both included."""

    model_config = ConfigDict(populate_by_name=True)

    since: dt.date = Field(alias="from")
    until: dt.date

    @model_validator(mode="after")
    def _lasts(self) -> Validity:
        if self.until < self.since:
            raise ValueError(f"it ends on {self.until}, before or on its start, {self.since}")
        return self


class Targets(Record):
    """What a month must reach, in per cent."""

    availability: Percent
    """At least."""
    reliability: Percent
    """At least."""
    unknown: Percent
    """At most: the share of the time about which nothing is known."""


class Override(Record):
    """Targets of a service type; what is None is as for the site."""

    availability: Percent | None = None
    reliability: Percent | None = None
    unknown: Percent | None = None


class TargetsOfAll(Record):
    """Targets of every site that is a party, and of its services."""

    site: Targets
    services: dict[ServiceType, Override] = Field(default_factory=dict)
    """Of service types that have targets of their own."""


class Suspension(Record):
    """A site whose availability stays below this for so many months is to be suspended.

    The defaults are those of EGI (Resource Centre OLA; PROC04).
    """

    availability: Percent = 80
    months: int = Field(default=3, ge=1)


class Agreement(Record):
    """What the file says."""

    title: str = Field(min_length=1)
    link: str | None = Field(default=None, pattern=r"^https?://\S+$")
    valid: Validity
    parties: tuple[Party, ...] = Field(min_length=1)
    targets: TargetsOfAll
    suspension: Suspension = Suspension()
    policies: tuple[str, ...] = ()
    """Names of the policies that the parties adopt (`framework`)."""

    def holds(self, site: str, service: ServiceType | None = None) -> bool:
        """Tell whether a site is a party, and the agreement is about that service type of it."""
        return any(
            party.site == site and (not (service and party.services) or service in party.services)
            for party in self.parties
        )

    def targets_of(self, site: str, service: ServiceType | None = None) -> Targets | None:
        """Return the targets of a site, or of one of its service types; None where it has none."""
        if not self.holds(site, service):
            return None
        if service is None or service not in self.targets.services:
            return self.targets.site
        own = self.targets.services[service].model_dump(exclude_none=True)
        return self.targets.site.model_copy(update=own)

    def in_force(self, first: dt.date, last: dt.date) -> bool:
        """Tell whether it was in force on one of these days at least."""
        return self.valid.since <= last and first <= self.valid.until


class _File(Record):
    agreement: Agreement


def load(
    path: Path, testbed: Testbed, *, policies: Sequence[str] | None = None
) -> Agreement | None:
    """Read the agreement; check that its parties, services and policies are there. None without a file.

    Parameters
    ----------
    policies
        names of the policies that can be adopted; those of today where None.

    Raises
    ------
    AgreementError
        naming file and line of each fault, and what is wrong there.
    """
    if not document.is_there(path):
        return None
    content = document.read(path, AgreementError)
    found = content.validated(_File, AgreementError).agreement
    known = framework.names() if policies is None else policies
    faults = [*_faults(found, content, testbed), *_unknown_policies(found, content, known)]
    if faults:
        raise AgreementError("\n".join(faults))
    return found


def _faults(agreement: Agreement, content: Document, testbed: Testbed) -> Iterator[str]:
    """Tell what names nothing of the testbed."""
    offered = {site.name: {service.type for service in site.services} for site in testbed.sites}
    infrastructures = [infrastructure.name for infrastructure in testbed.infrastructures]
    seen: dict[str, str] = {}
    for number, party in enumerate(agreement.parties):
        place = content.place(KEY, "parties", number)
        name = f"{party.infrastructure or party.site}"
        known = offered if party.site else infrastructures
        if name not in known:
            what = "site" if party.site else "infrastructure"
            yield f"{place}: {document.unknown(what, name, known)}"
        elif name in seen:
            yield f"{place}: {name} is already a party, at {seen[name]}."
        elif strange := sorted(set(party.services) - offered.get(name, set())):
            yield f"{place}: {name}: {document.unknown('service', strange[0], offered[name])}"
        seen.setdefault(name, place)
    if not any(party.site for party in agreement.parties):
        yield f"{content.place(KEY, 'parties')}: no party is a site, so no target applies to anybody."
    held = {service for site in seen for service in offered.get(site, ())}
    for service in agreement.targets.services:
        if service not in held:
            place = content.place(KEY, "targets", "services", service)
            yield f"{place}: no site of a party: {document.unknown('service', service, held)}"


def _unknown_policies(
    agreement: Agreement, content: Document, known: Sequence[str]
) -> Iterator[str]:
    """Tell what names no policy, and what is named twice."""
    for number, name in enumerate(agreement.policies):
        place = content.place(KEY, "policies", number)
        if name not in known:
            yield f"{place}: {document.unknown('policy', name, known)}"
        elif name in agreement.policies[:number]:
            yield f"{place}: the policy {name!r} appears twice."
