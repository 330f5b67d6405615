"""A statement says what a run found, and shows when its evidence was touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from harness.conformance import catalogue, judging, outcomes, runs, statement
from harness.conformance.judge import judge
from harness.conformance.outcomes import Asked, Outcome, Recorder
from harness.conformance.runs import Run, RunRoute, RunService
from harness.conformance.statement import Statement
from harness.conformance.verdicts import HostFault, Origin, Verdict
from harness.errors import BadInput
from tests.unit.nights import COPIES, TOKENS, make_night
from tests.unit.routes import BACK, CROSS, HOME, RESOURCE, TWIN, ends

ID = "20260101T011500Z-00aa"
FORMER = Path(__file__).parent / "statement-1.1.json"
"""Of a night before routes led to sites, cut down to a few entries of each list."""
PUBLISHED = Path(__file__).resolve().parents[3] / "docs" / "statement.schema.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    failed = {(COPIES, "egi:CSTCLOUD-TWIN"): "adler32 differs"}
    return make_night(tmp_path, ID, failed)


def test_the_schema_that_we_publish_is_that_of_the_model() -> None:
    shown = json.loads(PUBLISHED.read_text())
    assert shown == statement.schema(), (
        "run `testbed history --schema > docs/statement.schema.json`"
    )


def test_a_statement_keeps_the_published_schema(folder: Path) -> None:
    jsonschema.validate(json.loads((folder / statement.FILE).read_text()), statement.schema())


def test_it_states_run_scope_verdicts_and_services(folder: Path) -> None:
    stated = Statement.read(folder)
    assert stated.run.id == ID
    assert stated.run.exit_code == 1  # XFER-001 is a MUST
    assert stated.scope.whole
    assert (stated.scope.cells, stated.scope.executed, stated.scope.covered) == (8, 8, 3)
    found = {(one.id, one.route): one.verdict for one in stated.requirements}
    assert found["XFER-017", "egi:CSTCLOUD-TWIN"] is Verdict.WARNING
    assert found["AUTH-017", "egi:CSTCLOUD-TWIN"] is Verdict.CONFORMANT
    origins = {one.id: (one.origin, one.responsible) for one in stated.requirements if one.origin}
    assert origins == {"XFER-017": (Origin.CROSSING, ""), "XFER-001": (Origin.CROSSING, "")}
    assert [one.status for one in stated.services] == ["ok", "ok"]
    assert stated.homes == {"egi": "EGI-TWIN", "cstcloud": "CSTCLOUD-TWIN"}
    assert len(stated.evidence) == 8
    measured = {one.route: one.measurements for one in stated.scenarios if one.scenario == TOKENS}
    assert [(m.seconds, m.at_least) for m in measured["egi:EGI-TWIN"]] == [
        (17.5, False),
        (60, True),
    ]


def test_it_tells_how_long_the_attempt_that_counts_took(folder: Path) -> None:
    path = folder / outcomes.OUTCOMES
    first, *others = map(json.loads, path.read_text().splitlines())
    first |= {"start": "2026-01-01T01:15:00+00:00", "stop": "2026-01-01T01:15:02.250000+00:00"}
    path.write_text("".join(json.dumps(one) + "\n" for one in (first, *others)))
    run = Run.read(folder)
    made = statement.make(folder, run, judging.judge(folder, run))
    found = {(one.scenario, one.route): one.seconds for one in made.scenarios}
    assert found[first["scenario"], f"{first['home']}:{first['site']}"] == 2.25
    assert list(found.values()).count(0) == len(found) - 1


def test_a_service_is_critical_where_all_that_was_asked_of_it_failed(tmp_path: Path) -> None:
    """A healthy host makes no service ok, and an unhealthy one makes no service critical."""
    unhealthy = HostFault(host="se.egi.test", when="before", what="xrootd")
    every = {
        (scenario, route): "refused"
        for scenario in (TOKENS, COPIES)
        for route in ("egi:CSTCLOUD-TWIN", "cstcloud:CSTCLOUD-TWIN")
    }
    stated = Statement.read(make_night(tmp_path, ID, every, faults=(unhealthy,)))
    assert {one.site: one.status for one in stated.services} == {
        "EGI-TWIN": "ok",
        "CSTCLOUD-TWIN": "critical",
    }


def test_a_part_of_a_night_says_so(tmp_path: Path) -> None:
    assert not Statement.read(make_night(tmp_path, ID, keyword="copies")).scope.whole


def test_evidence_that_is_as_stated_verifies(folder: Path) -> None:
    assert statement.verify(folder) == []


def test_evidence_that_was_touched_is_named(folder: Path) -> None:
    (folder / "evidence" / "0.json").write_text("{}")
    (folder / "evidence" / "1.json").unlink()
    (folder / "evidence" / "added.json").write_text("{}")
    assert statement.verify(folder) == [
        "evidence/1.json is missing",
        "evidence/0.json was changed",
        "evidence/added.json is not in the statement",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no statement of version 1"),
        ('{"version": "3.0"}', "version"),
        ('{"version": "1.1"}', "run: Field required"),
        ('{"version": "1.1", "routes": [1]}', "run: Field required"),
        ('{"version": "1.1", "routes": [{"id": []}], "scenarios": 1}', "run: Field required"),
        ('{"version": "1.1", "routes": [], "scenarios": [{"route": {}}]}', "run: Field required"),
        ("[]", "no statement of version 1"),
    ],
)
def test_what_is_no_statement_is_told(folder: Path, text: str, said: str) -> None:
    (folder / statement.FILE).write_text(text)
    with pytest.raises(BadInput, match=said):
        Statement.read(folder)


def test_a_folder_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nowhere is not the folder of a run"):
        Statement.read(tmp_path / "nowhere")


def test_a_later_minor_version_is_read(folder: Path) -> None:
    content = json.loads((folder / statement.FILE).read_text())
    content |= {"version": "2.7", "news": "not known yet"}
    (folder / statement.FILE).write_text(json.dumps(content))
    assert Statement.read(folder).version == "2.7"


def test_a_folder_without_one_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="testbed report"):
        Statement.read(tmp_path)


def test_the_former_version_is_read_with_routes_that_lead_to_sites() -> None:
    content = json.loads(FORMER.read_text())
    assert content["version"] == "1.1"
    stated = Statement.parse(FORMER.read_bytes(), str(FORMER))
    assert stated.version == "2.0"
    assert {route.id for route in stated.routes} == set(TWIN)
    before = [(one["id"], one["route"], one["verdict"]) for one in content["requirements"]]
    led = {
        "egi:cstcloud": CROSS,
        "cstcloud:egi": BACK,
        "egi:egi": HOME,
        "cstcloud:cstcloud": RESOURCE,
    }
    assert [(one.id, one.route, one.verdict) for one in stated.requirements] == [
        (id_, led[route], verdict) for id_, route, verdict in before
    ]
    for was, one in zip(content["scenarios"], stated.scenarios, strict=True):
        assert (one.scenario, one.route) == (was["scenario"], led[was["route"]])
        assert {"home": one.home, "resource": one.resource, "site": one.site} == ends(one.route)
        assert one.test_name == was["scenario"]
        assert (one.origin, one.responsible) == (None, "")
    assert any(one.measurements for one in stated.scenarios)
    assert [one.routes for one in stated.exceptions][-1] == ("cstcloud:egi", "cstcloud:cstcloud")
    assert Statement.parse(stated.model_dump_json().encode(), "again") == stated


def test_of_two_sites_that_had_one_name_the_first_was_tested() -> None:
    content = json.loads(FORMER.read_text())
    (route,) = (one for one in content["routes"] if one["id"] == "cstcloud:egi")
    content["routes"].append(route | {"site": "EGI-SECOND"})
    stated = Statement.parse(json.dumps(content).encode(), "it")
    assert {one.route for one in stated.scenarios if one.site == "EGI-TWIN"} == {BACK, HOME}


def test_each_failure_says_where_it_arises_and_whose_it_is(tmp_path: Path) -> None:
    failed = {(TOKENS, route): "accepted" for route in (CROSS, RESOURCE)}
    stated = Statement.read(make_night(tmp_path, ID, failed))
    found = {one.route: (one.origin, one.responsible) for one in stated.scenarios if one.origin}
    whose = (Origin.RESOURCE, "CSTCLOUD-TWIN")
    assert found == {CROSS: whose, RESOURCE: whose}
    assert {one.origin for one in stated.requirements if one.route == CROSS} == {
        Origin.RESOURCE,
        None,
    }


STORAGE = Asked(site="EGI-TWIN", type="webdav", endpoint="https://se.egi.test/vo")
DOOR = Asked(site="EGI-TWIN", type="XRootD", endpoint="root://se.egi.test:1094//vo")
SAME = STORAGE.model_copy(update={"site": "EGI-SECOND"})


@pytest.fixture
def statuses(tmp_path: Path, outcome: Any) -> Callable[..., dict[Asked, str]]:
    """Return the status of three services of one host and endpoint after some outcomes."""

    def make(*found: Outcome, faults: tuple[HostFault, ...] = ()) -> dict[Asked, str]:
        services = tuple(
            RunService(
                **one.model_dump(), infrastructure="egi", implementation="x", host="se.egi.test"
            )
            for one in (STORAGE, DOOR, SAME)
        )
        routes = tuple(RunRoute(id=r, **ends(r), control=False) for r in TWIN)
        known = {"testbed": "unit", "inventory": "i", "harness": "0", "start": runs.now()}
        run = Run(id=ID, routes=routes, services=services, faults=faults, **known)
        plan = list({one.key: one for one in found}.values())
        outcomes.write_plan(tmp_path, plan)
        recorder = Recorder(tmp_path)
        for one in found:
            recorder.add(one)
        recorder.close()
        judged = judge(plan, found, catalogue=catalogue.load())
        stated = statement.make(tmp_path, run, judged)
        return {
            Asked(site=one.site, type=one.type, endpoint=one.endpoint): one.status
            for one in stated.services
        }

    return make


def test_a_service_that_nobody_asked_is_unknown_however_its_host_is(
    statuses: Any, outcome: Any
) -> None:
    """The status follows what was asked of a service by site, type and endpoint."""
    asked = outcome(BACK, services=(STORAGE,))
    assert statuses(asked) == {STORAGE: "ok", DOOR: "unknown", SAME: "unknown"}


def test_an_unhealthy_host_makes_no_service_critical(statuses: Any, outcome: Any) -> None:
    sick = (HostFault(host="se.egi.test", when="before", what="xrootd"),)
    found = statuses(outcome(BACK, services=(STORAGE,)), faults=sick)
    assert found == {STORAGE: "ok", DOOR: "unknown", SAME: "unknown"}


def test_what_answers_on_a_host_does_not_hide_what_is_broken_there(
    statuses: Any, outcome: Any
) -> None:
    found = statuses(
        outcome(BACK, "failed", scenario="a::x", services=(DOOR, STORAGE), failed_at=(STORAGE,)),
        outcome(HOME, "failed", scenario="a::x", services=(DOOR, STORAGE), failed_at=(STORAGE,)),
    )
    assert found == {STORAGE: "critical", DOOR: "ok", SAME: "unknown"}


def test_a_service_that_answered_once_is_ok(statuses: Any, outcome: Any) -> None:
    failed = outcome(BACK, "failed", services=(STORAGE,), failed_at=(STORAGE,))
    assert statuses(failed, outcome(HOME, services=(STORAGE,)))[STORAGE] == "ok"


def test_the_last_attempt_tells_how_a_service_was(statuses: Any, outcome: Any) -> None:
    first = outcome(BACK, "error", error="unreachable", services=(STORAGE,), failed_at=(STORAGE,))
    again = outcome(BACK, services=(STORAGE,), attempt=2)
    assert statuses(first)[STORAGE] == "critical"
    assert statuses(again)[STORAGE] == "ok"


@pytest.mark.parametrize(
    ("status", "fields"),
    [("failed", {"error": "crash"}), ("error", {"error": "crash"}), ("not offered", {})],
)
def test_a_crash_of_our_own_and_what_is_not_offered_tell_nothing_of_a_service(
    statuses: Any, outcome: Any, status: str, fields: dict[str, str]
) -> None:
    found = statuses(outcome(BACK, status, services=(STORAGE,), **fields))
    assert found[STORAGE] == "unknown"
