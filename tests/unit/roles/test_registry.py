"""What the role `registry` writes is read by the clients of the GOCDB that we have."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.answer import Answer
from harness.importers import gocdb
from harness.importers.gocdb_services import Wanted
from harness.model import Service
from harness.services.information.registry import Registry

PROGRAM = Path(__file__).resolve().parents[3] / "playbooks/roles/registry/files/write_registry.py"
RECORD = {
    "country": "Netherlands",
    "country_code": "NL",
    "region": "NGI_NL",
    "latitude": 52.4,
    "longitude": 4.9,
    "contacts": {
        "general": "contact@a.test",
        "security": "csirt@a.test",
        "sysadmin": "admin@a.test",
        "usersupport": "support@a.test",
    },
}
SERVICES = [
    {"host": "se.a.test", "type": "webdav", "endpoint": "https://se.a.test/a"},
    {"host": "ce.a.test", "type": "org.nordugrid.arex", "endpoint": "https://ce.a.test/arex"},
]
DOWNTIME = {
    "site": "A",
    "host": "ce.a.test",
    "type": "org.nordugrid.arex",
    "severity": "OUTAGE",
    "classification": "UNSCHEDULED",
    "description": "Fire & water",
    "declared": "2026-11-29T09:00:00+00:00",
    "start": "2026-11-30T09:00:00+00:00",
    "end": "2026-11-30T17:00:00+00:00",
}


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    folder = tmp_path / "entered"
    (folder / "downtimes").mkdir(parents=True)
    content = {
        "portal": "https://goc.a.test",
        "scope": "A",
        "domain": "a.test",
        "sites": {"A": {"record": RECORD, "services": SERVICES}},
    }
    (folder / "sites.json").write_text(json.dumps(content))
    (folder / "downtimes" / "one.json").write_text(json.dumps(DOWNTIME))
    written = tmp_path / "answers"
    subprocess.run([sys.executable, PROGRAM, folder, written], check=True)
    return written


class Files:
    """Hands out what was written, by the query's method."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.asked: list[tuple[str, str | None]] = []

    def request(self, method: str, url: str, *, token: str | None, **_: object) -> Answer:
        area, _, name = url.removeprefix("https://goc.a.test/gocdbpi/").partition("/?method=")
        self.asked.append((area, token))
        body = (self._folder / area / f"{name}.xml").read_bytes()
        return Answer(what=f"{method} {url}", status=200, ok=True, denied=False, body=body)


def registry(files: Files) -> Registry:
    service = Service(
        type="egi.GOCDB",
        endpoint="https://goc.a.test/gocdbpi",
        implementation="registry",
        host="goc.a.test",
        site="A",
        infrastructure="a",
        token_profile="wlcg",
    )
    return Registry(service, files)  # type: ignore[arg-type]


def test_our_client_reads_services_and_downtimes(answers: Path) -> None:
    files = Files(answers)
    client = registry(files)
    assert client.services() == tuple(("A", one["type"], one["endpoint"]) for one in SERVICES)
    (outage,) = client.downtimes()
    assert (outage.host, outage.type) == ("ce.a.test", "org.nordugrid.arex")
    assert outage.urls == ("https://ce.a.test/arex",)
    assert outage.is_on(dt.datetime(2026, 11, 30, 9, tzinfo=dt.UTC))
    assert not outage.is_on(dt.datetime(2026, 11, 30, 17, tzinfo=dt.UTC))
    assert files.asked == [("public", None), ("public", None)]


def test_the_importer_reads_all_of_it(answers: Path) -> None:
    sources = [
        str(answers / f"{name}.xml")
        for name in ("public/get_service", "private/get_site", "public/get_downtime")
    ]
    export = gocdb.read(sources, Wanted(infrastructure="egi"))
    assert {(one.site, one.host, one.type) for one in export.services} == {
        ("A", one["host"], one["type"]) for one in SERVICES
    }
    assert len(export.downtimes) == 1
