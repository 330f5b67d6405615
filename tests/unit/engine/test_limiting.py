"""What a run may not do is not run, and says why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.clients import limits
from harness.conformance.downtimes import Downtime
from harness.engine import limiting
from harness.model import Service, Testbed
from tests.unit.clients.test_limits import twin
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
        "the run only reads (--read-only), and the scenario needs webdav with write"
    )
    assert said["test_writes_by_http"].message.startswith(
        "the run only reads (--read-only), and this would not: PUT https://se.cstcloud.test/"
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
