"""A whole night on real containers, looked at as its users would."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from harness import inventory as inventories
from harness.conformance import outcomes
from harness.conformance.verdicts import Verdict
from tests.e2e.night import Night, Testbed

ROUTES = {"egi:cstcloud", "cstcloud:egi", "egi:egi", "cstcloud:cstcloud"}


@pytest.fixture(scope="module")
def verdicts(night: Night) -> list[dict[str, str]]:
    scenarios: list[dict[str, str]] = json.loads((night.run / "verdicts.json").read_text())[
        "scenarios"
    ]
    return scenarios


def test_it_ends_with_verdicts_and_the_report_s_path(night: Night) -> None:
    assert night.code in (0, 1), night.output[-3000:]
    assert "allure-report/index.html" in night.output.replace("\n", "")


def test_every_cell_of_every_route_was_executed(night: Night) -> None:
    recorded = outcomes.read(night.run)
    assert {outcome.route for outcome in recorded} == ROUTES
    assert {o.key for o in recorded} == {cell.key for cell in outcomes.read_plan(night.run)}


def test_nothing_is_inconclusive(verdicts: list[dict[str, str]]) -> None:
    loose = [
        f"{v['scenario']} [{v['home']}:{v['resource']}]: {v['reason']}"
        for v in verdicts
        if v["verdict"] in (Verdict.INCONCLUSIVE, Verdict.NOT_RUN)
    ]
    assert not loose, "\n".join(loose)


@pytest.mark.parametrize("family", ["auth", "transfer", "jobs"])
def test_most_of_every_family_conforms_on_every_route(
    verdicts: list[dict[str, str]], family: str
) -> None:
    for route in ROUTES:
        found = Counter(
            v["verdict"]
            for v in verdicts
            if v["family"] == family and f"{v['home']}:{v['resource']}" == route
        )
        assert found["conformant"] > sum(found.values()) / 2, (route, found)


def test_real_deviations_come_out(verdicts: list[dict[str, str]]) -> None:
    """XRootD grants `storage.read` without a path; whoever hides that has bent a check."""
    assert any(v["verdict"] == Verdict.KNOWN_DEVIATION for v in verdicts)


def test_the_record_is_complete(night: Night) -> None:
    record = json.loads((night.run / "run.json").read_text())
    assert record["id"] == night.run.resolve().name
    assert record["start"] < record["end"]
    assert len(record["versions"]) >= 10, "versions of the middleware of all hosts"
    for name in (
        "outcomes.jsonl",
        "verdicts.json",
        "junit.xml",
        "allure-report/index.html",
        "logs",
    ):
        assert (night.run / name).exists(), name


def test_no_secret_was_written(night: Night) -> None:
    """No token, password or client secret stands in anything that the run has written."""
    assert len(night.witnessed) > 50, "the run has used secrets, or this test shows nothing"
    needles = {secret.encode() for secret in night.witnessed if len(secret) >= 12}
    needles |= {s.rsplit(".", 1)[-1].encode() for s in night.witnessed if s.count(".") == 2}
    needles.discard(b"")
    for path in (p for p in night.run.resolve().rglob("*") if p.is_file()):
        content = path.read_bytes()
        leaked = [needle for needle in needles if needle in content]
        assert not leaked, f"{path} holds {len(leaked)} secrets"


def test_a_second_provisioning_changes_nothing(night: Night, testbed: Testbed) -> None:
    done = testbed("up", "--again")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "0 changed" in done.stdout


def test_a_part_can_be_run(night: Night, testbed: Testbed) -> None:
    done = testbed("run", "-k", "discovery", "--route", "egi:cstcloud")
    assert done.returncode in (0, 1)
    assert {o.route for o in outcomes.read(night.run)} == {"egi:cstcloud"}


def test_down_leaves_nothing(night: Night, testbed: Testbed, inventory: Path) -> None:
    """Stands last: no container and no network of the testbed remains."""
    assert testbed("down").returncode == 0
    mine = f"label=interop-testbed={inventories.load(inventory).testbed.name}"
    for words in (["ps", "--all"], ["network", "ls"]):
        listed = subprocess.run(
            ["docker", *words, "--quiet", "--filter", mine],
            capture_output=True,
            text=True,
            check=False,
        )
        # An engine that the testbed had started has ended with its last container, and lists nothing.
        assert listed.returncode == 0 or "Cannot connect" in listed.stderr, listed.stderr
        assert not listed.stdout
