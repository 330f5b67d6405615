"""What one process of a run has waited for in vain, the others do not wait for."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.clients.http import Http
from harness.clients.outages import LONG_PAUSE, PAUSE, Outages, log_ins, origin, outages
from harness.errors import Unreachable
from tests.unit.serving import serving

URL = "https://se.a.test/vo/file"


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Door:
    """Answers a knock, or not; counts them."""

    opens: bool = False
    knocks: int = field(default=0)

    def __call__(self) -> bool:
        self.knocks += 1
        return self.opens


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def noted(tmp_path: Path, clock: Clock) -> Outages:
    made = Outages(tmp_path, clock)
    made.note(URL, "GET timed out")
    return made


def test_what_nobody_noted_is_asked(tmp_path: Path) -> None:
    door = Door()
    Outages(tmp_path).require(URL, door)
    assert door.knocks == 0


def test_the_first_failure_is_told_and_nobody_waits(noted: Outages, clock: Clock) -> None:
    door = Door()
    noted.note(URL, "a later one")
    with pytest.raises(
        Unreachable, match=r"https://se\.a\.test, since 00:16:40 UTC: GET timed out"
    ) as caught:
        noted.require("https://se.a.test:443/other", door)
    assert (caught.value.host, door.knocks) == ("se.a.test", 0)
    clock.now += PAUSE
    with pytest.raises(Unreachable):
        noted.require(URL, door)
    with pytest.raises(Unreachable):
        noted.require(URL, door)  # another process has just knocked
    assert door.knocks == 1


def test_what_answers_again_is_forgiven(noted: Outages, clock: Clock) -> None:
    door = Door(opens=True)
    clock.now += PAUSE
    for _ in range(2):
        noted.require(URL, door)
    assert door.knocks == 1


def test_another_process_sees_it_by_the_folder(
    noted: Outages, tmp_path: Path, clock: Clock
) -> None:
    other = Outages(tmp_path, clock)
    with pytest.raises(Unreachable):
        other.require(URL, Door())
    clock.now += PAUSE
    noted.require(URL, Door(opens=True))
    other.require(URL, Door())


def test_the_pause_begins_when_the_last_wait_has_ended(noted: Outages, clock: Clock) -> None:
    """A knock that waits as long as the pause would else be followed by the next at once."""

    def slowly() -> bool:
        clock.now += 5 * PAUSE
        return False

    clock.now += PAUSE
    door = Door()
    for knock in (slowly, door):
        with pytest.raises(Unreachable):
            noted.require(URL, knock)
    assert door.knocks == 0


def test_of_many_that_are_down_one_is_waited_for_at_a_time(noted: Outages, clock: Clock) -> None:
    """By one process with a small request, and by one with a command."""
    noted.note("https://se.b.test", "GET timed out")
    noted.note("https://se.c.test", "GET timed out", via="ui")
    noted.note("https://se.d.test", "GET timed out", via="ui")
    clock.now += LONG_PAUSE
    other = Door(opens=True)
    seen = []

    def meanwhile() -> bool:
        with pytest.raises(Unreachable):
            noted.require("https://se.b.test", other)
        with noted.asking("https://se.c.test", via="ui"):
            with (
                pytest.raises(Unreachable, match="not contacted"),
                noted.asking("https://se.d.test", via="ui"),
            ):
                raise AssertionError("it must not be asked")
            seen.append("https://se.c.test")
        return False

    with pytest.raises(Unreachable):
        noted.require(URL, meanwhile)
    assert (other.knocks, seen) == (0, ["https://se.c.test"])
    noted.require("https://se.b.test", other)


@pytest.mark.parametrize(
    "other", ["https://se.a.test:8443/", "http://se.a.test/", "https://se.b.test/"]
)
def test_another_port_scheme_or_host_is_another_matter(noted: Outages, other: str) -> None:
    noted.require(other, Door())


def test_each_workstation_has_its_own(noted: Outages) -> None:
    noted.require(URL, Door(), via="socks5h://10.0.0.1:1080")


def test_what_cannot_be_knocked_at_is_tried_now_and_then(noted: Outages, clock: Clock) -> None:
    """One process tries; the others are told meanwhile. A command that is answered forgives."""
    clock.now += LONG_PAUSE
    with noted.asking(URL, via=""), pytest.raises(Unreachable):
        noted.require(URL)
    noted.require(URL)


def wait_in_vain(made: Outages, clock: Clock, seconds: float) -> None:
    with made.asking(URL, via="ui"):
        clock.now += seconds
        raise Unreachable("no answer", "se.a.test")


def test_a_command_that_waited_long_in_vain_is_noted_and_a_quick_failure_is_not(
    tmp_path: Path, clock: Clock
) -> None:
    made = Outages(tmp_path, clock)
    for seconds in (0.1, 120.0):
        made.require(URL, via="ui")
        with pytest.raises(Unreachable, match="no answer"):
            wait_in_vain(made, clock, seconds)
    with pytest.raises(Unreachable, match="not contacted"), made.asking(URL, via="ui"):
        raise AssertionError("it must not be asked")


def test_an_issuer_that_lets_nobody_in_is_not_asked_again(tmp_path: Path, clock: Clock) -> None:
    made = Outages(tmp_path, clock)
    made.note(log_ins("egi"), "HTTP 401", host="aai.a.test", lasting=True)
    clock.now += 10_000
    with pytest.raises(Unreachable, match="the log-ins of egi"):
        made.require(log_ins("egi"))
    made.require(log_ins("cstcloud"))


def test_without_a_folder_nothing_is_noted() -> None:
    made = Outages()
    made.note(URL, "GET timed out")
    made.require(URL, Door())


def test_a_command_s_word_for_https_means_the_same_origin() -> None:
    assert origin("davs://SE.a.test/x") == origin("https://se.a.test:443/y") == "https://se.a.test"
    assert origin("roots://se.a.test:1094/x") == "roots://se.a.test:1094"


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[Outages]:
    """The outages of this process, kept in a folder for the time of a test."""
    outages.keep(tmp_path / "outages")
    yield outages
    outages.keep(None)


def test_a_host_that_hangs_is_waited_for_once(shared: Outages, tmp_path: Path) -> None:
    """It takes connections and never answers, as a paused container does."""
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        url = f"http://127.0.0.1:{hanging.getsockname()[1]}/x"
        http = Http(proxy=None, ca_bundle=None, timeout=0.3)
        with pytest.raises(Unreachable, match="ReadTimeout"):
            http.request("GET", url)
        with pytest.raises(Unreachable, match="not contacted until it answers again"):
            http.request("GET", url)
        http.close()


@pytest.mark.parametrize(("patience", "noted"), [(0.3, True), (0.4, True), (0.1, False)])
def test_who_waits_as_long_as_usual_notes_it(
    shared: Outages, tmp_path: Path, patience: float, noted: bool
) -> None:
    """The client of storages names its time at each request; one who hangs up early knows nothing."""
    with socket.create_server(("127.0.0.1", 0)) as hanging:
        http = Http(proxy=None, ca_bundle=None, timeout=0.3)
        with pytest.raises(Unreachable, match="ReadTimeout"):
            http.request("GET", f"http://127.0.0.1:{hanging.getsockname()[1]}/x", timeout=patience)
        http.close()
    assert bool(list((tmp_path / "outages").iterdir())) is noted


def test_a_server_that_answers_again_gets_the_request(shared: Outages, tmp_path: Path) -> None:
    with serving(lambda asked: (200, {}, b"here")) as server:
        long_ago = Outages(tmp_path / "outages", lambda: 0.0)
        long_ago.note(server.url, "GET timed out")
        http = Http(proxy=None, ca_bundle=None)
        assert http.request("GET", f"{server.url}/x").body == b"here"
        assert http.request("GET", f"{server.url}/x").body == b"here"
        http.close()
    assert [(one.method, one.target) for one in server.asked] == [
        ("HEAD", "/"),
        ("GET", "/x"),
        ("GET", "/x"),
    ]
