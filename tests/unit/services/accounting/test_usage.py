"""What repositories report of a run, added up: whose users, at whose site."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import inventory
from harness.clients.http import Http
from harness.clients.workstations import Workstations
from harness.conformance import usage as kept
from harness.model import Testbed
from harness.provision import vault
from harness.services.accounting import messages, usage
from harness.services.accounting.kind import KEY
from harness.services.accounting.records import JobRecord, StorageRecord
from harness.state import State
from tests.unit.serving import Asked, Reply, Served, serving

TWIN = Path(__file__).parents[4] / "inventories" / "twin"
ISSUERS = {"https://aai.egi.test": "egi", "https://aai.cstcloud.test": "cstcloud"}


def told(**fields: str) -> dict[str, Any]:
    return {"received": time.time(), "publisher": "ce.test", "times": 1, "fields": fields}


def job(user: str, **changes: str) -> dict[str, Any]:
    fields = {"Site": "EGI-TWIN", "VO": "vo", "WallDuration": "10", "CpuDuration": "4"}
    return told(GlobalUserName=user, **(fields | changes))


def stored(**changes: str) -> dict[str, Any]:
    fields = {"Site": "EGI-TWIN", "StorageSystem": "cloud", "StorageShare": "box", "Group": "vo",
              "FileCount": "1", "ResourceCapacityUsed": "1024", "EndTime": "100"}  # fmt: skip
    return told(**(fields | changes))


def added(*records: dict[str, Any]) -> list[kept.Jobs]:
    return list(usage.added(map(JobRecord.of, records), ISSUERS))


def last(*records: dict[str, Any]) -> list[kept.Stored]:
    return list(usage.last([StorageRecord.of(one) for one in records]))


def test_jobs_are_added_up_by_site_home_and_vo() -> None:
    visitor, other = "https://aai.cstcloud.test/ada", "https://aai.cstcloud.test/bao"
    records = [job(visitor), job(visitor), job(other, Processors="2"), job(visitor, VO="ops")]
    ops, vo = sorted(added(*records), key=lambda one: one.vo)
    assert (vo.site, vo.home, vo.users, vo.jobs) == ("EGI-TWIN", "cstcloud", 2, 3)
    assert (vo.wall, vo.processor) == (10 + 10 + 2 * 10, 12)
    assert vo.efficiency == pytest.approx(30)
    assert (ops.jobs, ops.users) == (1, 1)


def test_a_user_of_no_known_issuer_is_of_no_home() -> None:
    (one,) = added(job("/C=EU/CN=somebody"), job("None", LocalUserId="egi01"))
    assert (one.home, one.jobs, one.users) == ("", 2, 2)


def test_of_a_share_its_last_state_counts() -> None:
    (one,) = last(
        stored(EndTime="300", FileCount="2", ResourceCapacityUsed="3072"),
        stored(),
        stored(StorageShare="other"),
    )
    assert (one.shares, one.files, one.bytes) == (2, 3, 4096)


@pytest.fixture
def testbed() -> Testbed:
    return inventory.load(TWIN).testbed


@pytest.fixture
def served() -> Iterator[Served]:
    test = messages.record("EGI-TWIN")

    def reply(asked: Asked) -> Reply:
        if asked.headers.get("x-api-key") != "the-key-of-egi":
            return 401, {}, b"{}"
        records = [told(**test), job("https://aai.egi.test/ada")]
        given = records if "/job?" in asked.target else [stored()]
        return 200, {}, json.dumps({"records": given}).encode()

    with serving(reply) as made:
        yield made


@pytest.fixture
def repositories(testbed: Testbed, served: Served, monkeypatch: pytest.MonkeyPatch) -> Testbed:
    """The twin, whose repositories are all at one address of this machine."""
    keys = {"egi": {KEY: "the-key-of-egi"}, "cstcloud": {KEY: "of-another"}}
    monkeypatch.setattr(vault, "load", lambda _: keys)
    monkeypatch.setattr(
        Workstations, "browser", lambda *_: Http(proxy=None, ca_bundle=None, contact="")
    )
    sites = tuple(
        site.model_copy(
            update={
                "services": tuple(
                    one.model_copy(update={"endpoint": served.url})
                    if one.type == "egi.APELRepository"
                    else one
                    for one in site.services
                )
            }
        )
        for site in testbed.sites
    )
    return testbed.model_copy(update={"sites": sites})


def test_a_run_keeps_the_sums_and_no_user(repositories: Testbed, tmp_path: Path) -> None:
    usage.keep(repositories, State("twin", root=tmp_path), tmp_path, since=1.0)
    found = kept.read(tmp_path)
    assert found
    (one,) = found.jobs
    assert (one.site, one.home, one.jobs) == ("EGI-TWIN", "egi", 1)
    assert found.storage[0].bytes == 1024
    assert "ada" not in (tmp_path / kept.FILE).read_text()


def test_a_record_of_a_scenario_is_no_use(repositories: Testbed, tmp_path: Path) -> None:
    usage.keep(repositories, State("twin", root=tmp_path), tmp_path, since=1.0)
    found = kept.read(tmp_path)
    assert found
    assert {one.infrastructure: one.tests for one in found.repositories}["egi"] == 1


def test_a_repository_that_refuses_is_named_with_its_reason(
    repositories: Testbed, tmp_path: Path
) -> None:
    usage.keep(repositories, State("twin", root=tmp_path), tmp_path, since=1.0)
    found = kept.read(tmp_path)
    assert found
    errors = {one.infrastructure: one.error for one in found.repositories}
    assert not errors["egi"]
    assert "401" in errors["cstcloud"]
    assert "of-another" not in errors["cstcloud"]


def test_a_testbed_without_a_repository_keeps_nothing(testbed: Testbed, tmp_path: Path) -> None:
    bare = testbed.model_copy(update={"sites": ()})
    usage.keep(bare, State("twin", root=tmp_path), tmp_path, since=1.0)
    assert not (tmp_path / kept.FILE).exists()
