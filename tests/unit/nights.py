"""Runs as they lie on the disk, without a testbed."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from pathlib import Path

from harness.conformance import judging, outcomes, statement
from harness.conformance.outcomes import Asked, Cell, Measurement, Outcome, Recorder
from harness.conformance.runs import Run, RunRoute, RunService
from harness.conformance.statement import Statement
from harness.conformance.verdicts import HostFault
from harness.extent import Extent
from tests.unit.routes import HOMES, OWNERS, TWIN, ends

ROUTES = TWIN
TOKENS = "auth/test_tokens.py::test_an_expired_token_is_refused"
COPIES = "transfer/test_third_party_copy.py::test_a_pulled_copy_keeps_its_checksum"
SCENARIOS = {TOKENS: ("AUTH-017",), COPIES: ("XFER-017", "XFER-001")}
"""Scenario -> what it shows."""


def make_night(
    folder: Path,
    id_: str,
    failed: Mapping[tuple[str, str], str] | None = None,
    *,
    faults: tuple[HostFault, ...] = (),
    versions: Mapping[str, str] | None = None,
    seen: str = "HTTP 200",
    steps: int = 1,
    noise: int = 0,
    routes: tuple[str, ...] = ROUTES,
    keyword: str = "",
    extent: Extent = "core",
) -> Path:
    """Write a run and judge it; `failed` says of which scenario and route, and why."""
    run_folder = folder / id_
    (run_folder / "evidence").mkdir(parents=True)
    (run_folder / "logs").mkdir()
    (run_folder / "allure-results").mkdir()
    run = Run(
        id=id_,
        start=f"{id_[:4]}-{id_[4:6]}-{id_[6:8]}T01:15:00+00:00",
        end=f"{id_[:4]}-{id_[4:6]}-{id_[6:8]}T01:20:00+00:00",
        testbed="unit",
        inventory="inventories/unit",
        keyword=keyword,
        extent=extent,
        infrastructures={"egi": "EGI", "cstcloud": "CSTCloud"},
        homes={name: HOMES[name] for name in ("egi", "cstcloud")},
        routes=tuple(_route(route) for route in routes),
        services=tuple(_service(HOMES[name]) for name in ("egi", "cstcloud")),
        harness="0",
        versions={
            f"se.{name}.test": dict(versions or {"XRootD": "5.8.1"}) for name in ("egi", "cstcloud")
        },
        faults=faults,
    )
    run.write(run_folder)
    cells = [_cell(scenario, route) for scenario in SCENARIOS for route in routes]
    outcomes.write_plan(run_folder, cells)
    recorder = Recorder(run_folder)
    for number, cell in enumerate(cells):
        why = (failed or {}).get((cell.scenario, cell.route), "")
        file = f"evidence/{number}.json"
        step = {"title": f"GET {number}", "start": 1.0, "stop": 1.5, "status": "passed"}
        step |= {"sent": "GET /", "answer": seen, "steps": []}
        content = {"status": "failed" if why else "passed", "message": why, "steps": []}
        # Each step is another one, as in a run, and has ids that nothing else has.
        content["steps"] = [step] + [
            step | {"title": f"GET {number}.{n}", "answer": f"{seen} {_ids(number, n, noise)}"}
            for n in range(1, steps)
        ]
        (run_folder / file).write_text(json.dumps(content), encoding="utf-8")
        recorder.add(
            Outcome(
                **cell.model_dump(),
                status="failed" if why else "passed",
                stage="assert" if why else None,
                error="assertion" if why else None,
                message=why,
                hosts=(f"se.{cell.resource}.test",),
                services=(_asked(cell.site),),
                failed_at=(_asked(cell.site),) if why else (),
                start=run.start,
                stop=run.start,
                evidence=file,
                measurements=_figures(cell),
            )
        )
        result = run_folder / "allure-results" / f"{number}-result.json"
        result.write_text(json.dumps(_result(cell, id_, passed=not why)), encoding="utf-8")
    recorder.close()
    statement.make(run_folder, run, judging.judge(run_folder, run)).write(run_folder)
    return run_folder


def _ids(cell: int, step: int, many: int) -> str:
    """Return text that cannot be compressed much: 64 characters, some times."""
    texts = (f"{cell} {step} {number}" for number in range(many))
    return " ".join(hashlib.sha256(text.encode()).hexdigest() for text in texts)


def _result(cell: Cell, id_: str, *, passed: bool) -> dict[str, object]:
    """Return the test as allure-pytest writes it."""
    labels = {"scenario": cell.scenario, "route": cell.route, "feature": cell.family}
    name = f"{cell.scenario.rpartition('::')[2]}[{cell.route}]"
    return {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{id_} {cell}")),
        "name": name,
        "fullName": name,
        "historyId": str(cell),
        "status": "passed" if passed else "failed",
        "start": 1000,
        "stop": 2000,
        "labels": [{"name": key, "value": value} for key, value in labels.items()],
    }


def make_statement(folder: Path, id_: str, *failed: tuple[str, str]) -> Statement:
    """Return the statement of such a run."""
    return Statement.read(make_night(folder, id_, dict.fromkeys(failed, "it is not so")))


def _figures(cell: Cell) -> tuple[Measurement, ...]:
    """Return what the scenario of tokens measures: users from elsewhere wait the longer."""
    if cell.scenario != TOKENS:
        return ()
    one = Measurement(
        what="containment time",
        service=f"https://se.{cell.resource}.test/vo",
        seconds=17.5 if cell.home == cell.resource else 58,
    )
    return one, one.model_copy(update={"detail": "session", "seconds": 60, "at_least": True})


def _route(route: str) -> RunRoute:
    led = ends(route)
    return RunRoute(id=route, **led, control=led["home"] == led["resource"])


def _service(site: str) -> RunService:
    infrastructure = OWNERS[site]
    host = f"se.{infrastructure}.test"
    return RunService(
        site=site,
        infrastructure=infrastructure,
        type="webdav",
        endpoint=f"https://{host}/vo",
        implementation="xrootd",
        host=host,
    )


def _asked(site: str) -> Asked:
    service = _service(site)
    return Asked(site=site, type=service.type, endpoint=service.endpoint)


def _cell(scenario: str, route: str) -> Cell:
    return Cell(
        scenario=scenario,
        title=f"Title of `{scenario.rpartition('::')[2]}`",
        family=scenario.partition("/")[0],
        requirements=SCENARIOS[scenario],
        refusal=scenario == TOKENS,
        **ends(route),  # type: ignore[arg-type]
    )
