"""The known deviations of a night, one entry a requirement, as far as their findings may be told of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from harness.conformance.statement import ExceptionStatement
from harness.conformance.verdicts import Verdict
from harness.report import withholding
from harness.report.findings import Finding
from harness.report.site.night import Night

SOON = dt.timedelta(days=30)
"""An entry that expires within this time is marked: somebody has to decide."""


@dataclass(frozen=True)
class Entry:
    """An entry of the list, with its finding; where that is withheld, the reason is not told."""

    stated: ExceptionStatement
    finding: Finding | None
    withheld: bool
    expires_soon: bool


def excused(night: Night) -> list[str]:
    """Return the requirements that fail in a way that is known, on one route at least."""
    found = night.statement.requirements
    return list(dict.fromkeys(one.id for one in found if one.verdict is Verdict.KNOWN_DEVIATION))


def listed(night: Night, findings: Sequence[Finding]) -> list[tuple[str, list[Entry]]]:
    """Return requirement -> its entries: first what excuses something tonight, by date of expiry."""
    found: dict[str, list[Entry]] = {}
    for one in sorted(night.statement.exceptions, key=lambda one: (not one.cells, one.expires)):
        found.setdefault(one.requirement, []).append(entry(night, one, findings))
    return list(found.items())


def entry(night: Night, stated: ExceptionStatement, findings: Sequence[Finding]) -> Entry:
    """Return an entry of the list as pages may show it."""
    found = withholding.about(stated, findings)
    today = dt.datetime.now(dt.UTC).date()
    secret = [one for one in found if one.withheld(today)]
    day = night.statement.run.began.date()
    return Entry(
        stated=stated,
        finding=next(iter(secret or found), None),
        withheld=bool(secret),
        expires_soon=stated.expires - day <= SOON,
    )
