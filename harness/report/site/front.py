"""What the front page shows: the state in a sentence, who must act, the map, nights and service levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.conformance.ola import Line, Result
from harness.conformance.statement import ServiceStatement
from harness.report.findings import Finding
from harness.report.site import causes, chart
from harness.report.site.groups import Group
from harness.report.site.headline import headline
from harness.report.site.matrix import Matrix
from harness.report.site.night import RECENT, Night
from harness.report.site.recent import Counted
from harness.translation import Speaker

_ROWS = 25
"""Causes, recoveries and sites that the page lists; the rest is counted, and linked."""


def words(night: Night, matrix: Matrix, counted: Sequence[Counted]) -> dict[str, Any]:
    """Return what the template of the front page needs in any language."""
    recovered = causes.recoveries(night)
    sites = _sites(night)
    return {
        "bar": [(group, ids) for group, ids in night.groups.items() if group is not Group.ABSENT],
        "recoveries": recovered[:_ROWS],
        "more_recoveries": len(recovered[_ROWS:]),
        "upgrades": list(causes.upgrades(night)),
        "chart": chart.chart(night, matrix),
        "directions": [
            tile
            for home in matrix.homes
            for resource in matrix.resources
            if home != resource and (tile := matrix.pair(home, resource))
        ],
        "grid": matrix.grid(),
        "strip": counted[-RECENT:],
        "sites": sites[:_ROWS],
        "more_sites": len(sites[_ROWS:]),
    }


def told(night: Night, findings: Sequence[Finding], tr: Speaker) -> dict[str, Any]:
    """Return what the page says in sentences of a language."""
    needed = causes.causes(night, findings, tr)
    return {
        "headline": headline(night, tr),
        "faults": [causes.unhealthy(one, tr) for one in night.faults],
        "causes": needed[:_ROWS],
        "more_causes": len(needed[_ROWS:]),
    }


def _sites(night: Night) -> list[tuple[str, list[ServiceStatement], Line | None]]:
    """Return each site with its services and its month; those that miss a target or fail come first."""
    lines = {line.subject.site: line for line in (night.months[0].sites if night.months else ())}
    services: dict[str, list[ServiceStatement]] = {}
    for one in night.statement.services:
        services.setdefault(one.site, []).append(one)

    def rank(site: str) -> tuple[bool, bool]:
        line = lines.get(site)
        missed = line is not None and line.result is Result.MISSED
        return not missed, all(one.status != "critical" for one in services[site])

    return [(site, services[site], lines.get(site)) for site in sorted(services, key=rank)]
