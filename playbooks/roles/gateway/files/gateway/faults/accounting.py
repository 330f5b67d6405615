"""Accounting repositories whose sites publish what is not so, or that count anything.

A record stands in an answer with its `fields` by APEL's names, and what became of a message with its
`state`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from gateway.exchange import Request, Response
from gateway.faults.registry import fault
from gateway.site import Site

Told = dict[str, Any]
_RECORDS = re.compile(r"/v1/projects/accounting/records/(job|summary|storage)")
_MESSAGE = re.compile(r"/v1/projects/accounting/messages/\w+")
_A_DAY = 24 * 3600
_LONG = 3
"""Seconds."""


def _retelling(name: str, *kinds: str, gather: Callable[[list[Told]], list[Told]]) -> None:
    """Enter a repository that gives out other records of some kinds than it got."""

    async def serve(request: Request, site: Site) -> Response:
        response = await site.send(request)
        asked = _RECORDS.fullmatch(urlsplit(request.path).path)
        if asked and asked[1] in kinds and response.ok:
            answer = await response.json()
            response.replace_json({"records": gather(answer.get("records", []))})
        return response

    fault(name)(serve)


# -- records are lost, or come twice


def _short(records: list[Told]) -> list[Told]:
    return [one for one in records if int(one["fields"].get("WallDuration", 0)) <= _LONG]


_retelling("loses-records-of-long-jobs", "job", gather=_short)
_retelling("counts-jobs-twice", "job", gather=lambda records: records + records)


# -- records tell something else


def _without(name: str) -> Callable[[Told], None]:
    return lambda record: record["fields"].pop(name, None)


def _halving(name: str) -> Callable[[Told], None]:
    def alter(record: Told) -> None:
        record["fields"][name] = str(int(record["fields"].get(name, 0)) // 2)

    return alter


def _setting(name: str, value: str) -> Callable[[Told], None]:
    def alter(record: Told) -> None:
        record["fields"][name] = value

    return alter


def _ended_before(record: Told) -> None:
    record["fields"]["EndTime"] = str(int(record["fields"]["StartTime"]) - 1)


def _ended_tomorrow(record: Told) -> None:
    record["fields"]["EndTime"] = str(int(record["fields"]["EndTime"]) + _A_DAY)


def _in_small_letters(record: Told) -> None:
    record["fields"]["Site"] = record["fields"].get("Site", "").lower()


def _a_week_late(record: Told) -> None:
    record["received"] += 7 * _A_DAY


def _another_month(record: Told) -> None:
    record["fields"]["Month"] = str(int(record["fields"].get("Month", 0)) % 12 + 1)


ALTERED: dict[str, tuple[tuple[str, ...], Callable[[Told], None]]] = {
    "halves-wall-times": (("job",), _halving("WallDuration")),
    "loses-processor-times": (("job",), _setting("CpuDuration", "0")),
    "names-local-accounts-only": (("job",), _without("GlobalUserName")),
    "names-no-vo": (("job",), _without("VO")),
    "leaves-out-times": (("job",), _without("StartTime")),
    "ends-jobs-before-they-start": (("job",), _ended_before),
    "ends-jobs-tomorrow": (("job",), _ended_tomorrow),
    "names-unknown-benchmarks": (("job",), _setting("ServiceLevelType", "bogomips")),
    "tells-negative-times": (("job", "summary"), _setting("CpuDuration", "-1")),
    "names-sites-in-small-letters": (("job",), _in_small_letters),
    "publishes-a-week-late": (("job",), _a_week_late),
    "sums-up-no-jobs": (("summary",), _without("NumberOfJobs")),
    "sums-up-another-month": (("summary",), _another_month),
    "halves-bytes": (("storage",), _halving("ResourceCapacityUsed")),
    "leaves-out-storage-systems": (("storage",), _without("StorageSystem")),
}
"""Name -> the kinds of records that it alters, and how."""


def _each(alter: Callable[[Told], None]) -> Callable[[list[Told]], list[Told]]:
    def gather(records: list[Told]) -> list[Told]:
        for record in records:
            alter(record)
        return records

    return gather


for _name, (_kinds, _alter) in ALTERED.items():
    _retelling(_name, *_kinds, gather=_each(_alter))


# -- anything counts

COUNTED: dict[str, str] = {
    "counts-impossible-times": "times",
    "counts-any-benchmark": "benchmark",
    "counts-negative-times": "negative",
    "counts-records-of-others": "publisher",
    "counts-altered-messages": "signature",
}
"""Name -> the rule that is overlooked."""


def _counting(name: str, rule: str) -> None:
    async def serve(request: Request, site: Site) -> Response:
        response = await site.send(request)
        if _MESSAGE.fullmatch(urlsplit(request.path).path) and response.ok:
            answer = await response.json()
            if answer.get("rule") == rule:
                response.replace_json(answer | {"state": "counted", "rule": "", "fresh": 1})
        return response

    fault(name)(serve)


for _name, _rule in COUNTED.items():
    _counting(_name, _rule)
