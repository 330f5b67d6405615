"""Four sites of two infrastructures on this machine, that count what they are asked; and runs over them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from harness.conformance import outcomes, runs

ROOT = Path(__file__).resolve().parents[3]

CLIENTS = "openstack swift curl davix-get gfal-copy xrdcp arcsub condor_submit oidc-agent rclone jq"
"""What a workstation is healthy with; no scenario of these tests calls one."""
ALLURE = """
const fs = require("fs");
const settings = JSON.parse(fs.readFileSync(process.argv[process.argv.indexOf("--config") + 1]));
fs.mkdirSync(settings.output);
fs.writeFileSync(settings.output + "/index.html", "<title>a report</title>");
"""
SITES = {"A-ONE": "127.0.77.1", "A-TWO": "127.0.77.2", "B-ONE": "127.0.77.3", "B-TWO": "127.0.77.4"}

HEAD = '''
import os
from pathlib import Path
import pytest
pytestmark = [pytest.mark.requirement("AUTH-017"), pytest.mark.killed_by("closed")]
PLACE = Path(os.environ["PLACE"])


def url(route):
    return route.resource.service("webdav").endpoint


def test_answers(route, http):
    """The site answers."""
    assert http.request("GET", url(route)).status == 200


def test_answers_its_own_only(route, http):
    """The site answers strangers too."""
    assert http.request("GET", f"{url(route)}/own").status == 200
    assert route.is_control or route.resource.name != "B-ONE", "not for strangers"
'''


@dataclass
class Asked:
    """What the sites were asked: address, method, path, time."""

    all: list[tuple[str, str, str, float]] = field(default_factory=list)

    def times(self, site: str) -> list[float]:
        return sorted(when for host, _, _, when in self.all if host == SITES[site])


@contextmanager
def sites() -> Iterator[tuple[int, Asked]]:
    """Serve at every address of this machine; yield port and what is asked."""
    asked = Asked()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            # First of all: what is asked at once shall be seen so, however busy the machine is.
            host = self.headers["host"].partition(":")[0]
            asked.all.append((host, self.command, self.path, time.monotonic()))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD = do_PUT = do_DELETE = do_POST = do_OPTIONS = _do

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()


def _inventory(folder: Path, port: int, budgets: dict[str, Any]) -> None:
    homes: dict[str, Any] = {"a": {"children": {}}, "b": {"children": {}}}
    for site, address in SITES.items():
        home, first = site[0].lower(), site.endswith("ONE")
        hosts: dict[str, Any] = {
            f"se.{site.lower()}.test": _host("webdav", f"http://{address}:{port}/vo", "xrootd")
        }
        if first:
            hosts[f"aai.{home}.test"] = _host(
                "egi.aai.oidc", f"http://{address}:{port}", "oidc-provider"
            )
            hosts[f"ui-{home}"] = {"testbed_roles": ["ui"]}
        extra = {"budget": budgets[site]} if site in budgets else {}
        homes[home]["children"][site.lower().replace("-", "_")] = {
            "vars": {"site": site, **({"home": True} if first else {}), **extra},
            "hosts": hosts,
        }
    (folder / "group_vars").mkdir(parents=True)
    tree = {"all": {"children": {"infrastructures": {"children": homes}}}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(tree))
    for home in homes:
        (folder / "group_vars" / f"{home}.yml").write_text(
            yaml.safe_dump({"infrastructure_name": home, "token_profile": "wlcg"})
        )
    everywhere = {
        "testbed_name": "parts",
        "ansible_connection": "local",
        "infrastructures": {home: _infrastructure(home, port) for home in homes},
        "any_audience": "https://wlcg.cern.ch/jwt/v1/any",
        "token_lifetime": 3600,
        "client_id": "testbed-cli",
        "client_redirect_uri": "http://localhost:4242/",
    }
    (folder / "group_vars" / "all.yml").write_text(yaml.safe_dump(everywhere))


def _host(type_: str, endpoint: str, implementation: str) -> dict[str, Any]:
    service = {"type": type_, "endpoint": endpoint, "implementation": implementation}
    return {"testbed_roles": [], "services": [service]}


def _infrastructure(home: str, port: int) -> dict[str, Any]:
    address = SITES[f"{home.upper()}-ONE"]
    return {
        "title": home.upper(),
        "domain": f"{home}.test",
        "issuer": f"http://{address}:{port}",
        "jwks_uri": f"http://{address}:{port}/jwks",
        "signing_alg": "RS256",
        "subject_scope": f"{home}.test",
        "vo": f"vo.{home}",
        **{
            f"{who}entitlement": f"urn:mace:{home}:group:{who or 'vo'}#aai.{home}"
            for who in ("", "robot_", "other_")
        },
        "members": [{"name": f"{home}-{kind}", "kind": kind} for kind in ("member", "second")],
    }


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    output: str
    folder: Path

    def verdicts(self) -> dict[tuple[str, str], str]:
        found = json.loads((self.folder / "verdicts.json").read_text())["scenarios"]
        return {
            (v["scenario"].partition("::")[2], f"{v['home']}:{v['site']}"): v["verdict"]
            for v in found
        }

    @property
    def record(self) -> runs.Run:
        return runs.Run.read(self.folder)

    def outcomes(self) -> tuple[outcomes.Outcome, ...]:
        return outcomes.read(self.folder)


class Bed:
    """Runs scenarios over the sites, in a folder and with a state of its own."""

    def __init__(self, place: Path, port: int, **budgets: Any) -> None:
        self.place = place
        _inventory(place / "inventory", port, {k.replace("_", "-"): v for k, v in budgets.items()})
        (place / "bin").mkdir()
        for name in CLIENTS.split():
            (place / "bin" / name).write_text("#!/bin/sh\n")
            (place / "bin" / name).chmod(0o755)
        (place / "allure.js").write_text(ALLURE)
        self.environment = os.environ | {
            "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PLACE": str(place),
            "TESTBED_STATE": str(place / "state"),
            "TESTBED_ALLURE": str(place / "allure.js"),
            "TESTBED_WORKERS": "2",
            "DOCKER_HOST": "unix:///nowhere.sock",
        }

    def suite(self, source: str = "") -> None:
        file = self.place / "suite" / "auth" / "test_suite.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(HEAD + textwrap.dedent(source))

    def start(self, *, shards: int = 0, cluster: str = "", **more: Any) -> subprocess.Popen[str]:
        options = {"shards": shards, "cluster": cluster} if shards else {}
        script = self.place / "run.py"
        script.write_text(_SCRIPT)
        words = ["inventory", str(self.place / "suite"), json.dumps(options | more)]
        return subprocess.Popen(
            [sys.executable, str(script), *words],
            cwd=self.place,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def end(self, process: subprocess.Popen[str]) -> Ended:
        output, _ = process.communicate(timeout=600)
        return Ended(process.returncode, output, (self.place / "runs" / "latest").resolve())

    def run(self, **options: Any) -> Ended:
        return self.end(self.start(**options))

    def forget(self) -> None:
        shutil.rmtree(self.place / "runs", ignore_errors=True)


_SCRIPT = """
import json, sys
from pathlib import Path
from rich.console import Console
from harness import execution, inventory
from harness.cluster import driver
from harness.errors import TestbedError

if __name__ == "__main__":
    where, suite, options = sys.argv[1:]
    options = json.loads(options)
    console, loaded = Console(width=160), inventory.load(Path(where))
    try:
        if "shards" in options:
            code = driver.run(loaded, console=console, scenarios=Path(suite), **options)
        else:
            code = execution.run(loaded, console=console, scenarios=Path(suite), **options).exit_code
    except TestbedError as error:
        print("error:", error)
        code = error.exit_code
    sys.exit(code)
"""
