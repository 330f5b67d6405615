"""Who owns what: contacts of sites and infrastructures, and the software of a service with its version."""

from __future__ import annotations

from dataclasses import dataclass

from harness.conformance.agreement import Contact
from harness.conformance.statement import ScenarioStatement
from harness.conformance.verdicts import Origin
from harness.report.site.night import Night


@dataclass(frozen=True)
class Owner:
    """A site or an infrastructure, and whom to ask there; no contact where the agreement names none."""

    name: str
    contact: Contact | None


def owner(night: Night, name: str) -> Owner:
    """Return a site or an infrastructure by its name, with its first contact.

    A site that is no party of the agreement is answered for by its infrastructure.
    """
    agreed = night.months[0].agreement if night.months else None
    found = {
        party.site or party.infrastructure: party.contacts[0]
        for party in (agreed.parties if agreed else ())
    }
    above = next((r.resource for r in night.statement.routes if r.site == name), "")
    shown = night.statement.infrastructures.get(name, name)
    return Owner(shown, found.get(name) or found.get(above))


def of_failure(night: Night, cell: ScenarioStatement) -> list[Owner]:
    """Return who must act on a failure: the site that is responsible, else both ends of the route."""
    if cell.responsible:
        return [owner(night, cell.responsible)]
    names = [cell.site] if cell.home == cell.resource else [cell.home, cell.site]
    return [owner(night, name) for name in names]


def software(night: Night, cell: ScenarioStatement) -> str:
    """Return the software that failed, with its version; empty where that is not known.

    It is what the scenario tests. Where that says nothing, it is the one service of the responsible site
    that took part.
    """
    implementation, host = cell.implementation, ""
    if implementation:
        host = _host_of(night, cell)
    else:
        took_part = [
            one
            for one in night.statement.services
            if one.site == cell.responsible and one.host in cell.hosts
        ]
        if len({one.implementation for one in took_part}) == 1:
            implementation, host = took_part[0].implementation, took_part[0].host
    plain = _plain(implementation)
    for name, version in night.statement.versions.get(host, {}).items():
        if _plain(name).startswith(plain) or plain.startswith(_plain(name)):
            return f"{name} {version}"
    return implementation


def _host_of(night: Night, cell: ScenarioStatement) -> str:
    """Return the host of the service that failed: for a failure at home, of the home's like service."""
    services = night.statement.services
    if cell.origin is Origin.HOME:
        for one in services:
            if one.site == cell.responsible and one.implementation == cell.implementation:
                return one.host
    for one in services:
        if (one.site, one.endpoint) == (cell.site, cell.service):
            return one.host
    alike = [one for one in services if one.implementation == cell.implementation]
    return next((one.host for one in alike if one.host in cell.hosts), "")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
