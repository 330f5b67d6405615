"""The forms in which sites publish usage, and the rules of what counts.

Every record becomes names and values as APEL calls them; durations are seconds, and points in time are
seconds since 1970.

- individual jobs: EMI Compute Accounting Record 1.2 (XML), or APEL's text `APEL-individual-job-message`;
- summaries of jobs: APEL's text `APEL-summary-job-message`;
- storage: StAR (OGF GFD.201, XML).
"""

from __future__ import annotations

import re
import time
import xml.etree.ElementTree as xml
from collections.abc import Iterator, Mapping
from datetime import datetime

from accounting.signatures import Refused

Fields = Mapping[str, str]

JOB, SUMMARY, STORAGE, SYNC = "job", "summary", "storage", "sync"

MANDATORY: Mapping[str, tuple[str, ...]] = {
    JOB: ("Site", "LocalJobId", "WallDuration", "CpuDuration", "StartTime", "EndTime"),
    SUMMARY: ("Site", "Month", "Year", "WallDuration", "CpuDuration", "NumberOfJobs"),
    STORAGE: ("RecordId", "CreateTime", "StorageSystem", "StartTime", "EndTime", "ResourceCapacityUsed"),
}  # fmt: skip
"""Kind -> what a record must have (APEL: `job.py`, `summary.py`, `storage.py`)."""

KEYS: Mapping[str, tuple[str, ...]] = {
    JOB: ("Site", "LocalJobId", "EndTime"),
    SUMMARY: ("Site", "Month", "Year", "GlobalUserName", "VO", "SubmitHost", "ServiceLevel"),
    STORAGE: ("RecordId",),
}
"""Kind -> by what a record is known: two with the same are one."""

BENCHMARKS = frozenset({"si2k", "hepspec", "hepscore23"})
_COUNTS = ("WallDuration", "CpuDuration", "NumberOfJobs", "Processors", "NodeCount",
           "ResourceCapacityUsed", "LogicalCapacityUsed", "FileCount")  # fmt: skip
_TIMES = ("StartTime", "EndTime", "CreateTime", "EarliestEndTime", "LatestEndTime")
_SKEW = 300
"""Seconds by which a site's clock may be ahead."""

_CAR = "{http://eu-emi.eu/namespaces/2012/11/computerecord}"
_CAR_BEFORE = "{http://eu-emi.eu/namespaces/2012/10/computerecord}"
_STAR = "{http://eu-emi.eu/namespaces/2011/02/storagerecord}"


def read(text: str) -> tuple[str, list[dict[str, str]]]:
    """Return the kind of a message's records, and the records.

    Raises
    ------
    Refused
        where it has no known form.
    """
    if text.startswith("<"):
        return _from_xml(text)
    header, _, rest = text.partition("\n")
    for beginning, kind in (
        ("APEL-individual-job-message", JOB),
        ("APEL-summary-job-message", SUMMARY),
        ("APEL-sync-message", SYNC),
    ):
        if header.startswith(beginning):
            return kind, list(_from_text(rest))
    raise Refused("form", f"no known form begins with {header[:60]!r}")


def check(kind: str, record: Fields) -> None:
    """Refuse a record that breaks a rule.

    Raises
    ------
    Refused
        naming the rule: `missing`, `numbers`, `negative`, `times`, `benchmark`.
    """
    missing = [name for name in MANDATORY[kind] if not record.get(name)]
    if missing:
        raise Refused("missing", f"the record has no {', '.join(missing)}")
    numbers = {name: _number(name, record[name]) for name in (*_COUNTS, *_TIMES) if name in record}
    negative = [name for name in _COUNTS if numbers.get(name, 0) < 0]
    if negative:
        raise Refused("negative", f"{', '.join(negative)} is below 0")
    _check_times(numbers)
    if kind == SUMMARY:
        _check_month(record, numbers)
    benchmark = record.get("ServiceLevelType", "")
    if kind == JOB and benchmark.lower() not in BENCHMARKS:
        raise Refused(
            "benchmark", f"{benchmark!r} is no benchmark; known are {', '.join(sorted(BENCHMARKS))}"
        )


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Refused("numbers", f"{name} is no number: {text!r}") from None


def _check_times(numbers: Mapping[str, float]) -> None:
    """Refuse an end before its start, a time of 0, and what lies in the future."""
    now = time.time() + _SKEW
    for name in _TIMES:
        if name in numbers and not 0 < numbers[name] <= now:
            raise Refused("times", f"{name} is {numbers[name]:.0f}, and now is {time.time():.0f}")
    for start, end in (("StartTime", "EndTime"), ("EarliestEndTime", "LatestEndTime")):
        if start in numbers and end in numbers and numbers[end] < numbers[start]:
            raise Refused(
                "times", f"{end} {numbers[end]:.0f} lies before {start} {numbers[start]:.0f}"
            )


def _check_month(record: Fields, numbers: Mapping[str, float]) -> None:
    """Refuse a summary whose first job did not end in its month."""
    if "EarliestEndTime" in numbers:
        earliest = time.gmtime(numbers["EarliestEndTime"])
        named = _number("Year", record["Year"]), _number("Month", record["Month"])
        if (earliest.tm_year, earliest.tm_mon) != named:
            raise Refused(
                "times", f"EarliestEndTime does not lie in {record['Year']}-{record['Month']}"
            )


# -- text


def _from_text(text: str) -> Iterator[dict[str, str]]:
    for block in re.split(r"^%%\s*$", text, flags=re.MULTILINE):
        pairs = (line.partition(":") for line in block.strip().splitlines() if ":" in line)
        record = {name.strip(): value.strip() for name, _, value in pairs}
        if record:
            yield {name: value for name, value in record.items() if value not in ("", "None")}


# -- XML


def _from_xml(text: str) -> tuple[str, list[dict[str, str]]]:
    try:
        root = xml.fromstring(text.encode())  # noqa: S314, a known site has signed it
    except xml.ParseError as error:
        raise Refused("form", f"no XML: {error}") from error
    if root.tag.startswith(_STAR):
        return STORAGE, [_of_star(one) for one in root.iter(f"{_STAR}StorageUsageRecord")]
    for space in (_CAR, _CAR_BEFORE):
        if root.tag.startswith(space):
            return JOB, [_of_car(one, space) for one in root.iter(f"{space}UsageRecord")]
    raise Refused("form", f"no known form has the root {root.tag}")


def _of_car(node: xml.Element, space: str) -> dict[str, str]:
    def text(name: str) -> str:
        found = node.find(f".//{space}{name}")
        return (found.text or "").strip() if found is not None else ""

    level = node.find(f".//{space}ServiceLevel")
    kept = ("Site", "SubmitHost", "LocalJobId", "GlobalJobId", "LocalUserId", "GlobalUserName",
            "Processors", "NodeCount", "Queue", "MachineName", "Infrastructure")  # fmt: skip
    record = {name: text(name) for name in kept} | {
        "VO": text("Group"),
        "WallDuration": _seconds(text("WallDuration")),
        "CpuDuration": _seconds(text("CpuDuration")),
        "StartTime": _epoch(text("StartTime")),
        "EndTime": _epoch(text("EndTime")),
    }
    if level is not None:
        record["ServiceLevelType"] = level.get(f"{space}type", "")
        record["ServiceLevel"] = (level.text or "").strip()
    return {name: value for name, value in record.items() if value}


def _of_star(node: xml.Element) -> dict[str, str]:
    def text(name: str) -> str:
        found = node.find(f".//{_STAR}{name}")
        return (found.text or "").strip() if found is not None else ""

    identity = node.find(f"{_STAR}RecordIdentity")
    kept = ("StorageSystem", "Site", "StorageShare", "StorageMedia", "FileCount", "LocalUser", "LocalGroup",
            "UserIdentity", "Group", "ResourceCapacityUsed", "LogicalCapacityUsed")  # fmt: skip
    record = {name: text(name) for name in kept} | {
        "StartTime": _epoch(text("StartTime")),
        "EndTime": _epoch(text("EndTime")),
    }
    if identity is not None:
        record["RecordId"] = identity.get(f"{_STAR}recordId", "")
        record["CreateTime"] = _epoch(identity.get(f"{_STAR}createTime", ""))
    return {name: value for name, value in record.items() if value}


_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?")


def _seconds(duration: str) -> str:
    """Return a duration of ISO 8601 in seconds; what is none as it is, to be refused by its name."""
    found = _DURATION.fullmatch(duration)
    if not duration or found is None:
        return duration
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    return f"{found[1]}{((days * 24 + hours) * 60 + minutes) * 60 + seconds}"


def _epoch(moment: str) -> str:
    """Return a moment of ISO 8601 in seconds since 1970; what is none as it is."""
    try:
        return str(int(datetime.fromisoformat(moment).timestamp()))
    except ValueError:
        return moment
