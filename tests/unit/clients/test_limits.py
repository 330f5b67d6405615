"""A site is asked no faster, and gets no more, than its inventory allows, by all processes together."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from harness import inventory
from harness.budget import Budget
from harness.clients import limits
from harness.clients.http import Http
from harness.clients.limits import Limits
from harness.errors import NotAllowed
from harness.model import Service, Site, Testbed
from tests.unit.serving import Asked, serving

TWIN = Path(__file__).parents[3] / "inventories" / "twin"


@pytest.fixture(scope="module")
def twin() -> Testbed:
    return inventory.load(TWIN).testbed


@pytest.fixture(autouse=True)
def afterwards() -> Iterator[None]:
    yield
    limits.keep(None)


def limited(testbed: Testbed, site: str, *services: Service, **budget: object) -> Testbed:
    """The testbed with a budget at one site, which has these services where any are named."""

    def changed(one: Site) -> Site:
        if one.name != site:
            return one
        more = {"services": services} if services else {}
        return one.model_copy(update={"budget": Budget(**budget), **more})  # type: ignore[arg-type]

    return testbed.model_copy(update={"sites": tuple(changed(one) for one in testbed.sites)})


def storage_at(testbed: Testbed, url: str) -> Service:
    service = testbed.site("EGI-TWIN").service("webdav")
    return service.model_copy(update={"endpoint": url})


def in_processes(count: int, work: Callable[[], None]) -> None:
    """Do the same in several processes at once, as the workers of a run do."""
    children = []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                work()
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * count


def test_a_site_is_never_asked_faster_than_declared(twin: Testbed, tmp_path: Path) -> None:
    """Four processes ask a site forty times, which allows twenty requests a second."""
    came: list[float] = []

    def reply(_: Asked) -> tuple[int, dict[str, str], bytes]:
        came.append(time.monotonic())
        return 200, {}, b"ok"

    rate = 20
    with serving(reply) as server:
        testbed = limited(
            twin, "EGI-TWIN", storage_at(twin, f"{server.url}/vo"), requests_per_second=rate
        )
        limits.keep(Limits(testbed, folder=tmp_path))

        def work() -> None:
            with closing(Http(proxy=None, ca_bundle=None)) as http:
                for _ in range(10):
                    http.request("GET", f"{server.url}/vo/file")

        in_processes(4, work)
    came.sort()
    assert len(came) == 40
    # One that is late comes nearer to the next than a turn: what counts is how many come in a time.
    assert max(sum(1 for t in came if begin <= t < begin + 2) for begin in came) <= 2 * rate
    assert came[-1] - came[0] >= 39 / rate


def test_turns_are_kept_apart_by_a_clock_that_all_share(twin: Testbed, tmp_path: Path) -> None:
    now, slept = [100.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 6))
        now[0] += seconds

    testbed = limited(twin, "EGI-TWIN", requests_per_second=5)
    of = [
        Limits(testbed, folder=tmp_path, clock=lambda: now[0], sleep=sleep) for _ in range(2)
    ]  # two processes
    for one in (*of, *of):
        one.before("GET", "https://se.egi.test/vo.interop/x")
    of[0].before("GET", "https://se.cstcloud.test/vo.interop/x")  # has no budget
    assert slept == [0.25, 0.25, 0.25]
    now[0] += 10
    of[0].before_command("davix-get https://se.egi.test/vo.interop/x here", asks="", writes=False)
    of[0].before_command("true", asks="https://se.egi.test", writes=False)
    assert slept == [0.25, 0.25, 0.25, 0.25]


def test_a_site_gets_no_more_bytes_than_declared(twin: Testbed, tmp_path: Path) -> None:
    with serving(lambda _: (200, {}, b"x" * 600)) as server:
        testbed = limited(twin, "EGI-TWIN", storage_at(twin, f"{server.url}/vo"), bytes=1500)
        limits.keep(Limits(testbed, folder=tmp_path))
        with closing(Http(proxy=None, ca_bundle=None)) as http:
            http.request("GET", f"{server.url}/vo/file")
            http.request("PUT", f"{server.url}/vo/file", content=b"y" * 400)
            with pytest.raises(
                NotAllowed, match="EGI-TWIN allows the testbed to transfer 1500 bytes"
            ):
                http.request("GET", f"{server.url}/vo/file")
            assert len(server.asked) == 2
            http.request("DELETE", f"{server.url}/vo/file")  # what was made is removed all the same


def test_what_is_sent_counts_before_it_goes(twin: Testbed, tmp_path: Path) -> None:
    """Else all workers at once would send the last bytes of a site."""
    with serving(lambda _: (201, {}, b"")) as server:
        testbed = limited(twin, "EGI-TWIN", storage_at(twin, f"{server.url}/vo"), bytes=1500)
        limits.keep(Limits(testbed, folder=tmp_path))

        def work() -> None:
            with closing(Http(proxy=None, ca_bundle=None)) as http, suppress(NotAllowed):
                http.request("PUT", f"{server.url}/vo/file", content=b"y" * 400)

        in_processes(6, work)
        assert len(server.asked) == 3
        with closing(Http(proxy=None, ca_bundle=None)) as http:
            with pytest.raises(NotAllowed, match="1200 of them are used: 301 more would exceed it"):
                http.request("PUT", f"{server.url}/vo/file", content=b"y" * 301)
            http.request("PUT", f"{server.url}/vo/file", content=b"y" * 300)


def test_jobs_wait_until_there_is_room(twin: Testbed, tmp_path: Path) -> None:
    testbed = limited(twin, "EGI-TWIN", jobs=2)
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += 100

    mine = Limits(testbed, folder=tmp_path, clock=lambda: now[0], sleep=sleep)
    ce = "https://ce.egi.test/arex"
    first = mine.take_jobs(ce, 2, held=0)
    with pytest.raises(NotAllowed, match=r"2 jobs at once .* too many were there for 300 s"):
        mine.take_jobs(ce, 1, held=0)
    first.pop().close()
    (third,) = mine.take_jobs(ce, 1, held=1)
    with pytest.raises(NotAllowed, match="the scenario needs more"):
        mine.take_jobs(ce, 1, held=2)
    assert mine.take_jobs("condor://ce.cstcloud.test:9618", 50, held=0) == []
    for one in (*first, third):
        one.close()


def test_no_more_jobs_are_there_at_once_than_declared(twin: Testbed, tmp_path: Path) -> None:
    """Three are allowed, and each of five processes wants two: none keeps one while it waits."""
    (tmp_path / "limits").mkdir()
    mine = Limits(
        limited(twin, "EGI-TWIN", jobs=3),
        folder=tmp_path / "limits",
        sleep=lambda _: time.sleep(0.01),
    )
    log = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def work() -> None:
        taken = mine.take_jobs("https://ce.egi.test/arex", 2, held=0)
        os.write(log, b"+")
        time.sleep(0.02)
        os.write(log, b"-")
        for one in taken:
            one.close()

    in_processes(5, work)
    assert (tmp_path / "log").read_bytes() == b"+-" * 5


def test_jobs_of_a_process_that_is_gone_count_no_more(twin: Testbed, tmp_path: Path) -> None:
    mine = Limits(limited(twin, "EGI-TWIN", jobs=1), folder=tmp_path)
    in_processes(3, lambda: (mine.take_jobs("https://ce.egi.test/arex", 1, held=0), None)[1])
    (job,) = mine.take_jobs("https://ce.egi.test/arex", 1, held=0)
    job.close()


@pytest.mark.parametrize(
    ("method", "url", "reads"),
    [
        ("GET", "https://se.egi.test/vo.interop/x", True),
        ("PROPFIND", "https://se.egi.test/vo.interop/x", True),
        ("PUT", "https://se.egi.test/vo.interop/x", False),
        ("MKCOL", "https://se.egi.test/vo.interop/x", False),
        ("COPY", "https://elsewhere.example/x", False),
        ("PUT", "https://disk7.elsewhere.example/x", False),
        ("DELETE", "https://cloud.egi.test:8080/v1/AUTH_1/c", False),
        ("POST", "https://cloud.egi.test:5000/v3/auth/tokens", True),
        ("POST", "https://aai.egi.test/token", True),
        ("POST", "https://ce.egi.test/arex/rest/1.1/jobs?action=new", False),
        ("POST", "https://ce.egi.test/arex/rest/1.1/jobs?action=kill", False),
        ("POST", "https://ce.egi.test/arex/rest/1.1/jobs?action=status", True),
        ("POST", "https://ce.egi.test/arex/rest/1.1/jobs?action=status&action=new", False),
        ("POST", "https://ce.egi.test/arex/rest/1.1/jobs", False),
    ],
)
def test_a_run_that_only_reads_stores_and_submits_nothing(
    twin: Testbed, method: str, url: str, reads: bool
) -> None:
    mine = Limits(twin, read_only=True)
    if reads:
        mine.before(method, url)
    else:
        with pytest.raises(
            NotAllowed, match=r"is read-only \(--read-only\), and this would write: "
        ):
            mine.before(method, url)
    Limits(twin).before(method, url)


def test_a_command_that_writes_is_refused_without_its_secrets(twin: Testbed) -> None:
    mine = Limits(twin, read_only=True)
    mine.before_command("condor_q", asks="token-of-alice", writes=False)
    with pytest.raises(NotAllowed) as told:
        mine.before_command("arcsub -C x", asks="token-of-alice", writes=True)
    assert "token-of-alice" not in str(told.value)


def test_what_is_closed_is_not_asked(twin: Testbed) -> None:
    """One of two services at one address that is open may be asked."""
    mine = Limits(twin, closed=lambda one: "in downtime" if one.type == "webdav" else "")
    with pytest.raises(NotAllowed, match="in downtime"):
        mine.before("GET", "https://se.egi.test/vo.interop/x")
    mine.before("GET", "https://aai.egi.test/jwks")
    mine.before("GET", "https://nowhere.example/")
    with pytest.raises(NotAllowed, match="in downtime"):
        mine.before("GET", "https://se.cstcloud.test:8443/vo.interop/x")
    with pytest.raises(NotAllowed, match="in downtime"):
        mine.before_command("davix-get https://se.egi.test/x y", asks="", writes=False)


def test_every_request_says_whose_it_is() -> None:
    with serving(lambda _: (200, {}, b"")) as server:
        for contact in ("interop@example.org", ""):
            with closing(Http(proxy=None, ca_bundle=None, contact=contact)) as http:
                http.request("GET", server.url)
    first, second = (one.headers["user-agent"] for one in server.asked)
    assert first.startswith("interop-testbed/")
    assert first.endswith(" (+interop@example.org)")
    assert second.startswith("interop-testbed/")
