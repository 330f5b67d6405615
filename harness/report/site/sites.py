"""What the page of a site shows: its services, what it has to mend, and what was measured there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.conformance.availability import Status
from harness.conformance.history import ABSENT
from harness.conformance.ola import Line
from harness.conformance.outcomes import Measurement
from harness.conformance.statement import ScenarioStatement, ServiceStatement
from harness.report.findings import Finding
from harness.report.site import owners, plots, problems
from harness.report.site.groups import FAILING, Group, group_of
from harness.report.site.night import RECENT, Night
from harness.report.site.reasons import why

_PLOTS = 40
"""Plots of a page."""
_LETTERS = {Status.OK: "C", Status.CRITICAL: "D", Status.UNKNOWN: "N"}
_MONTHS = 6
"""Months of service levels that a site's page shows."""


def names(night: Night) -> list[str]:
    """Return the sites to which the night's routes lead."""
    return list(dict.fromkeys(route.site for route in night.statement.routes))


def listed(night: Night) -> list[dict[str, Any]]:
    """Return all sites, with how many requirements fail there and why: those that fail come first."""
    counts: dict[str, dict[Group, set[str]]] = {}
    sites = {route.id: route.site for route in night.statement.routes}
    for one in night.statement.requirements:
        group = group_of(one)
        if group in FAILING or group is Group.UNDECIDED:
            site = one.responsible or sites.get(one.route, "")
            counts.setdefault(site, {}).setdefault(group, set()).add(one.id)
    services: dict[str, list[ServiceStatement]] = {}
    for service in night.statement.services:
        services.setdefault(service.site, []).append(service)
    found = [
        {
            "site": route.site,
            "infrastructure": night.statement.infrastructures.get(route.resource, route.resource),
            "services": services.get(route.site, []),
            "groups": [
                (group, len(ids)) for group in Group if (ids := _of(counts, route.site, group))
            ],
        }
        for route in {one.site: one for one in night.statement.routes}.values()
    ]
    groups = list(Group)
    return sorted(
        found, key=lambda one: [(groups.index(g), -n) for g, n in one["groups"]] or [(9, 0)]
    )


def _of(counts: dict[str, dict[Group, set[str]]], site: str, group: Group) -> set[str]:
    return counts.get(site, {}).get(group, set())


def words(night: Night, site: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return what the template of a site's page needs."""
    statement = night.statement
    services = [one for one in statement.services if one.site == site]
    return {
        "site": site,
        "infrastructure": next(r.resource for r in statement.routes if r.site == site),
        "profiles": sorted({one.token_profile for one in services} - {""}),
        "contact": owners.owner(night, site),
        "services": [(one, _strip(night, one)) for one in services],
        "implementations": {one.endpoint: one.implementation for one in services},
        "levels": _levels(night, site),
        "measured": _measured(night, site),
        "plots": plots.plots(night, site)[:_PLOTS],
        "repairs": problems.own(night, site, findings),
        "visitors": problems.of_visitors(night, site, findings),
        "undecided": [
            (one, why(night, one.id, one.route)) for one in night.undecided.get(site, ())
        ],
    }


def _strip(night: Night, service: ServiceStatement) -> str:
    """Return how a service was in the last nights: C ok, D critical, N nothing was asked of it."""
    key = (service.site, service.type, service.endpoint)
    found = night.samples.get(key, night.samples.get(service.endpoint, ()))
    seen = {one.time: _LETTERS.get(one.status, ABSENT) for one in found}
    return "".join(seen.get(one.began, ABSENT) for one in night.grid.nights[-RECENT:])


def _levels(night: Night, site: str) -> list[tuple[str, Line]]:
    """Return the site's line of the last months, newest first."""
    return [
        (str(month.month), line)
        for month in night.months[:_MONTHS]
        for line in month.sites
        if line.subject.site == site
    ]


def _measured(night: Night, site: str) -> list[tuple[Measurement, ScenarioStatement]]:
    """Return the figures found at a site, of several routes the longest, with their cells."""
    longest: dict[tuple[str, str, str], tuple[Measurement, ScenarioStatement]] = {}
    for cell in night.at_site.get(site, ()):
        for one in cell.measurements:
            key = (one.what, one.service, one.detail)
            if key not in longest or longest[key][0].seconds < one.seconds:
                longest[key] = (one, cell)
    return [longest[key] for key in sorted(longest)]
