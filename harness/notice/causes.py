"""What is wrong in a night, by cause: one fault of a software may fail many scenarios on many routes.

A failure's cause is the service, where all that was asked of it failed; else the finding that explains it
(docs/findings.md), or the requirement and the site that has to mend it. What could not be judged has the
unhealthy host as its cause, or else the site.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from harness.conformance.changes import BROKEN, EXCUSED
from harness.conformance.statement import ScenarioStatement, ServiceStatement, Statement
from harness.conformance.verdicts import Verdict, told_once
from harness.notice.known import Known
from harness.report.addresses import cell_page

_LONGEST = 700
"""Characters of a reason that a message tells; the page has all."""


_SERVICE = "service "
_SEVERAL = 2
"""Causes that are one where all of a service failed."""


class Sort(StrEnum):
    """What sort of trouble it is."""

    FAILURE = "failure"
    KNOWN = "known deviation"
    """A failure that somebody follows up: nobody is told of it, but of what becomes of it."""
    UNJUDGED = "not judged"
    LIST = "list"
    """An entry of the list of known deviations has to go."""
    NO_NIGHT = "no night"


class At(BaseModel):
    """A scenario on a route, where the trouble was seen."""

    model_config = ConfigDict(frozen=True)

    scenario: str
    route: str
    site: str
    """Which has to mend it, or where it was seen."""


class Cause(BaseModel):
    """One thing that is wrong."""

    model_config = ConfigDict(frozen=True)

    key: str
    """The same every night."""
    sort: Sort
    title: str
    cells: tuple[At, ...] = ()
    sites: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    """Sites and infrastructures whose contacts are told."""
    requirements: tuple[str, ...] = ()
    software: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    reason: str = ""
    finding: str = ""
    withheld: bool = False
    """True of a finding that is a matter of security and not disclosed yet."""
    exception: str = ""
    """Who follows a known deviation up, and until when."""
    page: str = ""
    """Page of the night that shows it."""

    @property
    def label(self) -> str:
        """What a headline names before the title: finding or requirement; empty for other causes."""
        if self.sort not in (Sort.FAILURE, Sort.KNOWN) or self.key.startswith(_SERVICE):
            return ""
        return self.finding or self.requirements[0]

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes on which it was seen."""
        return tuple(dict.fromkeys(cell.route for cell in self.cells))


def of(statement: Statement, known: Known) -> dict[str, Cause]:
    """Return all causes of a night by their keys."""
    found = [*_failures(statement, known), *_unjudged(statement), *_of_list(statement)]
    return {cause.key: cause for cause in found}


def _failures(statement: Statement, known: Known) -> Iterator[Cause]:
    groups: dict[str, list[ScenarioStatement]] = {}
    missed = _missed(statement)
    for cell in statement.scenarios:
        if cell.verdict in BROKEN | EXCUSED:
            finding = known.explaining(cell)
            key = finding.id if finding else f"{missed(cell)[0]} at {_site(cell)}"
            groups.setdefault(key, []).append(cell)
    causes = []
    for key, cells in groups.items():
        broken = [cell for cell in cells if cell.verdict in BROKEN]
        causes.append(_failure(key, broken or cells, known, missed))
    for service in statement.services:
        if service.status == "critical":
            causes = _joined(causes, service, statement)
    yield from causes


def _joined(causes: list[Cause], service: ServiceStatement, statement: Statement) -> list[Cause]:
    """Return causes with one in place of those that a service is at fault for which failed in all."""
    tested = {(one.scenario, one.route): one.service for one in statement.scenarios}
    mine = [
        cause
        for cause in causes
        if cause.sort is Sort.FAILURE
        and cause.sites == (service.site,)
        and all(tested[cell.scenario, cell.route] == service.endpoint for cell in cause.cells)
    ]
    if len(mine) < _SEVERAL:
        return causes
    first = mine[0]
    one = Cause(
        key=f"{_SERVICE}{service.endpoint}",
        sort=Sort.FAILURE,
        title=f"All that was asked of {service.endpoint} ({service.type}) failed",
        cells=tuple(cell for cause in mine for cell in cause.cells),
        sites=first.sites,
        parties=_once(party for cause in mine for party in cause.parties),
        requirements=_once(id_ for cause in mine for id_ in cause.requirements),
        software=(service.implementation,) if service.implementation else (),
        origins=_once(origin for cause in mine for origin in cause.origins),
        reason=first.reason,
        withheld=any(cause.withheld for cause in mine),
        finding=next((cause.finding for cause in mine if cause.withheld), ""),
        page=first.page,
    )
    return [one, *(cause for cause in causes if cause not in mine)]


def _failure(
    key: str,
    cells: list[ScenarioStatement],
    known: Known,
    missed: Callable[[ScenarioStatement], tuple[str, ...]],
) -> Cause:
    first = cells[0]
    finding = known.explaining(first)
    return Cause(
        key=key,
        sort=Sort.FAILURE if first.verdict in BROKEN else Sort.KNOWN,
        title=finding.title if finding else first.title,
        cells=tuple(At(scenario=c.scenario, route=c.route, site=_site(c)) for c in cells),
        sites=_once(map(_site, cells)),
        parties=_once(party for cell in cells for party in _parties(cell)),
        requirements=_once(id_ for cell in cells for id_ in missed(cell)),
        software=_once(cell.implementation for cell in cells),
        origins=_once(cell.origin.value for cell in cells if cell.origin),
        reason=_cut(first.reason),
        finding=finding.id if finding else "",
        withheld=bool(finding and known.withheld(finding)),
        exception=first.exception or "",
        page=cell_page(missed(first)[0], first.route),
    )


def _missed(statement: Statement) -> Callable[[ScenarioStatement], tuple[str, ...]]:
    """Return what tells which requirements a cell really misses: it may show a MUST and a SHOULD."""
    verdicts = {(one.id, one.route): one.verdict for one in statement.requirements}

    def missed(cell: ScenarioStatement) -> tuple[str, ...]:
        found = [
            id_ for id_ in cell.requirements if verdicts.get((id_, cell.route)) in BROKEN | EXCUSED
        ]
        return tuple(found) or cell.requirements

    return missed


def _site(cell: ScenarioStatement) -> str:
    return cell.responsible or cell.site


def _parties(cell: ScenarioStatement) -> tuple[str, ...]:
    """Return who can do something: the site at fault, or of what arises from crossing both sides."""
    return (cell.responsible,) if cell.responsible else (cell.site, cell.home, cell.resource)


def _unjudged(statement: Statement) -> Iterator[Cause]:
    """Return what could not be judged: by host where one was unhealthy, else by site."""
    cells: dict[str, list[ScenarioStatement]] = {fault.host: [] for fault in statement.faults}
    elsewhere: dict[str, list[ScenarioStatement]] = {}
    for cell in statement.scenarios:
        if cell.verdict is Verdict.INCONCLUSIVE:
            host = next((host for host in cells if _is_of(cell, host)), None)
            (cells[host] if host else elsewhere.setdefault(cell.site, [])).append(cell)
    sites: dict[str, list[str]] = {}
    for service in statement.services:
        sites.setdefault(service.host, []).append(service.site)
    for fault in told_once(statement.faults):
        mine = _once(sites.get(fault.host, ()))
        yield _not_judged(
            f"host {fault.host}",
            f"The host {fault.host} was unhealthy {fault.when} the run",
            cells[fault.host],
            reason=fault.what,
            sites=mine,
            parties=mine or tuple(statement.infrastructures),
        )
    for site, cells_there in elsewhere.items():
        number = len(_once(i for cell in cells_there for i in cell.requirements))
        what = "1 requirement" if number == 1 else f"{number} requirements"
        ((reason, _),) = Counter(cell.reason for cell in cells_there).most_common(1)
        yield _not_judged(
            f"not judged at {site}",
            f"{what} could not be judged at {site}",
            cells_there,
            reason=reason,
            sites=(site,),
            parties=_once((site, *(cell.resource for cell in cells_there))),
        )


def _not_judged(
    key: str,
    title: str,
    cells: list[ScenarioStatement],
    *,
    reason: str,
    sites: tuple[str, ...],
    parties: tuple[str, ...],
) -> Cause:
    return Cause(
        key=key,
        sort=Sort.UNJUDGED,
        title=title,
        cells=tuple(At(scenario=c.scenario, route=c.route, site=c.site) for c in cells),
        sites=sites,
        parties=parties,
        requirements=_once(id_ for cell in cells for id_ in cell.requirements),
        reason=_cut(reason),
        page=cell_page(cells[0].requirements[0], cells[0].route) if cells else "index.html",
    )


def _is_of(cell: ScenarioStatement, host: str) -> bool:
    return (
        host in cell.hosts
        or re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", cell.reason) is not None
    )


def _of_list(statement: Statement) -> Iterator[Cause]:
    """Return entries whose cells pass now; of one that has expired, the failures are told."""
    for complaint in statement.complaints:
        entry, passes, _ = complaint.partition(": the known deviation now passes")
        if not passes:
            continue
        # The line of the file changes whenever somebody edits another entry.
        name = re.sub(r"^\S+:\d+: ", "", entry)
        requirement = name.partition(" ")[0]
        cells = [cell for cell in statement.scenarios if requirement in cell.requirements]
        yield Cause(
            key=f"list {name}",
            sort=Sort.LIST,
            title=f"The known deviation {name} now passes: remove its entry from the list",
            parties=_once(cell.resource for cell in cells) or tuple(statement.infrastructures),
            sites=_once(cell.site for cell in cells),
            requirements=(requirement,),
            reason=complaint,
            page="index.html",
        )


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} ..."
