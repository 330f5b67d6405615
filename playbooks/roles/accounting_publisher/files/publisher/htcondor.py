"""What jobs of an HTCondor pool have used, from their own ads.

A spooled job stays in the queue until its owner takes it away, or for ten days: so the queue is read beside
the history.
Who the user is stands in the ad, as the token said it (`AuthTokenIssuer`, `AuthTokenSubject`).
"""

from __future__ import annotations

import json
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

_READ = (
    ["condor_q", "-allusers", "-constraint", "CompletionDate > 0", "-json"],
    ["condor_history", "-constraint", "CompletionDate > 0", "-json"],
)
_MOST = 500
"""Records of a message."""

Ad = Mapping[str, Any]


def messages(settings: Mapping[str, Any], sent: Set[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the messages that are due: individual records of new jobs, then the month's summaries anew."""
    ads = {str(ad["GlobalJobId"]): ad for ad in _ads()}
    new = [name for name in ads if name not in sent]
    for start in range(0, len(new), _MOST):
        names = new[start : start + _MOST]
        records = (_text(record(ads[name], settings)) for name in names)
        yield settings["job_topic"], _message("APEL-individual-job-message: v0.3", records), names
    if new:
        sums = map(_text, summaries(record(ad, settings) for ad in ads.values()))
        yield settings["job_topic"], _message("APEL-summary-job-message: v0.2", sums), []


def _ads() -> Iterator[Ad]:
    for words in _READ:
        told = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
        yield from json.loads(told) if told else ()


def record(ad: Ad, settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the individual record of a job (APEL message format, individual job record)."""
    issuer = str(ad.get("AuthTokenIssuer", ""))
    user = f"{issuer.rstrip('/')}/{ad['AuthTokenSubject']}" if issuer else "None"
    processor = float(ad.get("RemoteUserCpu", 0)) + float(ad.get("RemoteSysCpu", 0))
    return {
        "Site": settings["site"],
        "SubmitHost": settings["host"],
        "LocalJobId": str(ad["GlobalJobId"]).split("#")[1],
        "GlobalJobId": str(ad["GlobalJobId"]),
        "LocalUserId": str(ad["Owner"]),
        "GlobalUserName": user,
        "VO": settings["vos"].get(str(ad["Owner"]), "None"),
        "WallDuration": str(round(float(ad["RemoteWallClockTime"]))),
        "CpuDuration": str(round(processor)),
        "Processors": str(ad.get("CpusProvisioned", 1)),
        "NodeCount": "1",
        "StartTime": str(int(ad.get("JobCurrentStartDate", ad["JobStartDate"]))),
        "EndTime": str(int(ad["CompletionDate"])),
        "InfrastructureDescription": "APEL-HTCONDOR",
        "InfrastructureType": "grid",
        "MemoryReal": str(ad.get("ResidentSetSize_RAW", 0)),
        "MemoryVirtual": str(ad.get("ImageSize_RAW", 0)),
        "ServiceLevelType": settings["benchmark"]["type"],
        "ServiceLevel": str(settings["benchmark"]["value"]),
    }


def summaries(records: Iterable[Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """Yield the sums of individual records by month, user and VO (APEL message format, summary)."""
    groups: dict[tuple[str, ...], list[Mapping[str, str]]] = defaultdict(list)
    same = ("Site", "SubmitHost", "GlobalUserName", "VO", "InfrastructureType", "ServiceLevelType",
            "ServiceLevel", "NodeCount", "Processors")  # fmt: skip
    for one in records:
        month = time.strftime("%Y-%m", time.gmtime(int(one["EndTime"])))
        groups[(month, *(one[name] for name in same))].append(one)
    for (month, *values), jobs in groups.items():
        ends = sorted(int(job["EndTime"]) for job in jobs)
        yield dict(zip(same, values, strict=True)) | {
            "Month": str(int(month[5:])),
            "Year": month[:4],
            "EarliestEndTime": str(ends[0]),
            "LatestEndTime": str(ends[-1]),
            "WallDuration": str(sum(int(job["WallDuration"]) for job in jobs)),
            "CpuDuration": str(sum(int(job["CpuDuration"]) for job in jobs)),
            "NumberOfJobs": str(len(jobs)),
        }


def _text(fields: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def _message(header: str, records: Iterable[str]) -> str:
    return f"{header}\n" + "".join(f"{one}%%\n" for one in records)
