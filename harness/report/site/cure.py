"""From a failure to its cure: finding, owner, since when, and the lines of an issue for the maintainers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from harness import routes
from harness.conformance import stability
from harness.conformance.changes import BROKEN, EXCUSED
from harness.conformance.history import Night as Entry
from harness.conformance.statement import ScenarioStatement
from harness.report.findings import Finding
from harness.report.site import exceptions, owners
from harness.report.site.evidence import Evidence
from harness.report.site.night import Night

_FAILING = "".join(one.letter for one in (*BROKEN, *EXCUSED))
_QUOTED = 1500
"""Characters of a request or an answer in the text of an issue."""


def words(
    night: Night, cell: ScenarioStatement, seen: Evidence | None, findings: Sequence[Finding]
) -> dict[str, Any]:
    """Return what the pages of a cell say of its cure; nothing of what does not fail.

    `seen` is the evidence of the attempt that counts.
    """
    if cell.verdict not in BROKEN | EXCUSED:
        return {"cure": None}
    today = dt.datetime.now(dt.UTC).date()
    found = [one for one in findings if one.tells_of(cell)]
    withheld = [one for one in found if one.withheld(today)]
    return {
        "cure": {
            "findings": [one for one in found if one not in withheld],
            "withheld": withheld,
            "owners": owners.of_failure(night, cell),
            "software": owners.software(night, cell),
            "since": _since(night, cell),
            "known": _known(night, cell, findings) if cell.verdict in EXCUSED else [],
            # What is told in confidence is not laid out for a public tracker.
            "issue": "" if withheld else issue(night, cell, seen, next(iter(found), None)),
        }
    }


def _since(night: Night, cell: ScenarioStatement) -> Entry:
    strip = night.grid.strip("scenario", cell.scenario, cell.route)
    return night.grid.nights[-max(1, stability.lasts(strip, _FAILING))]


def _known(
    night: Night, cell: ScenarioStatement, findings: Sequence[Finding]
) -> list[exceptions.Entry]:
    """Return the entries of the list of known deviations that speak of a cell."""
    return [
        exceptions.entry(night, one, findings)
        for one in night.statement.exceptions
        if one.requirement in cell.requirements
        and one.scenario in (None, cell.scenario, cell.scenario.partition("[")[0])
        and (not one.routes or any(routes.means(pattern, cell) for pattern in one.routes))
        and one.site in (None, cell.site)
        and one.implementation in (None, cell.implementation)
    ]


def issue(
    night: Night, cell: ScenarioStatement, seen: Evidence | None, finding: Finding | None
) -> str:
    """Return the lines of an issue for the software's tracker, as Markdown."""
    software = owners.software(night, cell) or "the software"
    title = finding.title if finding else cell.title
    lines = [f"# {software}: {title}", ""]
    for id_ in cell.requirements:
        requirement = night.catalogue[id_]
        lines += [f"Expected ({requirement.source}): {requirement.statement}", ""]
    lines += [f"Seen: {finding.items.get('Seen', cell.reason) if finding else cell.reason}", ""]
    if finding and (consequence := finding.items.get("Consequence")):
        lines += [f"Consequence: {consequence}", ""]
    step = seen.failed[-1] if seen and seen.failed else None
    if step:
        lines += ["To reproduce:", "", "```", (step.curl or step.sent)[:_QUOTED], "```", ""]
        lines += ["Answer:", "", "```", step.answer[:_QUOTED], "```", ""]
    hosts = {host: found for host, found in night.statement.versions.items() if host in cell.hosts}
    versions = dict.fromkeys(
        f"{name} {version}" for found in hosts.values() for name, version in found.items()
    )
    if versions:
        lines += [f"Versions: {', '.join(versions)}", ""]
    lines.append(
        f"Found by an interoperability test ({cell.scenario}) on {night.statement.run.start[:10]}."
    )
    return "\n".join(lines) + "\n"
