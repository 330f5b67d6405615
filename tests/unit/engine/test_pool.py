"""Forked workers: side by side, each test once, and none of them takes the others down."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.engine.pool import CRASHED, Pool
from harness.engine.scheduling.fair import Fair
from harness.engine.scheduling.protocol import Task
from harness.engine.workers.protocol import Event, Gone, Ready, Reported
from harness.interruption import Interruption
from tests.unit.suites import Ran

SCENARIOS = """
import os
import signal
from pathlib import Path

import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

shows = pytest.mark.requirement("AUTH-017")
pytestmark = pytest.mark.killed_by("closed")
PLACE = Path(os.environ["PLACE"])


@retry(retry=retry_if_result(lambda n: n < 4), wait=wait_fixed(0.02), stop=stop_after_delay(30))
def all_have_arrived():
    return len(list((PLACE / "meeting").iterdir()))


@shows
@pytest.mark.parametrize("number", range(4))
def test_meets(route, number):
    (PLACE / "meeting" / str(number)).touch()
    all_have_arrived()


@shows
@pytest.mark.parametrize("number", range(2))
def test_kills_itself(route, number):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="session")
def costly():
    note = PLACE / f"made-{os.getpid()}"
    assert not note.exists()
    note.touch()
    yield
    note.rename(PLACE / f"cleaned-{os.getpid()}")


@shows
@pytest.mark.parametrize("number", range(12))
def test_uses(route, costly, number):
    pass


@shows
@pytest.mark.parametrize("number", range(6))
def test_talks(route, number):
    print(f"I am number {number}")
"""

DISTURBING = """
import pytest

shows = pytest.mark.requirement("AUTH-017")
pytestmark = pytest.mark.killed_by("closed")


@shows
@pytest.mark.alone
@pytest.mark.parametrize("number", range(3))
def test_disturbs(route, number):
    pass


@shows
@pytest.mark.parametrize("number", range(8))
def test_a_quiet_one(route, number):
    pass
"""

CROWDED = """
import pytest

pytestmark = [pytest.mark.requirement("AUTH-017"), pytest.mark.killed_by("closed")]


@pytest.mark.parametrize("number", range(9))
def test_burdens(route, number):
    pass
"""

_runs: list[tuple[Ran, Path]] = []


@pytest.fixture
def ran(suite: Callable[..., Ran], tmp_path: Path) -> tuple[Ran, Path]:
    """The suite's run on four workers, and the place where its tests left notes; made once."""
    if not _runs:
        (tmp_path / "meeting").mkdir()
        _runs.append((suite(SCENARIOS, "egi:egi", env={"PLACE": str(tmp_path)}), tmp_path))
    return _runs[0]


def test_every_test_runs_once(ran: tuple[Ran, Path]) -> None:
    keys = [o.key for o in ran[0].outcomes]
    assert len(keys) == len(set(keys)) == 4 + 2 + 12 + 6


def test_scenarios_wait_side_by_side(ran: tuple[Ran, Path]) -> None:
    """Four that wait for each other could not end one after the other."""
    met = [o for o in ran[0].outcomes if "test_meets" in o.scenario]
    assert [o.status for o in met] == ["passed"] * 4
    assert len({o.worker for o in met}) == 4


def test_a_worker_that_dies_costs_its_own_test_only(ran: tuple[Ran, Path]) -> None:
    dead = [o for o in ran[0].outcomes if o.status != "passed"]
    assert {o.scenario.partition("::")[2] for o in dead} == {
        "test_kills_itself[0]",
        "test_kills_itself[1]",
    }
    assert {(o.status, o.stage, o.error) for o in dead} == {("error", "act", "crash")}
    assert "SIGKILL" in dead[0].message


def test_what_disturbs_a_service_runs_alone_after_all_others(suite: Callable[..., Ran]) -> None:
    outcomes = suite(DISTURBING, "egi:egi").outcomes
    disturbing = [o for o in outcomes if "test_disturbs" in o.scenario]
    quiet = [o for o in outcomes if o not in disturbing]
    assert (len(disturbing), len(quiet)) == (3, 8)
    assert max(o.stop for o in quiet) <= min(o.start for o in disturbing)
    times = sorted((o.start, o.stop) for o in disturbing)
    assert all(one[1] <= other[0] for one, other in pairwise(times))


def test_what_lives_for_the_session_is_made_once_a_worker_and_cleaned_up(
    ran: tuple[Ran, Path],
) -> None:
    users = {o.worker for o in ran[0].outcomes if "test_uses" in o.scenario}
    assert len(list(ran[1].glob("cleaned-*"))) == len(users)
    assert not list(ran[1].glob("made-*"))


def test_what_a_worker_prints_stays_with_its_test(ran: tuple[Ran, Path]) -> None:
    folder = ran[0].folder / "allure-results"
    results = [json.loads(path.read_text()) for path in folder.glob("*-result.json")]
    talks = [result for result in results if result["name"].startswith("test_talks")]
    assert len(talks) == 6
    for result in talks:
        (number,) = (p["value"] for p in result["parameters"] if p["name"] == "number")
        (said,) = (a["source"] for a in result["attachments"] if a["name"] == "stdout")
        assert (folder / said).read_text().strip() == f"I am number {number}"


def test_what_disturbs_different_sites_runs_side_by_side(suite: Callable[..., Ran]) -> None:
    """Of two routes to one site, one waits for the other; those to the other site do not."""
    outcomes = suite(DISTURBING).outcomes
    disturbing = [o for o in outcomes if "test_disturbs" in o.scenario]
    assert len(disturbing) == 12
    workers = {
        site: {o.worker for o in disturbing if o.resource == site} for site in ("egi", "cstcloud")
    }
    assert [len(names) for names in workers.values()] == [1, 1]
    assert not workers["egi"] & workers["cstcloud"]
    assert max(o.stop for o in outcomes if o not in disturbing) <= min(o.start for o in disturbing)


def test_no_site_has_more_at_once_than_its_services_bear(suite: Callable[..., Ran]) -> None:
    outcomes = suite(CROWDED, env={"TESTBED_PER_SERVICE": "1"}).outcomes
    assert len(outcomes) == 4 * 9
    for site in ("egi", "cstcloud"):
        times = sorted((o.start, o.stop) for o in outcomes if o.resource == site)
        assert all(one[1] <= other[0] for one, other in pairwise(times))


@pytest.mark.parametrize("word", ["many", "0", "-1", "2.5", "", "1000000000", "nan"])
def test_a_limit_that_is_no_number_is_told(suite: Callable[..., Ran], word: str) -> None:
    ran = suite(CROWDED, env={"TESTBED_WORKERS": word})
    assert (
        f"BadInput: TESTBED_WORKERS={word}: a whole number is expected, from 1 to 999."
        in ran.output
    )


class Hooks:
    """Pytest's hooks as the pool calls them: keeps the reports, counts the ticks."""

    def __init__(self) -> None:
        self.reports: list[tuple[str, str]] = []
        self.ticks = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.reports.append((report.nodeid, str(report.when)))

    def pytest_testbed_tick(self) -> None:
        self.ticks += 1


class Scripted:
    """Workers that are nowhere: the events are given, what the pool asks is written down."""

    def __init__(self, *events: Event | Callable[[], object]) -> None:
        self._events = list(events)
        self.before: Callable[[], None] = lambda: None
        """What happens before the next event is read."""
        self.asked: list[tuple[str, ...]] = []

    def start(self, name: str) -> None:
        self.asked.append(("start", name))

    def give(self, name: str, test: int) -> None:
        self.asked.append(("give", name, str(test)))

    def dismiss(self, name: str) -> None:
        self.asked.append(("dismiss", name))

    def events(self, *, timeout: float) -> Iterator[Event]:
        event = self._events.pop(0)
        self.before()
        if isinstance(event, Reported | Ready | Gone):
            yield event
        else:
            event()

    def stop(self, *, hurry: Callable[[], bool]) -> None:
        self.asked.append(("stop", "at once" if hurry() else "in peace"))


def report(test: int, when: str) -> pytest.TestReport:
    return pytest.TestReport(f"test_{test}", ("", 0, ""), {}, "passed", None, when)  # type: ignore[arg-type]


def pooled(
    workers: Scripted,
    *,
    tests: int = 1,
    noted: Interruption | None = None,
    hooks: Hooks | None = None,
) -> Hooks:
    """Run so many tests, one at a time, with workers that do what is scripted."""
    items = [SimpleNamespace(nodeid=f"test_{n}", location=("", 0, "")) for n in range(tests)]
    hooks = hooks or Hooks()
    session = SimpleNamespace(items=items, config=SimpleNamespace(hook=hooks))
    tasks = [Task(number=n, family="f", route="a:B", site="B") for n in range(tests)]
    policy = Fair(tasks, size=1, per_service=1)
    Pool(session, policy, workers, noted or Interruption()).run()  # type: ignore[arg-type]
    return hooks


def test_a_worker_is_given_tests_until_there_are_none_and_is_then_dismissed() -> None:
    workers = Scripted(Ready("w1"), Ready("w1"), Gone("w1", "exit code 0"))
    pooled(workers, tests=2)
    assert workers.asked == [
        ("start", "w1"),
        ("give", "w1", "0"),
        ("give", "w1", "1"),
        ("dismiss", "w1"),
    ]


def test_a_dead_worker_is_reported_and_replaced() -> None:
    workers = Scripted(
        Reported("w1", report(0, "setup")),
        Gone("w1", "SIGKILL"),
        Ready("w2"),
        Gone("w2", "exit code 0"),
    )
    hooks = pooled(workers, tests=2)
    assert hooks.reports == [("test_0", "setup"), ("test_0", CRASHED)]
    assert ("give", "w2", "1") in workers.asked


def test_a_worker_that_dies_after_the_last_report_of_its_test_costs_nothing() -> None:
    workers = Scripted(Reported("w1", report(0, "teardown")), Gone("w1", "SIGKILL"))
    assert pooled(workers).reports == [("test_0", "teardown")]


def test_the_clock_ticks_while_no_worker_speaks() -> None:
    quiet = [lambda: None] * 3
    assert pooled(Scripted(*quiet, Ready("w1"), Gone("w1", "exit code 0"))).ticks == 5


@pytest.mark.parametrize(("signals", "how"), [(1, "in peace"), (2, "at once")])
def test_an_interruption_stops_the_workers_and_a_second_one_waits_for_nothing(
    signals: int, how: str
) -> None:
    noted = Interruption()
    workers = Scripted(lambda: [noted.note(signal.SIGINT, None) for _ in range(signals)])
    with pytest.raises(KeyboardInterrupt):
        pooled(workers, noted=noted)
    assert workers.asked[-1] == ("stop", how)


def test_a_worker_that_ended_with_the_interruption_has_not_crashed() -> None:
    """A termination of a whole group of processes reaches workers and pool at once."""
    noted = Interruption()
    workers = Scripted(Gone("w1", "exit code 1"))
    workers.before = lambda: noted.note(signal.SIGTERM, None)
    hooks = Hooks()
    with pytest.raises(KeyboardInterrupt):
        pooled(workers, noted=noted, hooks=hooks)
    assert not hooks.reports
