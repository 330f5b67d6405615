"""A night of a testbed with many infrastructures or many sites, and the pages that grow with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.conformance import framework
from harness.conformance.catalogue import Requirement
from harness.conformance.runs import RunRoute
from harness.conformance.verdicts import Origin, Verdict
from harness.report.site.matrix import Matrix
from harness.report.site.night import Night
from harness.report.site.pages import Pages
from tests.unit.statements import CATALOGUE, Judged, night, routes, statement

# The page of a use case needs the scenarios, which this night leaves out.
ASKED = [one for one in CATALOGUE if one.in_scope and not one.unshown and one.family != "SCI"]
TWELVE = {f"infra{n:02}": [f"INFRA{n:02}-SITE"] for n in range(12)}
HUNDREDS = {f"infra{n}": [f"INFRA{n}-SITE{m:03}" for m in range(100)] for n in range(3)}


def mixed(one: Requirement, way: RunRoute) -> Judged:
    """Return a night in which every seventh verdict is another one."""
    number = sum(map(ord, one.id + way.id))
    found = (Verdict.DEVIATION, Verdict.WARNING, Verdict.KNOWN_DEVIATION, Verdict.INCONCLUSIVE)
    verdict = found[number // 7 % 4] if number % 7 == 0 else Verdict.CONFORMANT
    origin = Origin.RESOURCE if way.control else Origin.CROSSING
    return verdict, origin if verdict is not Verdict.CONFORMANT else None


def large_night(folder: Path, sites: Mapping[str, Iterable[str]]) -> Night:
    """Return a night of all requirements on all routes, whose framework is adopted too."""
    made = statement("20260101T011500Z-00aa", ASKED, routes(sites), mixed, with_scenarios=False)
    return dataclasses.replace(night(folder, made), policies=framework.load(CATALOGUE))


def pages_of(seen: Night) -> Mapping[str, str]:
    """Return the pages that tell of all routes, of all requirements, or of all sites."""
    pages = Pages(seen, titles={})
    # The pages of single routes are alike.
    below = sorted(Matrix(seen).below(), key=lambda one: -len(one.routes))
    made = dict(page for one in below[:2] + below[-1:] for page in pages._way(one))
    made |= dict([*pages._grid(), *pages._front(), pages._nights(), pages._exceptions()])
    made |= dict(pages._framework())
    made |= dict([pages._requirement(one) for one in seen.requirements[:3]])
    return made
