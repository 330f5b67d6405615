"""Many sites in three infrastructures: seconds and memory of each stage of a run whose sites do not answer.

    python benchmarks/many.py [--sites 10 50 100] [--stages list collect run judge publish] [-k EXPR]

Each stage runs in a process of its own. `run` takes the scenarios of one file (`-k files`) over all routes,
for each cell of it costs the same; `judge` and `publish` are of the whole catalogue, with outcomes made up:
most passed, and each site fails some scenarios.
"""

# ruff: noqa: PLC0415, each stage pays for its own imports alone
from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import gc
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from harness import cli

ROOT = Path(__file__).resolve().parents[1]
HOMES = ("egi", "cstcloud", "gosc")
STAGES = ("list", "collect", "run", "judge", "publish")
_RUN = "20260101T011500Z-00aa"
_KEYWORD = "MANY_KEYWORD"
"""Which scenarios the run has that is judged and published; all where it is not set."""


def inventory(folder: Path, sites: int) -> Path:
    """Write an inventory of so many sites, of which each has a storage, a computing element and a cloud."""
    children: dict[str, Any] = {}
    for number in range(sites):
        home = HOMES[number % len(HOMES)]
        first = number < len(HOMES)
        below = children.setdefault(home, {"children": {}})["children"]
        below[f"s{number:03}"] = {
            "vars": {"site": f"SITE-{number:03}", **({"home": True} if first else {})},
            "hosts": _hosts(home, f"s{number:03}.invalid", first=first, arc=bool(number % 2)),
        }
    (folder / "group_vars").mkdir(parents=True)
    hosts = {"all": {"children": {"infrastructures": {"children": children}}}}
    (folder / "hosts.yml").write_text(yaml.safe_dump(hosts))
    for home in HOMES:
        variables = {"infrastructure_name": home, "token_profile": "wlcg"}
        (folder / "group_vars" / f"{home}.yml").write_text(yaml.safe_dump(variables))
    everywhere = {
        "testbed_name": "many",
        "ansible_connection": "local",
        "infrastructures": {home: _infrastructure(home) for home in HOMES},
        "any_audience": "https://wlcg.cern.ch/jwt/v1/any",
        "token_lifetime": 3600,
        "client_id": "testbed-cli",
        "client_redirect_uri": "http://localhost:4242/",
    }
    (folder / "group_vars" / "all.yml").write_text(yaml.safe_dump(everywhere))
    return folder


def _infrastructure(home: str) -> dict[str, Any]:
    kinds = ("member", "second", "outsider", "suspended", "robot")
    return {
        "title": home.upper(),
        "domain": f"{home}.invalid",
        "issuer": f"https://aai.{home}.invalid",
        "jwks_uri": f"https://aai.{home}.invalid/jwks",
        "signing_alg": "RS256",
        "subject_scope": f"{home}.invalid",
        "vo": f"vo.{home}",
        **{
            f"{who}entitlement": f"urn:mace:{home}:group:{who or 'vo'}#aai.{home}"
            for who in ("", "robot_", "other_")
        },
        "members": [{"name": f"{home}-{kind}", "kind": kind} for kind in kinds],
    }


def _hosts(home: str, domain: str, *, first: bool, arc: bool) -> dict[str, Any]:
    element = (
        {
            "type": "org.nordugrid.arex",
            "endpoint": f"https://ce.{domain}/arex",
            "implementation": "arc",
        }
        if arc
        else {
            "type": "org.opensciencegrid.htcondorce",
            "endpoint": f"condor://ce.{domain}:9618",
            "implementation": "htcondor",
        }
    )
    found: dict[str, Any] = {
        f"se.{domain}": _host(
            type="webdav",
            endpoint=f"https://se.{domain}/vo",
            implementation="xrootd",
            capabilities=["read", "write", "checksum", "third-party-copy"],
        ),
        f"ce.{domain}": _host(**element, capabilities=["submit", "cancel", "output"]),
        f"cloud.{domain}": _host(
            type="org.openstack.keystone",
            endpoint=f"https://cloud.{domain}:5000/v3",
            implementation="keystone",
            login={"protocol": "openid", "project": "vo"},
        ),
    }
    if first:
        found[f"aai.{home}.invalid"] = _host(
            type="egi.aai.oidc",
            endpoint=f"https://aai.{home}.invalid",
            implementation="oidc-provider",
            capabilities=["password", "client-credentials", "authorization-code", "refresh"],
        )
        found[f"ui-{home}"] = {"testbed_roles": ["ui"]}
    return found


def _host(**service: Any) -> dict[str, Any]:
    return {"testbed_roles": [], "services": [service]}


# -- the stages, each in a process of its own


def list_(place: Path) -> str:
    """What `testbed list` prints."""
    from rich.console import Console

    from harness import inventory as inventories
    from harness import overview

    with (place / "list.txt").open("w", encoding="utf-8") as said:
        overview.show(inventories.load(place / "inventory"), console=Console(file=said, width=120))
    return f"{(place / 'list.txt').stat().st_size / 1000:.0f} kB"


def collect(place: Path) -> str:
    """What `testbed run` does before anything runs."""
    from harness.engine import session

    found = session.collect(session.Selection(inventory=place / "inventory"))
    return f"{len(found.cells)} cells"


def run(place: Path) -> str:
    """One file of scenarios over all routes, of which nobody answers."""
    from rich.console import Console

    from harness import execution
    from harness import inventory as inventories
    from harness.conformance import outcomes
    from harness.engine.choice import Choice
    from harness.provision.health import Health

    os.chdir(place)
    loaded = inventories.load(place / "inventory")
    _bring_secrets(loaded)

    def check(*_: object, deadline: float = 0, **__: object) -> Health:
        return Health(hosts=(), seconds=deadline)

    done = execution.run(
        loaded,
        choice=Choice("test_files"),
        console=Console(file=(place / "run.txt").open("w", encoding="utf-8")),
        check=check,
        reporting=False,
    )
    found = outcomes.read(done.folder)
    errors = sum(one.status == "error" for one in found)
    return f"{len(found)} attempts at cells, {errors} of them without an answer; exit code {done.exit_code}"


def _bring_secrets(loaded: Any) -> None:
    """Write down a secret for each user and client: their issuers run elsewhere."""
    from harness import files
    from harness.provision import vault
    from harness.state import State

    vaults: dict[str, dict[str, str]] = {}
    for one in vault.needed(loaded):
        vaults.setdefault(one.infrastructure, {})[one.name] = f"{random.getrandbits(128):032x}"
    state = State(loaded.testbed.name).make()
    files.write_private(state.vault, json.dumps({"vault": vaults}).encode())


def make(place: Path) -> str:
    """Make up a run of the whole catalogue, of which each site fails some scenarios; not measured."""
    record = _made_up(place, place / "runs" / _RUN)
    return f"{record.planned} cells"


def judge(place: Path) -> str:
    """Judge that run, and state what was found."""
    from harness.conformance import judging, statement
    from harness.conformance.runs import Run

    folder = place / "runs" / _RUN
    record = Run.read(folder)
    start = time.perf_counter()
    judgement = judging.judge(folder, record)
    middle = time.perf_counter()
    statement.make(folder, record, judgement).write(folder)
    end = time.perf_counter()
    totals = ", ".join(f"{n} {verdict}" for verdict, n in sorted(judgement.totals.items()))
    return f"judged in {middle - start:.1f} s, stated in {end - middle:.1f} s: {totals}"


def publish(place: Path) -> str:
    """The table and the pages of that run, without Allure's report."""
    from rich.console import Console

    from harness.report import site

    start = time.perf_counter()
    with (place / "publish.txt").open("w", encoding="utf-8") as said:
        index = site.build(
            place / "runs" / _RUN,
            console=Console(file=said),
            sites=place / "site",
            proofs=place / "proofs",
        )
    pages = [path.stat().st_size for path in index.parent.rglob("*.html")]
    seconds = time.perf_counter() - start
    return f"{len(pages)} pages in {seconds:.1f} s, the largest {max(pages) / 1000:.0f} kB"


def _made_up(place: Path, folder: Path) -> Any:
    """Write the folder of a run: its plan, outcomes and evidence."""
    from harness import inventory as inventories
    from harness import planning
    from harness.conformance import evidence, inputs, outcomes
    from harness.engine import session
    from harness.engine.choice import Choice

    loaded = inventories.load(place / "inventory")
    choice = Choice(os.environ.get(_KEYWORD, ""))
    cells = session.collect(session.Selection(place / "inventory", choice)).cells
    (folder / evidence.FOLDER).mkdir(parents=True)
    plan = planning.Plan(loaded.testbed.routes, choice, cells, partial=False)
    record = planning.begin(loaded, folder, plan)
    record = record.model_copy(
        update={"start": "2026-01-01T01:15:00.000+00:00", "end": record.start}
    )
    chance = random.Random(1)
    services = {(s.site, s.type): s for s in loaded.testbed.services()}
    step = {"title": "GET https://se.invalid/x", "start": 1.0, "stop": 1.2, "status": "passed"}
    step |= {"sent": "GET /x", "answer": "x" * 300, "steps": []}
    now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    tests, sites = (sorted({getattr(c, name) for c in cells}) for name in ("test_name", "site"))
    bad = {(test, site): chance.random() for test in tests for site in sites}
    recorder = outcomes.Recorder(folder)
    for cell in cells:
        # A twentieth of the tests fail at a site, half of them for its own users too.
        failed = bad[cell.test_name, cell.site] < (0.025 if cell.is_control else 0.05)
        asked = services.get((cell.site, "webdav"))
        at = (
            (outcomes.Asked(site=cell.site, type="webdav", endpoint=asked.endpoint),)
            if asked
            else ()
        )
        name = evidence.name(cell.key, 1)
        text = json.dumps({"status": "x", "message": "", "steps": [step] * 3})
        (folder / name).write_text(text)
        recorder.add(
            outcomes.Outcome(
                **cell.model_dump(),
                status="failed" if failed else "passed",
                stage="assert" if failed else None,
                error="assertion" if failed else None,
                message="it is not so" if failed else "",
                hosts=(f"se.{cell.site.lower()}",),
                services=at,
                failed_at=at if failed else (),
                start=now,
                stop=now,
                evidence=name,
            )
        )
    recorder.close()
    seen = inputs.digests(folder, [outcomes.OUTCOMES, evidence.DIGESTS])
    record = record.model_copy(
        update={"id": folder.name, "files": record.files | seen, "exit_code": 1}
    )
    record.write(folder)
    return record


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a stage took; `processor` is the time of all its processes."""

    seconds: float
    processor: float
    gib: float
    said: str


def measure(stage: str, place: Path) -> Cost:
    """Run a stage in a process of its own."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, __file__, "--only", stage, "--place", str(place)],
        cwd=ROOT,
        env=os.environ | {"TESTBED_STATE": str(place / "state"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{stage}: {done.stdout[-2000:]}{done.stderr[-4000:]}")
    said, _, peak = done.stdout.strip().rpartition("\n")[2].rpartition("|")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - start, processor, float(peak), said)


def main() -> None:
    """Measure the stages at each number of sites, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sites", type=int, nargs="+", default=[10, 50, 100])
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES))
    parser.add_argument(
        "-k",
        dest="keyword",
        default="",
        help="judge and publish only some scenarios, as many sites",
    )
    parser.add_argument("--only", help=argparse.SUPPRESS)
    parser.add_argument("--place", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        gc.set_threshold(cli.OBJECTS)  # as the command does
        said = {"list": list_}.get(given.only) or globals()[given.only]
        text = said(given.place)
        # An upper bound where other processes help: what they share with this one counts twice.
        of = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        print(f"{text}|{sum(resource.getrusage(one).ru_maxrss for one in of) / 2**20}")
        return
    os.environ[_KEYWORD] = given.keyword  # for the process of each stage
    for sites in given.sites:
        place = Path(tempfile.mkdtemp(prefix="many-"))
        try:
            inventory(place / "inventory", sites)
            for stage in given.stages:
                if stage == "judge":
                    measure("make", place)
                cost = measure(stage, place)
                times = f"{cost.seconds:7.1f} s, processor {cost.processor:6.1f} s"
                print(
                    f"{sites:4} sites {stage:8} {times} {cost.gib:5.2f} GiB  "
                    f"load {os.getloadavg()[0]:.0f}  {cost.said}",
                    flush=True,
                )
        finally:
            shutil.rmtree(place)


if __name__ == "__main__":
    main()
