"""The faults of an accounting repository, each against answers as the testbed's repository gives them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from gateway.exchange import Request, Response
from gateway.faults import FAULTS, accounting
from gateway.settings import Endpoint
from multidict import CIMultiDict

from tests.unit.gateway.fakes import Behind

OPS = Endpoint("ops.a.test", 443, "egi.APELRepository", "https://ops.a.test")
FIELDS = {
    "Site": "A-SITE", "GlobalUserName": "https://aai.test/ada", "VO": "vo.test", "WallDuration": "12",
    "CpuDuration": "4", "StartTime": "100", "EndTime": "160", "ServiceLevelType": "HEPscore23",
    "Month": "12", "NumberOfJobs": "2", "ResourceCapacityUsed": "3072", "StorageSystem": "cloud",
}  # fmt: skip


def told(name: str, path: str, value: dict[str, Any]) -> dict[str, Any]:
    behind = Behind(lambda _: Response.of_json(200, value))
    request = Request(
        headers=CIMultiDict(), body=b"", method="GET", path=f"/v1/projects/accounting/{path}", endpoint=OPS
    )  # fmt: skip
    answer = asyncio.run(FAULTS[name](request, behind))
    return dict(json.loads(answer.body if isinstance(answer.body, bytes) else b"{}"))


def records(name: str, kind: str) -> list[dict[str, Any]]:
    given = {"records": [{"received": 170.0, "fields": dict(FIELDS)}]}
    found: list[dict[str, Any]] = told(name, f"records/{kind}?site=A", given)["records"]
    return found


@pytest.mark.parametrize("name", accounting.ALTERED)
def test_a_record_of_its_kind_is_altered_and_no_other(name: str) -> None:
    kinds, _ = accounting.ALTERED[name]
    for kind in ("job", "summary", "storage"):
        (one,) = records(name, kind)
        same = one == {"received": 170.0, "fields": FIELDS}
        assert same is (kind not in kinds)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("halves-wall-times", "WallDuration", "6"),
        ("ends-jobs-before-they-start", "EndTime", "99"),
        ("ends-jobs-tomorrow", "EndTime", "86560"),
        ("names-sites-in-small-letters", "Site", "a-site"),
        ("loses-processor-times", "CpuDuration", "0"),
    ],
)
def test_what_becomes_of_a_field(name: str, field: str, value: str) -> None:
    (one,) = records(name, "job")
    assert one["fields"][field] == value


def test_a_summary_of_december_becomes_one_of_january() -> None:
    (one,) = records("sums-up-another-month", "summary")
    assert one["fields"]["Month"] == "1"


def test_records_are_lost_or_doubled() -> None:
    assert records("loses-records-of-long-jobs", "job") == []
    assert len(records("counts-jobs-twice", "job")) == 2


@pytest.mark.parametrize("name", accounting.COUNTED)
def test_one_rule_is_overlooked(name: str) -> None:
    rule = accounting.COUNTED[name]
    assert told(name, "messages/1", {"state": "refused", "rule": rule})["state"] == "counted"
    assert told(name, "messages/1", {"state": "refused", "rule": "form"})["state"] == "refused"
