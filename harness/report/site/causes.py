"""What needs somebody to act after a night, and what has recovered: one entry a cause, whatever it breaks.

A service that failed in all that it was asked is one cause, and so is an unhealthy host. Else a failure is
told by its finding, or by the scenario that shows it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.conformance import stability
from harness.conformance.changes import BROKEN, SILENT, Kind
from harness.conformance.history import Night as Entry
from harness.conformance.statement import ScenarioStatement, ServiceStatement
from harness.conformance.verdicts import HostFault, Origin, Verdict
from harness.report.addresses import cell_page, scenario_page
from harness.report.findings import Finding, explaining
from harness.report.site import owners
from harness.report.site.groups import Group
from harness.report.site.night import Night
from harness.report.site.owners import Owner
from harness.translation import PLAIN, Speaker

_FAILS = "".join(verdict.letter for verdict in (*BROKEN, Verdict.KNOWN_DEVIATION))
_UNDECIDED = "".join(verdict.letter for verdict in SILENT)


@dataclass(frozen=True)
class Cause:
    """Something that somebody must act on."""

    title: str
    group: Group
    requirements: tuple[str, ...]
    affected: tuple[str, ...]
    software: str
    since: Entry
    new: bool
    """Whether the night before was free of it."""
    owners: tuple[Owner, ...]
    finding: Finding | None
    page: str
    """Where its evidence is."""


@dataclass(frozen=True)
class Recovery:
    """A scenario whose requirements are met again, or can be judged again."""

    title: str
    kind: Kind
    requirements: tuple[str, ...]
    routes: tuple[str, ...]
    page: str


def causes(night: Night, findings: Sequence[Finding], tr: Speaker = PLAIN) -> list[Cause]:
    """Return what needs somebody to act: new causes first, then the worst, then the widest."""
    found: dict[tuple[object, ...], list[ScenarioStatement]] = {}
    for cell in night.statement.scenarios:
        if cell.verdict in BROKEN or (cell.verdict in SILENT and _is_lost(night, cell)):
            found.setdefault(_key(night, cell, findings), []).append(cell)
    made = [_cause(night, cells, findings, tr) for cells in found.values()]
    groups = list(Group)
    return sorted(
        made,
        key=lambda one: (
            not one.new,
            groups.index(one.group),
            -len(one.requirements),
            one.requirements,
        ),
    )


def recoveries(night: Night) -> list[Recovery]:
    """Return what the night before had and this one has not, one entry for each scenario."""
    found: dict[tuple[str, Kind], list[tuple[str, str]]] = {}
    titles: dict[str, str] = {}
    for one in night.changes.verdicts if night.changes else ():
        if one.kind in (Kind.REPAIRED, Kind.CONCLUSIVE):
            cell = night.shown_by(one.requirement, one.route)[0]
            name = _function(cell)
            titles.setdefault(name, cell.title)
            found.setdefault((name, one.kind), []).append((one.requirement, one.route))
    return [
        Recovery(
            title=titles[name],
            kind=kind,
            requirements=_unique(requirement for requirement, _ in pairs),
            routes=_unique(route for _, route in pairs),
            page=cell_page(*pairs[0]),
        )
        for (name, kind), pairs in found.items()
    ]


def _is_lost(night: Night, cell: ScenarioStatement) -> bool:
    """Tell whether a cell lost its verdict: what this testbed can never run needs nobody."""
    if cell.verdict is Verdict.INCONCLUSIVE or not night.before:
        return cell.verdict is Verdict.INCONCLUSIVE
    return _strip(night, cell)[-2:-1] not in (*_UNDECIDED, " ")


def _key(night: Night, cell: ScenarioStatement, findings: Sequence[Finding]) -> tuple[object, ...]:
    if cell.verdict in SILENT:
        if fault := _fault(night, cell):
            return "host", fault.host
        if service := _lost_service(night, cell):
            return "undecided", service.site, service.endpoint
        return "undecided", cell.site, cell.reason or _function(cell)
    if service := _lost_service(night, cell):
        return "service", service.site, service.endpoint
    finding = explaining(cell, findings)
    what = finding.id if finding else _function(cell)
    return what, cell.implementation, cell.origin, cell.responsible


def _cause(
    night: Night, cells: Sequence[ScenarioStatement], findings: Sequence[Finding], tr: Speaker
) -> Cause:
    first = cells[0]
    since = _since(night, cells)
    fault = _fault(night, first)
    service = _lost_service(night, first)
    finding = None if service or fault else explaining(first, findings)
    if first.verdict in SILENT and fault:
        title, whose = unhealthy(fault, tr), [_of_host(night, fault.host)]
    elif service:
        title = tr("Every test of {type} at {site} failed")
        title = title.format(type=service.type, site=service.site)
        whose = [owners.owner(night, service.site)]
    else:
        title = tr("Does not hold: {title}").format(title=first.title)
        whose = owners.of_failure(night, first)
        if finding and not finding.withheld(dt.datetime.now(dt.UTC).date()):
            title = finding.title
    if first.verdict in SILENT and not (fault or service):
        title = tr("Could not be judged: {title}").format(title=first.title)
    return Cause(
        title=title,
        group=_group(first),
        requirements=_unique(id_ for cell in cells for id_ in cell.requirements),
        affected=_affected(night, cells, tr),
        software=owners.software(night, first),
        since=since,
        new=bool(night.before) and since.id == night.id,
        owners=tuple(whose),
        finding=finding,
        page=cell_page(first.requirements[0], first.route)
        if first.requirements
        else scenario_page(first.scenario, first.route),
    )


def unhealthy(fault: HostFault, tr: Speaker) -> str:
    """Say that a host failed its health check."""
    when = {
        "before": tr("before"),
        "after": tr("after"),
        "before and after": tr("before and after"),
    }.get(fault.when, fault.when)
    text = tr("{host} failed its health check {when} the run ({what})")
    return text.format(host=fault.host, when=when, what=fault.what)


def _group(cell: ScenarioStatement) -> Group:
    if cell.verdict in SILENT:
        return Group.UNDECIDED
    if cell.origin is None:
        return Group.UNTOLD
    return Group.CROSSING if cell.origin is Origin.CROSSING else Group.SOFTWARE


def _affected(night: Night, cells: Iterable[ScenarioStatement], tr: Speaker) -> tuple[str, ...]:
    """Say whom it concerns: users of a home at a site, or all users of a site."""
    titles = night.statement.infrastructures

    def words(cell: ScenarioStatement) -> str:
        home = titles.get(cell.home, cell.home)
        if cell.origin is Origin.RESOURCE:
            return tr("all users of {site}").format(site=cell.responsible)
        if cell.origin is Origin.HOME:
            return tr("users of {home}, at home too").format(home=home)
        return tr("users of {home} at {site}").format(home=home, site=cell.site)

    return _unique(map(words, cells))


def _since(night: Night, cells: Iterable[ScenarioStatement]) -> Entry:
    """Return the first night of those in a row that had one of these failures."""
    nights = night.grid.nights
    longest = 1
    for cell in cells:
        letters = _UNDECIDED if cell.verdict in SILENT else _FAILS
        longest = max(longest, stability.lasts(_strip(night, cell), letters))
    return nights[-min(longest, len(nights))]


def _strip(night: Night, cell: ScenarioStatement) -> str:
    return night.grid.strip("scenario", cell.scenario, cell.route)


def _fault(night: Night, cell: ScenarioStatement) -> HostFault | None:
    return next((fault for fault in night.faults if fault.host in cell.hosts), None)


def _of_host(night: Night, host: str) -> Owner:
    """Return who owns a host: a site by its services; else the host by its own name."""
    site = next((one.site for one in night.statement.services if one.host == host), host)
    return owners.owner(night, site)


def _lost_service(night: Night, cell: ScenarioStatement) -> ServiceStatement | None:
    """Return the service that a scenario tests, where that failed in all that it was asked."""
    for one in night.statement.services:
        if one.status == "critical" and (one.site, one.endpoint) == (cell.site, cell.service):
            return one
    return None


def _function(cell: ScenarioStatement) -> str:
    return cell.test_name.partition("[")[0]


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def upgrades(night: Night) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Return software, former and present version, and the hosts where it changed so."""
    hosts: dict[tuple[str, str, str], list[str]] = {}
    for one in night.changes.upgrades if night.changes else ():
        key = one.software, one.before or "", one.after or ""
        hosts.setdefault(key, []).append(one.host)
    for key, names in hosts.items():
        yield (*key, tuple(names))
