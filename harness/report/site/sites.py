"""What the page of a site shows: its services, what was measured there, and what the site has to mend."""

from __future__ import annotations

from typing import Any

from harness.conformance.outcomes import Measurement
from harness.conformance.statement import ScenarioStatement
from harness.conformance.verdicts import Verdict
from harness.report.site.night import Night
from harness.report.site.reasons import why


def names(night: Night) -> list[str]:
    """Return the sites to which the night's routes lead."""
    return list(dict.fromkeys(route.site for route in night.statement.routes))


def words(night: Night, site: str) -> dict[str, Any]:
    """Return what the template of a site's page needs."""
    statement = night.statement
    services = [one for one in statement.services if one.site == site]
    return {
        "site": site,
        "infrastructure": next(r.resource for r in statement.routes if r.site == site),
        "profiles": sorted({one.token_profile for one in services} - {""}),
        "services": services,
        "implementations": {one.endpoint: one.implementation for one in services},
        "measured": _measured(night, site),
        "failing": _to_mend(night, site),
        "undecided": [
            (one, why(night, one.id, one.route)) for one in night.undecided.get(site, ())
        ],
    }


def _to_mend(night: Night, site: str) -> list[tuple[ScenarioStatement, list[str]]]:
    """Return the tests that fail by the site's own software, each once, with their routes."""
    found: dict[tuple[str, str, Verdict], tuple[ScenarioStatement, list[str]]] = {}
    for cell in night.to_mend.get(site, ()):
        key = (cell.test_name, cell.implementation, cell.verdict)
        found.setdefault(key, (cell, []))[1].append(cell.route)
    return sorted(found.values(), key=lambda pair: (-pair[0].verdict.rank, pair[0].scenario))


def _measured(night: Night, site: str) -> list[tuple[Measurement, ScenarioStatement]]:
    """Return the figures found at a site, of several routes the longest, with their cells."""
    longest: dict[tuple[str, str, str], tuple[Measurement, ScenarioStatement]] = {}
    for cell in night.at_site.get(site, ()):
        for one in cell.measurements:
            key = (one.what, one.service, one.detail)
            if key not in longest or longest[key][0].seconds < one.seconds:
                longest[key] = (one, cell)
    return [longest[key] for key in sorted(longest)]
