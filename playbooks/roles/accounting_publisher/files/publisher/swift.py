"""What projects store in Swift, container by container, as StAR records (OGF GFD.201).

Swift knows a container's project, and nothing of who wrote the objects in it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
import xml.etree.ElementTree as xml
from collections.abc import Iterator, Mapping, Set
from datetime import UTC, datetime
from functools import cache
from typing import Any

_SPACE = "http://eu-emi.eu/namespaces/2011/02/storagerecord"
_MOST = 500
"""Records of a message."""


def messages(settings: Mapping[str, Any], sent: Set[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield messages with a record of each container that has changed since it was last published."""
    projects = _projects()
    due = [
        one
        for one in _containers(settings["swift_containers"])
        if one["state"] not in sent and one["project"] in projects
    ]
    for start in range(0, len(due), _MOST):
        some = due[start : start + _MOST]
        root = xml.Element(f"{{{_SPACE}}}StorageUsageRecords")
        for one in some:
            root.append(_record(one, projects[one["project"]], settings))
        xml.register_namespace("sr", _SPACE)
        text = xml.tostring(root, encoding="unicode")
        yield settings["storage_topic"], text, [one["state"] for one in some]


def _projects() -> dict[str, str]:
    """Return the projects of this host's Keystone: id -> name."""
    done = subprocess.run(
        ["mariadb", "--batch", "--skip-column-names", "keystone", "-e",
         "select id, name from project where is_domain = 0"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return dict(line.split("\t", 1) for line in done.stdout.splitlines())


@cache
def _containers(folder: str) -> tuple[Mapping[str, Any], ...]:
    """Return what Swift's container server holds; it is read once for all repositories."""
    done = subprocess.run(
        [sys.executable, "-m", "publisher.containers", folder],
        user="swift", group="swift", extra_groups=(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return tuple(map(json.loads, done.stdout.splitlines()))


def _record(found: Mapping[str, Any], project: str, settings: Mapping[str, Any]) -> xml.Element:
    now = datetime.now(UTC)
    record = xml.Element(_name("StorageUsageRecord"))
    xml.SubElement(
        record,
        _name("RecordIdentity"),
        {_name("createTime"): _moment(now), _name("recordId"): str(uuid.uuid4())},
    )
    _add(record, "StorageSystem", settings["host"])
    _add(record, "Site", settings["site"])
    _add(record, "StorageShare", found["container"])
    _add(record, "FileCount", found["objects"])
    subject = xml.SubElement(record, _name("SubjectIdentity"))
    _add(subject, "Group", project)
    began = datetime.fromtimestamp(found["since"], UTC)
    _add(record, "StartTime", _moment(began))
    _add(record, "EndTime", _moment(now))
    _add(record, "ResourceCapacityUsed", found["bytes"])
    _add(record, "LogicalCapacityUsed", found["bytes"])
    return record


def _name(tag: str) -> str:
    return f"{{{_SPACE}}}{tag}"


def _add(parent: xml.Element, tag: str, value: object) -> None:
    xml.SubElement(parent, _name(tag)).text = str(value)


def _moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")
