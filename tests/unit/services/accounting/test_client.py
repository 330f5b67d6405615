"""An accounting repository as its readers meet it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from harness.answer import Answer
from harness.clients.http import Http
from harness.services.accounting import client, messages
from harness.services.accounting.client import Missing, Repository
from harness.services.accounting.records import JobRecord
from tests.unit.serving import Asked, Reply, Served, serving

KEY = "0123456789abcdef"


def told(**fields: str) -> dict[str, Any]:
    return {"received": time.time(), "publisher": "ce.test", "times": 1, "fields": fields}


class Bench:
    """A repository that gives prepared answers."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.state = "counted"

    def reply(self, asked: Asked) -> Reply:
        if asked.headers.get("x-api-key") != KEY:
            return 401, {}, b"{}"
        if asked.method == "POST":
            return 200, {}, json.dumps({"messageIds": ["m1"]}).encode()
        if "/messages/" in asked.target:
            return 200, {}, json.dumps({"state": self.state, "rule": "times"}).encode()
        return 200, {}, json.dumps({"records": self.records}).encode()


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def served(bench: Bench) -> Iterator[Served]:
    with serving(bench.reply) as made:
        yield made


@pytest.fixture
def repository(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    monkeypatch.setattr(client, "_POLL", 0.01)
    http = Http(proxy=None, ca_bundle=None)
    yield Repository(served.url, http=http, key=KEY, site="A-SITE")
    http.close()


def test_a_record_is_found_by_the_users_id_of_the_job(repository: Repository, bench: Bench) -> None:
    """ARC's record has the id that the user knows as the global one; HTCondor's as the local one."""
    bench.records = [
        told(LocalJobId="7", GlobalJobId="abc"),
        told(LocalJobId="12.0", GlobalJobId="ce.test#12.0#1"),
    ]
    found = repository.wait_for_jobs(["abc", "12.0"], since=0)
    assert [record.fields["LocalJobId"] for record in found] == ["7", "12.0"]


def test_it_asks_for_the_site_since_a_moment(repository: Repository, served: Served) -> None:
    repository.storage(since=12.5)
    assert served.asked[-1].target.endswith("/records/storage?since=12.500&site=A-SITE")


def test_records_that_do_not_come_are_told(repository: Repository) -> None:
    with pytest.raises(Missing, match=r"has not a record of abc at A-SITE\. What came: none"):
        repository.wait_for_jobs(["abc"], since=0, timeout=0.1)


def test_the_key_opens_it(served: Served) -> None:
    http = Http(proxy=None, ca_bundle=None)
    closed = Repository(served.url, http=http, key="another-key-0123", site="A-SITE")
    with pytest.raises(AssertionError, match="401"):
        closed.jobs(since=0)
    http.close()


@pytest.mark.parametrize(("state", "ok"), [("counted", True), ("refused", False)])
def test_what_becomes_of_a_message_decides(
    repository: Repository, bench: Bench, state: str, ok: bool
) -> None:
    bench.state = state
    message = messages.Message(messages.record("A-SITE"), "signed")
    answer: Answer = repository.hand_in(message)
    assert answer.ok is ok
    assert not answer.denied


def test_the_last_state_of_a_share_counts(repository: Repository, bench: Bench) -> None:
    bench.records = [told(StorageShare="box", FileCount=str(n), RecordId=str(n)) for n in (1, 2)]
    assert repository.wait_for_share("box", holding=2, since=0).fields["RecordId"] == "2"


def test_a_summary_counts_once_it_has_the_job(repository: Repository, bench: Bench) -> None:
    bench.records = [told(GlobalUserName="ada", LatestEndTime="100")]
    assert repository.wait_for_summaries(user="ada", ending=100)
    with pytest.raises(Missing):
        repository.wait_for_summaries(user="ada", ending=101, timeout=0.1)


def test_a_number_that_is_none_is_told() -> None:
    record = JobRecord.of(told(WallDuration="long"))
    with pytest.raises(AssertionError, match="`WallDuration` of a usage record is no number"):
        _ = record.wall
    with pytest.raises(AssertionError, match="has no `EndTime`"):
        _ = record.end


def test_what_a_record_lacks_is_listed() -> None:
    record = JobRecord.of(
        told(Site="A", LocalJobId="1", WallDuration="0", StartTime="1", EndTime="2")
    )
    assert record.missing == ["CpuDuration"]


@pytest.mark.parametrize("bad", [{"fields": 1}, {"fields": {}, "received": "now"}])
def test_what_is_no_record_is_told(bad: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        JobRecord.of({"publisher": "x", "received": 1.0} | bad)
