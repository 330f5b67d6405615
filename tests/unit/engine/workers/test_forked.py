"""Forked workers end when the run does, however it ends, and are forked beside no thread."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from tests.unit.suites import Suite

WAITING = """
import os
import threading
from pathlib import Path

import pytest

pytestmark = [pytest.mark.requirement("AUTH-017"), pytest.mark.killed_by("closed")]
PLACE = Path(os.environ["PLACE"])


@pytest.fixture
def remote_job():
    (PLACE / f"job-{os.getpid()}").touch()
    yield
    (PLACE / f"job-{os.getpid()}").unlink()


@pytest.mark.parametrize("number", range(2))
def test_waits(route, remote_job, number):
    (PLACE / f"pid-{os.getpid()}").touch()
    threading.Event().wait(600)


def test_passes(route):
    pass
"""


@retry(
    retry=retry_if_result(lambda there: not there),
    wait=wait_fixed(0.05),
    stop=stop_after_delay(120),
)
def wait_for(condition: Callable[[], bool]) -> bool:
    return condition()


def pids(place: Path) -> list[int]:
    return [int(path.name.partition("-")[2]) for path in place.glob("pid-*")]


def is_over(pid: int) -> bool:
    """A process that has ended may stay as a zombie, where nobody asks for its exit code."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"


def test_workers_within_a_test_clean_up_and_end_when_the_parent_is_killed(suite: Suite) -> None:
    process = suite.start(WAITING, "egi:egi", env={"PLACE": str(suite.place)})
    wait_for(lambda: len(pids(suite.place)) == 2)
    process.send_signal(signal.SIGKILL)
    wait_for(lambda: all(map(is_over, pids(suite.place))))
    assert not list(suite.place.glob("job-*"))
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_end_from_outside_lets_the_workers_clean_up(
    suite: Suite, number: signal.Signals
) -> None:
    process = suite.start(WAITING, "egi:egi", env={"PLACE": str(suite.place)})
    wait_for(lambda: len(pids(suite.place)) == 2)
    process.send_signal(number)
    output, _ = process.communicate()
    assert process.returncode == 130, output
    assert not list(suite.place.glob("job-*"))
    assert all(map(is_over, pids(suite.place)))


NEVER_CLEAN = """
import os
import signal
import threading
from pathlib import Path

import pytest

pytestmark = [pytest.mark.requirement("AUTH-017"), pytest.mark.killed_by("closed")]


@pytest.fixture
def stubborn():
    yield
    threading.Event().wait(600)


def test_waits(route, stubborn):
    Path(os.environ["PLACE"], f"pid-{os.getpid()}").touch()
    threading.Event().wait(600)
"""
SHORT = """
    from harness.engine.workers import forked
    forked.PATIENCE = 0.5
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_clean_up_that_hangs_is_ended_whether_or_not_the_parent_is_there(
    suite: Suite, number: signal.Signals
) -> None:
    env = {"PLACE": str(suite.place)}
    process = suite.start(NEVER_CLEAN, "egi:egi", env=env, prelude=SHORT)
    wait_for(lambda: bool(pids(suite.place)))
    process.send_signal(number)
    process.communicate()
    wait_for(lambda: all(map(is_over, pids(suite.place))))


DYING = """
import os
import signal

import pytest

pytestmark = [pytest.mark.requirement("AUTH-017"), pytest.mark.killed_by("closed")]


@pytest.mark.parametrize("number", range(3))
def test_dies(route, number):
    os.kill(os.getpid(), signal.SIGKILL)
"""
WATCHED = """
    import datetime as dt
    import os
    import threading
    from rich.console import Console
    from harness.engine.progress import RunLive

    count = Path(folder).parent / "threads"
    def note():
        with count.open("a") as file:
            print(threading.active_count(), file=file)
    os.register_at_fork(before=note)
    view = RunLive(
        Console(force_terminal=True, width=60),
        cells=3, what="scenarios", known=(), faults=(), day=dt.date(2026, 1, 1),
    )
    view.__enter__()
    plugins.append(view)
"""


def test_no_worker_is_forked_beside_a_thread_though_a_display_runs(suite: Suite) -> None:
    """Dead workers are replaced when the display has drawn already."""
    ran = suite(DYING, "egi:egi", env={"TESTBED_WORKERS": "1"}, prelude=WATCHED)
    assert (suite.place / "threads").read_text().split() == ["1"] * 3
    assert "3/3" in ran.output


def test_a_worker_that_dies_after_its_tests_last_report_leaves_one_outcome(suite: Suite) -> None:
    prelude = """
        import os, signal
        parent = os.getpid()
        class Killer:
            def pytest_runtest_logfinish(self):
                if os.getpid() != parent:
                    os.kill(os.getpid(), signal.SIGKILL)
        plugins.append(Killer())
    """
    source = DYING.replace("os.kill(os.getpid(), signal.SIGKILL)", "pass")
    ran = suite(source, "egi:egi", prelude=prelude)
    assert [one.status for one in ran.outcomes] == ["passed"] * 3, ran.output


def test_a_worker_that_waits_for_a_test_ends_with_the_parent(suite: Suite) -> None:
    """It is given none while the service bears no more."""
    source = WAITING.replace("def test_passes(route):", "def test_passes(route):  # never begins")
    env = {"PLACE": str(suite.place), "TESTBED_PER_SERVICE": "1"}
    process = suite.start(source, "egi:egi", env=env)
    wait_for(lambda: len(pids(suite.place)) == 1)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()  # all workers share the output: none is left when it ends
