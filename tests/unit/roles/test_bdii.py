"""What the providers of the role `bdii` print is LDIF that keeps the rules of the profile."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from harness.services.information import rules, tree

FOLDER = Path(__file__).resolve().parents[3] / "playbooks/roles/bdii/files"
SETTINGS = {
    "site": "A",
    "host": "ce.a.test",
    "validity": 300,
    "vos": ["vo.a.test"],
    "issuer_ca": "/DC=test/CN=A CA",
    "endpoint": "condor://ce.a.test:9618",
    "infrastructure": "A",
    "country": "NL",
    "latitude": 52.4,
    "longitude": 4.9,
    "contacts": {"general": "contact@a.test", "security": "csirt@a.test"},
    "sources": [],
    "services": [
        {
            "host": "localhost",
            "type": "webdav",
            "endpoint": "https://localhost:9/a",
            "implementation": "xrootd",
        }
    ],
    "indexes": {},
}


@pytest.fixture
def web() -> Iterator[ModuleType]:
    sys.path.insert(0, str(FOLDER))
    try:
        from glue_provider import web

        yield web
    finally:
        sys.path.remove(str(FOLDER))


def published(name: str, settings: Path, programs: Path) -> tree.Tree:
    done = subprocess.run(
        [sys.executable, "-B", "-m", "glue_provider", name, settings],
        cwd=FOLDER,
        env={"PATH": f"{programs}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return tree.read(done.stdout)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "glue.json"
    path.write_text(json.dumps(SETTINGS))
    return path


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


SLOT = {"PartitionableSlot": True, "TotalSlotCpus": 16, "Cpus": 13, "TotalSlotMemory": 4096}
QUEUE = {
    "CondorVersion": "$CondorVersion: 24.0.1 x $",
    "TotalRunningJobs": 3,
    "TotalIdleJobs": 1,
}


def test_a_pool_is_published_as_it_says_itself(settings: Path, tmp_path: Path) -> None:
    slots, queue = json.dumps([SLOT]), json.dumps([QUEUE])
    program(
        tmp_path,
        "condor_status",
        f"case $* in *-schedd*) echo '{queue}' ;; *) echo '{slots}' ;; esac",
    )
    found = published("htcondor", settings, tmp_path)
    (share,), (endpoint,) = found.of("ComputingShare"), found.of("ComputingEndpoint")
    slots_ = [share.number(f"ComputingShare{word}Slots") for word in ("Used", "Free")]
    assert slots_ == [3, 13]
    assert endpoint.one("EndpointHealthState") == "ok"
    assert endpoint.one("EndpointImplementationVersion") == "24.0.1"
    every = (rules.capacities_add_up, rules.valid, rules.mandatory(*rules.MANDATORY))
    keys = [
        one
        for one in rules.violations(found, *every, rules.keys_lead_somewhere)
        if "AdminDomainForeignKey" not in one.what  # the site's index publishes the domain
    ]
    assert keys == []


def test_a_pool_that_does_not_answer_is_critical(settings: Path, tmp_path: Path) -> None:
    program(tmp_path, "condor_status", "exit 1")
    (endpoint,) = published("htcondor", settings, tmp_path).of("ComputingEndpoint")
    assert endpoint.one("EndpointHealthState") == "critical"
    assert endpoint.one("EndpointServingState") == "closed"


def test_a_site_with_a_storage_that_is_away(settings: Path, tmp_path: Path) -> None:
    found = published("site", settings, tmp_path)
    (endpoint,) = found.of("StorageEndpoint")
    assert endpoint.one("EndpointHealthState") == "critical"
    every = (*rules.ERRORS, rules.keys_lead_somewhere, rules.mandatory(*rules.MANDATORY))
    assert rules.violations(found, *every) == []


@pytest.mark.parametrize(
    ("server", "body", "version"),
    [
        ("Apache/2.4.62 (Debian)", b"", "2.4.62"),
        ("XrootD/v5.8.1", b"", "5.8.1"),
        ("nginx", b"not json", "unknown"),
        ("x/1", b'{"swift": {"version": "2.35.0"}}', "2.35.0"),
        ("x/1", b'{"version": {"id": "v3.14"}}', "v3.14"),
    ],
)
def test_a_version_is_what_the_service_tells(
    web: ModuleType, server: str, body: bytes, version: str
) -> None:
    assert web._version({"Server": server}, body) == version
