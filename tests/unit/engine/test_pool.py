"""Forked workers: side by side, each test once, and none of them takes the others down."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from harness.engine.pool import parted, spread
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


class Marked:
    """What the pool looks at of a test."""

    path = Path("jobs/test_one.py")

    def __init__(self, mark: str = "") -> None:
        self._mark = mark

    def get_closest_marker(self, name: str) -> str | None:
        return self._mark if name == self._mark else None


def test_what_waits_long_begins_first() -> None:
    items = [Marked(), Marked("alone"), Marked(), Marked("long")]
    assert parted(items) == ([3, 0, 2], [[1]])  # type: ignore[arg-type]


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


@pytest.mark.parametrize("word", ["many", "0", "-1", "2.5", ""])
def test_a_limit_that_is_no_number_is_told(suite: Callable[..., Ran], word: str) -> None:
    ran = suite(CROWDED, env={"TESTBED_WORKERS": word})
    assert f"BadInput: TESTBED_WORKERS={word}: it must be a whole number, 1 or more." in ran.output


@pytest.mark.parametrize(
    ("burdens", "order"),
    [
        ("aaabbc", [0, 3, 5, 1, 4, 2]),
        ("abc", [0, 1, 2]),
        ("aaa", [0, 1, 2]),
        ("", []),
    ],
)
def test_neighbours_burden_different_services(burdens: str, order: list[int]) -> None:
    assert spread(burdens) == order
