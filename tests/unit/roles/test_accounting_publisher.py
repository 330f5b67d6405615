"""What is published of HTCondor's jobs and of Swift's containers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from publisher import __main__ as program
from publisher import htcondor, swift
from publisher.sending import Outbox

SETTINGS: dict[str, Any] = {
    "site": "A-SITE", "host": "ce.test", "vos": {"a01": "vo.test"}, "job_topic": "jobs",
    "storage_topic": "storage", "swift_containers": "/srv/node/d1/containers",
    "benchmark": {"type": "HEPscore23", "value": 10.0},
}  # fmt: skip
AD = {
    "GlobalJobId": "ce.test#12.0#1796061318", "Owner": "a01", "AuthTokenIssuer": "https://aai.test",
    "AuthTokenSubject": "ada", "RemoteWallClockTime": 12.4, "RemoteUserCpu": 3.0, "RemoteSysCpu": 0.6,
    "CpusProvisioned": 1, "JobStartDate": 1796061320, "JobCurrentStartDate": 1796061329,
    "CompletionDate": 1796061341,
}  # fmt: skip


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    ads: list[dict[str, Any]] = [dict(AD)]
    monkeypatch.setattr(htcondor, "_ads", lambda: iter(ads))
    return ads


def test_a_record_names_the_user_of_the_token() -> None:
    record = htcondor.record(AD, SETTINGS)
    assert record["GlobalUserName"] == "https://aai.test/ada"
    assert record["VO"] == "vo.test"
    assert record["LocalJobId"] == "12.0"
    assert (record["WallDuration"], record["CpuDuration"]) == ("12", "4")
    assert (record["StartTime"], record["EndTime"]) == ("1796061329", "1796061341")


def test_a_job_without_a_token_names_nobody() -> None:
    local = {name: value for name, value in AD.items() if not name.startswith("AuthToken")}
    assert htcondor.record(local, SETTINGS)["GlobalUserName"] == "None"


def test_each_job_is_sent_once(pool: list[dict[str, Any]]) -> None:
    first = list(htcondor.messages(SETTINGS, frozenset()))
    assert [names for _, _, names in first] == [[AD["GlobalJobId"]], []]
    assert not list(htcondor.messages(SETTINGS, frozenset({str(AD["GlobalJobId"])})))


def test_a_summary_counts_all_jobs_of_a_month(pool: list[dict[str, Any]]) -> None:
    pool.append(AD | {"GlobalJobId": "ce.test#13.0#1", "CompletionDate": 1796061400})
    (summary,) = htcondor.summaries(htcondor.record(ad, SETTINGS) for ad in pool)
    assert summary["NumberOfJobs"] == "2"
    assert summary["WallDuration"] == "24"
    assert (summary["Year"], summary["Month"]) == ("2026", "11")
    assert (summary["EarliestEndTime"], summary["LatestEndTime"]) == ("1796061341", "1796061400")


def test_a_container_is_a_storage_record(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"project": "p1", "container": "box", "bytes": 3072, "objects": 2, "since": 1796061341.5,
             "state": "AUTH_p1/box:1:3072:2"}  # fmt: skip
    monkeypatch.setattr(swift, "_projects", lambda: {"p1": "vo.interop"})
    monkeypatch.setattr(swift, "_containers", lambda _: (found,))
    ((topic, text, names),) = swift.messages(SETTINGS, frozenset())
    assert topic == "storage"
    assert "<sr:StorageShare>box</sr:StorageShare>" in text
    assert "<sr:Group>vo.interop</sr:Group>" in text
    assert "<sr:ResourceCapacityUsed>3072</sr:ResourceCapacityUsed>" in text
    assert not list(swift.messages(SETTINGS, frozenset(names)))


def test_what_a_repository_has_not_taken_is_sent_again(
    tmp_path: Path, pool: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One repository's failure keeps nothing from the other."""
    settings = tmp_path / "settings.json"
    repositories = ["https://bad.test", "https://good.test"]
    settings.write_text(
        json.dumps(
            SETTINGS
            | {"repositories": repositories, "sources": ["htcondor"], "state": str(tmp_path)}
        )
    )
    sent = []

    def send(text: str, *, topic: str, repository: str, settings: dict[str, Any]) -> None:
        if "bad" in repository:
            raise OSError("refused")
        sent.append((topic, repository))

    monkeypatch.setattr(program, "send", send)
    assert program.main(settings) == 1
    assert sent == [("jobs", "https://good.test")] * 2
    assert not Outbox(tmp_path, "https://bad.test").sent
    assert AD["GlobalJobId"] in Outbox(tmp_path, "https://good.test").sent
