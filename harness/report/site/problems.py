"""What fails at a site, as its administrator needs it: each problem once, whatever routes it is met on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.conformance.changes import BROKEN, EXCUSED
from harness.conformance.statement import ScenarioStatement
from harness.conformance.verdicts import Verdict
from harness.report.findings import Finding, explaining
from harness.report.site import cure, evidence
from harness.report.site.night import Night


@dataclass(frozen=True)
class Problem:
    """A failure of a site's software, or of the way to it."""

    title: str
    """The finding's title, or the rule that does not hold."""
    verdict: Verdict
    """The worst."""
    requirements: Sequence[str]
    routes: Sequence[str]
    scenario: ScenarioStatement
    """The worst of those that show it."""
    cure: dict[str, Any]
    """Findings, owners, software, since when, and entries of the list of known deviations."""
    curl: str
    """The failed request as a curl command; empty where it was none, or it is withheld."""


def own(night: Night, site: str, findings: Sequence[Finding]) -> dict[str, list[Problem]]:
    """Return software -> what fails by it for the site's own users too."""
    return _by_software(night, night.to_mend.get(site, ()), findings)


def of_visitors(night: Night, site: str, findings: Sequence[Finding]) -> dict[str, list[Problem]]:
    """Return software -> what fails at the site for others, and for which no site is responsible."""
    cells = (one for one in night.at_site.get(site, ()) if not one.responsible)
    return _by_software(night, cells, findings)


def _by_software(
    night: Night, cells: Iterable[ScenarioStatement], findings: Sequence[Finding]
) -> dict[str, list[Problem]]:
    """Group failures by software and problem, the worst first."""
    found: dict[tuple[str, str], list[ScenarioStatement]] = {}
    for cell in cells:
        if cell.verdict in BROKEN | EXCUSED:
            told = explaining(cell, findings)
            name = told.id if told else cell.test_name.partition("[")[0]
            found.setdefault((cell.implementation, name), []).append(cell)
    made: dict[str, list[Problem]] = {}
    for listed in found.values():
        one = _problem(night, sorted(listed, key=lambda cell: -cell.verdict.rank), findings)
        made.setdefault(one.cure["software"], []).append(one)
    for problems in made.values():
        problems.sort(key=lambda one: (-one.verdict.rank, one.requirements))
    return dict(sorted(made.items()))


def _problem(
    night: Night, cells: Sequence[ScenarioStatement], findings: Sequence[Finding]
) -> Problem:
    worst = cells[0]
    seen = evidence.read(night.folder, worst.evidence[-1]) if worst.evidence else None
    words = cure.words(night, worst, seen, findings)["cure"]
    told = words["findings"]
    step = seen.failed[-1] if seen and seen.failed else None
    return Problem(
        title=told[0].title if told else f"Does not hold: {worst.title}",
        verdict=worst.verdict,
        requirements=list(dict.fromkeys(id_ for cell in cells for id_ in cell.requirements)),
        routes=list(dict.fromkeys(cell.route for cell in cells)),
        scenario=worst,
        cure=words,
        curl=step.curl if step and not words["withheld"] else "",
    )
