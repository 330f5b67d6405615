"""Statements of made-up testbeds of any size, as a night's pages are made of them, without a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from harness.conformance import catalogue, history
from harness.conformance.agreement import Agreement
from harness.conformance.availability import Month
from harness.conformance.catalogue import Requirement
from harness.conformance.history import History
from harness.conformance.ola import MonthlyReport
from harness.conformance.runs import RunRoute
from harness.conformance.statement import (
    VERSION,
    ExceptionStatement,
    RequirementStatement,
    RunStatement,
    ScenarioStatement,
    Scope,
    ServiceStatement,
    Statement,
)
from harness.conformance.verdicts import Origin, Verdict
from harness.report.site.night import Night

CATALOGUE = catalogue.load()
TWIN = {"egi": ("EGI-TWIN",), "cstcloud": ("CSTCLOUD-TWIN",)}

Judged = tuple[Verdict, Origin | None]
Judge = Callable[[Requirement, RunRoute], Judged]
"""What came of a requirement over a route."""


def routes(sites: Mapping[str, Iterable[str]]) -> tuple[RunRoute, ...]:
    """Return every route; `sites` are those of each infrastructure."""
    return tuple(
        RunRoute(id=f"{home}:{site}", home=home, resource=to, site=site, control=home == to)
        for home in sites
        for to, listed in sites.items()
        for site in listed
    )


def statement(
    id_: str,
    requirements: Iterable[Requirement],
    ways: tuple[RunRoute, ...],
    judge: Judge,
    *,
    exceptions: tuple[ExceptionStatement, ...] = (),
    scenario: Callable[[Requirement], str] = lambda one: f"made/test_up.py::test_{one.id}",
    software: str = "xrootd",
    with_scenarios: bool = True,
) -> Statement:
    """Return a night: a scenario a requirement, and a storage a site.

    A large one is made faster without its scenarios, which pages of routes do not look at.
    """
    asked = tuple(requirements)
    began = dt.datetime.strptime(id_[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    found = {(one.id, way.id): judge(one, way) for one in asked for way in ways}
    homes = {way.resource: way.site for way in reversed(ways)}

    def whose(way: RunRoute, origin: Origin | None) -> str:
        if origin is Origin.RESOURCE:
            return way.site
        return homes[way.home] if origin is Origin.HOME else ""

    return Statement(
        version=VERSION,
        run=RunStatement(
            id=id_,
            start=began.isoformat(),
            end=began.isoformat(),
            testbed="made-up",
            inventory="inventories/made-up",
            harness="0",
            commit=None,
            exit_code=0,
        ),
        scope=Scope(
            catalogue=len(asked) + 20,
            covered=len(asked),
            cells=len(found),
            executed=len(found),
            whole=True,
        ),
        totals={},
        infrastructures={way.home: way.home.upper() for way in ways},
        homes=homes,
        routes=ways,
        services=tuple(
            ServiceStatement(
                site=site,
                infrastructure=owner,
                type="webdav",
                endpoint=f"https://se.{site.lower()}.test/",
                implementation=software,
                host=f"se.{site.lower()}.test",
                status="ok",
            )
            for site, owner in {way.site: way.resource for way in ways}.items()
        ),
        versions={f"se.{way.site.lower()}.test": {"XRootD": "5.8.1"} for way in ways},
        faults=(),
        exceptions=exceptions,
        complaints=(),
        requirements=tuple(
            RequirementStatement(
                id=one.id,
                level=one.level,
                confirmed=True,
                route=way.id,
                verdict=found[one.id, way.id][0],
                origin=found[one.id, way.id][1],
                responsible=whose(way, found[one.id, way.id][1]),
                scenarios=(scenario(one),),
            )
            for one in asked
            for way in ways
        ),
        scenarios=tuple(
            ScenarioStatement(
                scenario=scenario(one),
                title=one.statement,
                family=one.family.lower(),
                requirements=(one.id,),
                route=way.id,
                home=way.home,
                resource=way.resource,
                site=way.site,
                service=f"https://se.{way.site.lower()}.test/",
                implementation=software,
                refusal=False,
                verdict=found[one.id, way.id][0],
                origin=found[one.id, way.id][1],
                responsible=whose(way, found[one.id, way.id][1]),
                hosts=(f"se.{way.site.lower()}.test",),
                reason="" if found[one.id, way.id][0] is Verdict.CONFORMANT else "HTTP 201",
                attempts=1,
                evidence=(f"evidence/{one.id}.{way.home}.{way.site}.json",),
            )
            for one in (asked if with_scenarios else ())
            for way in ways
        ),
        evidence={},
    )


AGREEMENT = Agreement.model_validate(
    {
        "title": "A made-up agreement",
        "valid": {"from": "2026-01-01", "until": "2027-12-31"},
        "targets": {"site": {"availability": 80, "reliability": 85, "unknown": 10}},
        "parties": [
            {
                "infrastructure": "cstcloud",
                "role": "provider",
                "contacts": [{"name": "CSTCloud operations", "email": "operations@cstcloud.test"}],
            },
            {
                "site": "EGI-TWIN",
                "role": "resource centre",
                "contacts": [{"name": "site administrators", "email": "admins@egi.test"}],
            },
        ],
    }
)


def night(folder: Path, *stated: Statement, agreement: Agreement | None = AGREEMENT) -> Night:
    """Return the last of some nights as its pages show it, with the history of all."""
    with History.open(folder / history.FILE) as store:
        for one in stated:
            store.add(one)
        grid = store.grid(stated[-1].run.testbed)
    began = stated[-1].run.began
    month = Month(began.year, began.month)
    return Night(
        folder=folder,
        statement=stated[-1],
        catalogue=CATALOGUE,
        grid=grid,
        before=stated[-2] if len(stated) > 1 else None,
        months=(MonthlyReport(month, month.period, False, agreement, ()),),
    )


def judged(
    **failing: tuple[Verdict, Origin | None, Callable[[RunRoute], bool]],
) -> Judge:
    """Return what fails, by the id of a requirement with `_` for its dash, and on which routes."""

    def judge(one: Requirement, way: RunRoute) -> Judged:
        verdict, origin, where = failing.get(one.id.replace("-", "_"), (None, None, bool))
        if verdict is not None and where(way):
            return verdict, origin
        return Verdict.CONFORMANT, None

    return judge


def excused(requirement: str, scenario: str) -> ExceptionStatement:
    """Return an entry of the list of known deviations."""
    return ExceptionStatement(
        requirement=requirement,
        scenario=scenario,
        routes=(),
        site=None,
        implementation="xrootd",
        owner="storage group",
        reason=f"The storage fails {requirement}.",
        link="https://example.org/1",
        since=dt.date(2025, 11, 22),
        expires=dt.date(2026, 5, 22),
        cells=2,
    )
