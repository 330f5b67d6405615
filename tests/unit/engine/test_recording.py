"""A run of tiny scenarios, and what its folder holds of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.conformance import outcomes
from harness.conformance.outcomes import Cell, Outcome
from harness.engine.pool import CRASHED
from harness.engine.recording import OUTCOME, _Controller
from tests.unit.suites import PASSWORD, Ran

SCENARIOS = '''
import threading

import httpx
import pytest

from harness.answer import Answer
from harness.errors import PreconditionError, Unreachable, Unusable
from harness.evidence import step
from harness.redaction import redactor

shows, pytestmark = pytest.mark.requirement("AUTH-017"), pytest.mark.killed_by("closed")
GOOD = Answer(what="GET https://se.egi.test/f", status=200, ok=True, denied=False)
BAD = Answer(what="GET https://se.egi.test/f", status=500, ok=False, denied=False)
DENIED = Answer(what="GET https://se.egi.test/f", status=403, ok=False, denied=True)


@shows
def test_passes(route):
    """A thing is so.

    And more of it.
    """
    with step("GET https://se.egi.test/f") as it:
        it.send("GET https://se.egi.test/f")
        it.receive("HTTP 200 from aai.egi.test")


@shows
def test_asserts(route):
    assert 1 == 2, "one is not two"


@shows
def test_measures(route, measure):
    service = route.resource.service("webdav")
    measure("containment time", service, 17.04)
    measure("containment time", service, 60, detail="session", at_least=True)


@shows
def test_crashes(route):
    {}["missing"]


@shows
def test_unreachable(route):
    raise Unreachable("no answer from ce.egi.test", "ce.egi.test")


@shows
def test_cannot_go_on(route):
    raise Unusable("the token is for another audience than the one asked for")


@shows
def test_has_no_bundle(route):
    raise PreconditionError("the bundle of physics could not be made: uv failed")


@shows
@pytest.mark.timeout(0.3)
def test_hangs(route):
    threading.Event().wait(60)


@shows
def test_nobody_is_there(route):
    try:
        raise httpx.ConnectTimeout("no one")
    except httpx.TransportError as error:
        raise Unreachable("ConnectTimeout", "ce.egi.test") from error


@shows
def test_times_out(route):
    try:
        raise TimeoutError("too long")
    except TimeoutError as error:
        raise Unreachable("ran past 3 s", "ui.egi.test") from error


@shows
def test_is_refused(route, refused):
    refused(lambda answer: answer, good=GOOD, bad=DENIED)


@shows
def test_control_fails(route, refused):
    refused(lambda answer: answer, good=BAD, bad=DENIED)


@shows
def test_is_accepted(route, refused):
    refused(lambda answer: answer, good=GOOD, bad=GOOD)


@pytest.fixture
def broken():
    raise RuntimeError("no set-up")


@shows
def test_set_up_fails(route, broken):
    pass


@pytest.fixture
def dirty():
    yield
    raise RuntimeError("no clean-up")


@shows
def test_clean_up_fails(route, dirty):
    pass


@shows
def test_skips(route):
    pytest.skip("not today")


@shows
@pytest.mark.needs("egi.aai.oidc", "device")
def test_needs(route):
    pass


@shows
@pytest.mark.parametrize("size", ["0 B", "1 MiB"])
def test_sizes(route, size):
    pass


@shows
def test_leaks(route):
    """Nothing of what this shows is kept."""
    token = redactor.remember("canary-token-" + "4f" * 20)
    print("printed", token, PASSWORD)
    with step(f"send {token}") as it:
        it.send(f"X-Api-Key: {token}")
        it.receive(f"yours was {PASSWORD}")
    assert token == PASSWORD, f"{token} is not {PASSWORD}"


@shows
def test_learns_a_secret_late(route):
    with step("log in") as it:
        it.receive("canary-late-5b5b5b5b5b")
    redactor.remember("canary-late-5b5b5b5b5b")
'''


TIME = "2026-11-22T09:00:00+00:00"

_runs: list[Ran] = []


@pytest.fixture
def ran(suite: Callable[..., Ran]) -> Ran:
    """The suite's run; it runs once for all tests of this module."""
    if not _runs:
        source = SCENARIOS.replace("PASSWORD", repr(PASSWORD))
        _runs.append(suite(source, "cstcloud:egi", "cstcloud:cstcloud"))
    return _runs[0]


@pytest.mark.parametrize(
    ("test", "end", "message"),
    [
        ("test_passes", ("passed", None, None), ""),
        ("test_is_refused", ("passed", None, None), ""),
        ("test_asserts", ("failed", "assert", "assertion"), "one is not two (test_suite.py:31)"),
        ("test_crashes", ("failed", "act", "crash"), "KeyError: 'missing' (test_suite.py:43)"),
        ("test_cannot_go_on", ("failed", "act", "unusable"), "Unusable: the token is for another"),
        ("test_has_no_bundle", ("failed", "act", "unprepared"), "PreconditionError: the bundle of"),
        ("test_hangs", ("failed", "act", "hung"), "Failed: Timeout"),
        ("test_unreachable", ("failed", "act", "unreachable"), "Unreachable: no answer from"),
        ("test_nobody_is_there", ("failed", "act", "unreachable"), "Unreachable: ConnectTimeout"),
        ("test_times_out", ("failed", "act", "timeout"), "Unreachable: ran past 3 s"),
        ("test_control_fails", ("failed", "control", "assertion"), "the control failed"),
        ("test_is_accepted", ("failed", "assert", "assertion"), "should have been refused"),
        ("test_set_up_fails", ("error", "setup", "crash"), "RuntimeError: no set-up"),
        ("test_clean_up_fails", ("error", "cleanup", "crash"), "RuntimeError: no clean-up"),
        ("test_skips", ("error", "act", "crash"), "Skipped: not today"),
        ("test_needs", ("not offered", None, None), "CSTCLOUD-TWIN does not declare"),
    ],
)
def test_each_end_has_its_status_stage_class_and_message(
    ran: Ran, test: str, end: tuple[str, str | None, str | None], message: str
) -> None:
    found = ran.outcome(test)
    assert (found.status, found.stage, found.error) == end
    assert found.message.startswith(message)


def test_every_cell_has_one_outcome(ran: Ran) -> None:
    keys = [o.key for o in ran.outcomes]
    assert len(keys) == len(set(keys)) == 2 * 21
    planned = (ran.folder / "plan.jsonl").read_text().splitlines()
    assert len(planned) == len(keys)


def test_an_outcome_names_its_cell(ran: Ran) -> None:
    found = ran.outcome("test_passes")
    assert found.scenario == "auth/test_suite.py::test_passes"
    assert found.title == "A thing is so"
    assert found.family == "auth"
    assert found.requirements == ("AUTH-017",)
    assert (found.home, found.resource, found.site) == ("cstcloud", "egi", "EGI-TWIN")
    assert found.worker.startswith("w")
    assert found.start <= found.stop
    assert found.start.endswith("+00:00")


def test_parameters_belong_to_the_scenario_and_the_route_does_not(ran: Ran) -> None:
    names = {o.scenario.partition("::")[2] for o in ran.outcomes}
    assert {"test_sizes[0 B]", "test_sizes[1 MiB]"} <= names


def test_hosts_are_those_that_were_asked_not_those_that_an_answer_names(ran: Ran) -> None:
    assert "se.egi.test" in ran.outcome("test_passes").hosts
    assert "aai.egi.test" not in ran.outcome("test_passes").hosts
    assert "ce.egi.test" in ran.outcome("test_unreachable").hosts


def test_the_workstation_takes_part_and_the_router_where_the_route_crosses(ran: Ran) -> None:
    """No request names them, and without them none arrives."""
    found = {o.route: o.hosts for o in ran.outcomes if o.scenario.endswith("::test_asserts")}
    assert set(found["cstcloud:EGI-TWIN"]) == {"ui.cstcloud.test", "wan"}
    assert set(found["cstcloud:CSTCLOUD-TWIN"]) == {"ui.cstcloud.test"}


def test_an_outcome_holds_the_figures_that_were_measured(ran: Ran) -> None:
    found = ran.outcome("test_measures").measurements
    assert [(one.seconds, one.detail, one.at_least) for one in found] == [
        (17.0, "", False),
        (60.0, "session", True),
    ]
    assert {(one.what, one.service) for one in found} == {
        ("containment time", "https://se.egi.test/vo.interop")
    }
    seen = [step["answer"] for step in ran.evidence("test_measures")["steps"]]  # type: ignore[index,attr-defined]
    assert seen == ["17 s", "more than 60 s"]
    assert ran.outcome("test_passes").measurements == ()


def test_evidence_holds_the_steps(ran: Ran) -> None:
    (step,) = ran.evidence("test_passes")["steps"]  # type: ignore[misc]
    assert step["title"] == "GET https://se.egi.test/f"
    assert step["answer"] == "HTTP 200 from aai.egi.test"
    assert "one is not two" in str(ran.evidence("test_asserts")["tracebacks"])


def test_allure_groups_by_route_family_and_scenario(ran: Ran) -> None:
    results = [json.loads(p.read_text()) for p in ran.folder.glob("allure-results/*-result.json")]
    (found,) = (result for result in results if result["name"] == "test_passes[cstcloud:EGI-TWIN]")
    labels = {(label["name"], label["value"]) for label in found["labels"]}
    assert {
        ("route", "cstcloud:EGI-TWIN"),
        ("feature", "auth"),
        ("story", "A thing is so"),
        ("tag", "AUTH-017"),
    } <= labels
    assert found["description"].startswith("A thing is so.\n\nAnd more of it.")
    assert found["parameters"] == [{"name": "route", "value": "'cstcloud:EGI-TWIN'"}]
    assert found["steps"][0]["name"] == "GET https://se.egi.test/f"
    assert len(results) == len(ran.outcomes)


def test_junit_counts_every_cell(ran: Ran) -> None:
    assert (ran.folder / "junit.xml").read_text().count("<testcase") == len(ran.outcomes)


def test_no_secret_is_anywhere_in_the_folder(ran: Ran) -> None:
    """Printed, raised, compared, sent in a step, known before or only afterwards: all are cut out."""
    assert ran.outcome("test_leaks").status == "failed"
    files = [path for path in ran.folder.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        text = path.read_text(errors="replace")
        for secret in (PASSWORD, "canary-token", "4f4f4f4f"):
            assert secret not in text, path
    late = json.dumps(ran.evidence("test_learns_a_secret_late"))
    assert "canary-late" not in late


def test_a_cell_has_one_outcome_in_an_attempt_though_its_worker_dies_afterwards(
    tmp_path: Path,
) -> None:
    cell = Cell(
        scenario="auth/test_a.py::test_x",
        title="X",
        family="auth",
        requirements=("AUTH-017",),
        home="egi",
        resource="egi",
        site="EGI-TWIN",
    )
    told = Outcome(**cell.model_dump(), status="passed", start=TIME, stop=TIME)
    node_id = f"auth/test_a.py::test_x[{cell.key[1]}]"
    last = SimpleNamespace(when="teardown", nodeid=node_id)
    setattr(last, OUTCOME, told.model_dump(mode="json"))
    crash = SimpleNamespace(when=CRASHED, nodeid=node_id, longreprtext="worker w1 died: SIGKILL")
    for attempt, reports in ((1, [last, crash]), (2, [crash])):
        controller = _Controller(tmp_path, attempt)
        controller._cells = {node_id: cell}
        for report in reports:
            controller.pytest_runtest_logreport(report)  # type: ignore[arg-type]
        controller.pytest_unconfigure()
    found = outcomes.read(tmp_path)
    assert [(one.attempt, one.status) for one in found] == [(1, "passed"), (2, "error")]
