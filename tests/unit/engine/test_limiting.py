"""What a run may not do is not run, and says why."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.clients import limits
from harness.conformance.downtimes import Downtime
from harness.engine import limiting
from harness.model import Service, Testbed
from tests.unit.clients.test_limits import twin
from tests.unit.serving import Asked, Reply, serving
from tests.unit.suites import Ran, Suite

__all__ = ["twin"]

MARKS = 'pytestmark = [pytest.mark.requirement("AUTH-031"), pytest.mark.killed_by("closed")]'

WRITING = f"""
import pytest

{MARKS}


@pytest.mark.needs("webdav", "write")
def test_needs_to_write(route, storage, member):
    raise AssertionError("not reached")


def test_writes_by_http(http):
    http.request("PUT", "https://se.cstcloud.test/vo.interop/x", content=b"x")
    raise AssertionError("not reached")


def test_writes_by_a_command(workstation):
    workstation.run("true", writes=True)
    raise AssertionError("not reached")


def test_reads(route):
    assert route
"""
READ_ONLY = "import dataclasses; selection = dataclasses.replace(selection, read_only=True)"


def test_a_run_that_only_reads_does_not_run_what_writes(suite: Callable[..., Ran]) -> None:
    ran = suite(WRITING, "egi:cstcloud", prelude=READ_ONLY)
    said = {one.scenario.rpartition("::")[2].partition("[")[0]: one for one in ran.outcomes}
    assert {name: one.status for name, one in said.items()} == {
        "test_needs_to_write": "not run",
        "test_writes_by_http": "not run",
        "test_writes_by_a_command": "not run",
        "test_reads": "passed",
    }
    assert said["test_needs_to_write"].message == (
        "the run is read-only (--read-only), and the scenario needs webdav with write"
    )
    assert said["test_writes_by_http"].message.startswith(
        "the run is read-only (--read-only), and this would write: PUT https://se.cstcloud.test/"
    )


ASKING = f"""
import pytest

{MARKS}


@pytest.mark.needs("org.openstack.keystone")
def test_of_the_cloud(route):
    raise AssertionError("not reached")


def test_asks_the_cloud(http):
    http.request("GET", "https://cloud.cstcloud.test:5000/v3")
    raise AssertionError("not reached")


@pytest.mark.needs("webdav", "read")
def test_of_the_storage(route):
    assert route
"""


def test_what_is_in_downtime_is_not_asked(
    suite: Callable[..., Ran], inventory_folder: Path
) -> None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    times = {
        "declared": now - dt.timedelta(days=2),
        "start": now - dt.timedelta(hours=1),
        "end": now + dt.timedelta(hours=9),
    }
    said = "".join(f"    {key}: '{time:%Y-%m-%dT%H:%M:%SZ}'\n" for key, time in times.items())
    entry = (
        "  - severity: {}\n    site: CSTCLOUD-TWIN\n    services: [{}]\n    description: Disks.\n{}"
    )
    (inventory_folder / "downtimes.yaml").write_text(
        "downtimes:\n"
        + entry.format("outage", "cloud.cstcloud.test", said)
        + entry.format("at-risk", "se.cstcloud.test", said)
    )
    ran = suite(ASKING, "egi:cstcloud")
    found = {one.scenario.rpartition("::")[2].partition("[")[0]: one for one in ran.outcomes}
    assert found["test_of_the_storage"].status == "passed"
    for name in ("test_of_the_cloud", "test_asks_the_cloud"):
        assert found[name].status == "not run"
        assert found[name].message == (
            "org.openstack.keystone at cloud.cstcloud.test (CSTCLOUD-TWIN) is in a declared downtime until "
            f"{times['end']:%Y-%m-%d %H:%M} UTC: Disks."
        )


HASTE = f"""
import pytest

{MARKS}


@pytest.mark.parametrize("number", range(6))
def test_asks(route, http, workstation, number):
    url = route.resource.service("webdav", capability="copy").endpoint
    for _ in range(2):
        http.request("GET", url)
    workstation.run(["true", url])
    http.request("GET", f"{{url}}/more")
"""
RATE = 10


@pytest.mark.parametrize("budget", [f", budget: {{requests_per_second: {RATE}}}", ""])
def test_a_site_is_never_asked_faster_than_declared_by_a_whole_run(
    suite: Callable[..., Ran], inventory_folder: Path, budget: str
) -> None:
    """A site counts what four workers ask it in a second; without a budget, it is more than that."""
    came: list[float] = []

    def reply(_: Asked) -> Reply:
        came.append(time.monotonic())
        return 200, {}, b"ok"

    hosts = inventory_folder / "hosts.yml"
    with serving(reply) as server:
        text = hosts.read_text()
        for old, new in {
            "https://se.cstcloud.test:8443/vo": f"{server.url}/vo",
            "vars: {site: CSTCLOUD-TWIN}": f"vars: {{site: CSTCLOUD-TWIN{budget}}}",
            "testbed_roles: [trust, ui, proxy]": "testbed_roles: [ui]\n              "
            "ansible_connection: local",
        }.items():
            assert old in text
            text = text.replace(old, new)
        hosts.write_text(text)
        ran = suite(HASTE, "egi:cstcloud")
    assert {one.status for one in ran.outcomes} == {"passed"}, ran.output
    assert len(came) == 6 * 3
    most = max(sum(begin <= time < begin + 1 for time in came) for begin in came)
    assert (most <= RATE) is bool(budget), f"{most} requests came within a second"


USED_UP = """
from harness import inventory as inventories
from harness.clients import limits
from harness.engine import limiting

loaded = inventories.load(Path(inventory))
run = limiting.kept(loaded.testbed, loaded.folder)
run.__enter__()
limits.used("https://cloud.cstcloud.test:5000/v3", {count})
"""


@pytest.mark.parametrize(("count", "status"), [(1000, "not run"), (999, "failed")])
def test_what_a_run_has_used_before_its_scenarios_counts(
    suite: Callable[..., Ran], inventory_folder: Path, count: int, status: str
) -> None:
    """And so does its first attempt in the second: a session begins no budget of its own."""
    hosts = inventory_folder / "hosts.yml"
    site = "vars: {site: CSTCLOUD-TWIN"
    text = hosts.read_text()
    assert f"{site}}}" in text
    hosts.write_text(text.replace(site, f"{site}, budget: {{bytes: 1000}}"))
    ran = suite(ASKING, "egi:cstcloud", prelude=USED_UP.format(count=count))
    asked = ran.outcome("test_asks_the_cloud")
    assert asked.status == status, asked.message
    if status == "not run":
        assert asked.message.startswith(
            "CSTCLOUD-TWIN allows the testbed to transfer 1000 bytes in a run"
        )


@pytest.mark.parametrize(
    ("severity", "hours", "is_closed"),
    [("outage", 1, True), ("outage", 5, False), ("outage", -1, False), ("at-risk", 1, False)],
)
def test_a_service_is_closed_while_an_outage_lasts(
    twin: Testbed, severity: str, hours: int, is_closed: bool
) -> None:
    start = dt.datetime(2026, 11, 24, 6, tzinfo=dt.UTC)
    service: Service = twin.site("EGI-TWIN").service("webdav")
    one = Downtime(
        severity=severity,  # type: ignore[arg-type]
        site="EGI-TWIN",
        services=("webdav",),
        declared=start,
        start=start,
        end=start + dt.timedelta(hours=4),
        description="x",
    )
    why = limiting.closed(service, [one], now=start + dt.timedelta(hours=hours))
    assert bool(why) is is_closed


def test_a_second_attempt_has_what_the_first_has_left(suite: Suite) -> None:
    """A session does not forget what was used of a budget; the run does, which has the testbed alone."""
    used = suite.state / "unit" / "limits" / "site.json"
    used.parent.mkdir()
    used.write_text('{"bytes": 7}')
    suite(WRITING, "egi:cstcloud", prelude=READ_ONLY)
    assert used.read_text() == '{"bytes": 7}'
    limits.forget(used.parent)
    assert not used.exists()
