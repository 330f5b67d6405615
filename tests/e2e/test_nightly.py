"""A whole night on real containers, looked at as its users would."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from harness import inventory as inventories
from harness.conformance import deviations, outcomes
from harness.conformance.verdicts import Judgement, Verdict
from harness.errors import PublishError
from harness.proof.judgement import Proof, Result
from harness.report import publish as publishing
from harness.report import site as sites
from tests.e2e.conftest import ROOT
from tests.e2e.container import Container
from tests.e2e.container import environment as container_environment
from tests.e2e.night import Night, Testbed
from tests.robustness.bed import Bed
from tests.robustness.ends import ENDS
from tests.robustness.faults import FAULTS
from tests.robustness.trials import try_end, try_fault, undisturbed
from tests.unit.nights import make_night
from tests.unit.routes import CROSS

STRUCK = "test_files or test_token_claims"
"""Scenarios that ask storages and issuers: enough that a run can be struck in the middle."""

ROUTES = {CROSS, "cstcloud:EGI-TWIN", "egi:EGI-TWIN", "cstcloud:CSTCLOUD-TWIN"}


@pytest.fixture(scope="module")
def verdicts(night: Night) -> list[dict[str, str]]:
    scenarios: list[dict[str, str]] = json.loads((night.run / "verdicts.json").read_text())[
        "scenarios"
    ]
    return scenarios


def test_it_ends_with_verdicts_and_the_report_s_path(night: Night) -> None:
    assert night.code in (0, 1), night.output[-3000:]
    assert "site/e2e/index.html" in night.output.replace("\n", "")


def test_every_cell_of_every_route_was_executed(night: Night) -> None:
    recorded = outcomes.read(night.run)
    assert {outcome.route for outcome in recorded} == ROUTES
    assert {o.key for o in recorded} == {cell.key for cell in outcomes.read_plan(night.run)}


def test_nothing_is_inconclusive(verdicts: list[dict[str, str]]) -> None:
    loose = [
        f"{v['scenario']} [{v['home']}:{v['resource']}]: {v['reason']}"
        for v in verdicts
        if v["verdict"] in (Verdict.INCONCLUSIVE, Verdict.NOT_RUN) and v["extent"] == "core"
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
            if v["family"] == family and f"{v['home']}:{v['site']}" == route
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
    """No token, password or client secret stands in what the run has written, nor in its pages."""
    assert len(night.witnessed) > 50, "the run has used secrets, or this test shows nothing"
    written = [night.run.resolve(), night.folder / "site"]
    assert any(path.name == "matrix.html" for path in written[1].rglob("*"))
    assert _holding(night.witnessed, *written) == ""


def test_a_demonstration_is_recorded_without_a_secret(night: Night, testbed: Testbed) -> None:
    """A scientist's result and a refusal are shown at the twin; the page that replays it is harmless."""
    witness, recorded = night.folder / "witness-demo.txt", night.folder / "demo.html"
    done = testbed(
        *("demo", "environment", "--pace", "0", "--no-page", "--record", str(recorded)),
        PYTHONPATH=str(ROOT),
        PYTEST_PLUGINS="tests.e2e.witness",
        TESTBED_WITNESS=str(witness),
    )
    assert done.returncode == 0, done.stdout
    secrets = frozenset(witness.read_text().splitlines())
    assert any(secret.count(".") == 2 for secret in secrets), "no token was used: nothing is shown"
    assert "data:image/png;base64," in recorded.read_text()
    assert _holding(secrets, recorded, night.folder / "demos") == ""


def _holding(secrets: frozenset[str], *places: Path) -> str:
    """Return which files hold one of the secrets, or a token's signature."""
    needles = {line for secret in secrets for line in secret.splitlines()}
    needles |= {s.rsplit(".", 1)[-1] for s in secrets if s.count(".") == 2}
    needles = {needle for needle in needles if len(needle) >= 12 and not needle.startswith("-----")}
    # grep looks for all of them in one pass; what is sought for comes on its standard input.
    found = subprocess.run(
        ["grep", "-rlaF", "-f", "-", "--", *places],
        input="\n".join(needles).encode(),
        capture_output=True,
        env={**os.environ, "LC_ALL": "C"},
        check=False,
    )
    return (found.stdout or found.stderr).decode()


@pytest.fixture
def container(night: Night, inventory: Path, monkeypatch: pytest.MonkeyPatch) -> Container:
    """A container of the testbed's own cloud, which goes when the testbed does."""
    for name, value in container_environment(inventories.load(inventory), "egi").items():
        monkeypatch.setenv(name, value)
    return Container.make("e2e-pages")


def test_nights_are_published_to_the_testbed_s_own_swift(
    container: Container, tmp_path: Path
) -> None:
    """Whole, once, and for good: a container that is full harms nothing that is there.

    The nights are small ones: Swift is to be shown, not how fast it is.
    """
    to = f"swift://{container.name}/pages"
    silent = Console(quiet=True)
    first, second = (f"2026010{day}T011500Z-00aa" for day in (1, 2))

    def build(night: str) -> Path:
        folder = make_night(tmp_path / "runs", night)
        return sites.build(
            folder, console=silent, sites=tmp_path / "site", proofs=tmp_path / "proofs"
        ).parent

    site = build(first)
    publishing.publish(site, to, console=silent)
    there = container.listed()
    assert {name: md5 for name, (md5, _) in there.items()} == _digests(site, "pages")
    assert max(there, key=lambda name: there[name][1]) == "pages/index.html"
    page = f"{first}/cells/AUTH-017/egi.CSTCLOUD-TWIN.html"
    assert container.read(f"pages/{page}") == (site / page).read_bytes()
    assert publishing.publish(site, to, console=silent).files == ()

    build(second)
    container.hold(1)
    with pytest.raises(PublishError, match="the target is full"):
        publishing.publish(site, to, console=silent)
    full = container.listed()
    assert {name: full[name] for name in there} == there
    assert f"pages/{second}/statement.json" not in full

    container.hold("")
    publishing.publish(site, to, console=silent)
    whole = container.listed()
    assert {name: md5 for name, (md5, _) in whole.items()} == _digests(site, "pages")
    old = [name for name in there if f"/{first}/" in name]
    assert {name: whole[name] for name in old} == {name: there[name] for name in old}


def _digests(folder: Path, prefix: str) -> dict[str, str]:
    """Return the MD5 of each file, as Swift lists it."""
    return {
        f"{prefix}/{path.relative_to(folder).as_posix()}": hashlib.md5(
            path.read_bytes(), usedforsecurity=False
        ).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_judge_says_the_same_again(night: Night, testbed: Testbed) -> None:
    """And a known deviation taken out of the run's own list changes the verdicts of its cells alone."""
    before = Judgement.read(night.run)
    assert testbed("judge", str(night.run), of_inventory=False).returncode == night.code
    assert Judgement.read(night.run) == before

    listed = night.run / deviations.FILE
    kept = listed.read_text()
    content = yaml.safe_load(kept)
    content[deviations.KEY] = content[deviations.KEY][1:]
    gone = deviations.load(listed)[0]
    try:
        listed.write_text(yaml.safe_dump(content, allow_unicode=True))
        testbed("judge", str(night.run), of_inventory=False)
        after = Judgement.read(night.run)
    finally:
        listed.write_text(kept)
        testbed("judge", str(night.run), of_inventory=False)
    changed = [
        old
        for old, new in zip(before.scenarios, after.scenarios, strict=True)
        if (old.verdict, old.known is None) != (new.verdict, new.known is None)
    ]
    assert changed
    assert all(gone.covers(cell) for cell in changed)


def test_a_second_provisioning_changes_nothing(night: Night, testbed: Testbed) -> None:
    done = testbed("up", "--again")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "0 changed" in done.stdout


def test_a_part_can_be_run(night: Night, testbed: Testbed) -> None:
    done = testbed("run", "-k", "discovery", "--route", "egi:cstcloud")
    assert done.returncode in (0, 1)
    assert {o.route for o in outcomes.read(night.run)} == {CROSS}


PROVEN = "test_scope_paths or test_cloud_sessions or test_third_party_failures or test_refresh"


def test_scenarios_fail_where_sites_are_broken(night: Night, testbed: Testbed) -> None:
    """A fixed part of the proof: no scenario survives a fault that it is there to find."""
    done = testbed("prove", "-k", PROVEN)
    assert done.returncode == 0, done.stdout[-3000:]
    proof = Proof.model_validate_json((night.proof / "proof.json").read_text())
    assert proof.refusals > 5
    killers = {pair.mutant for pair in proof.of(Result.KILLED)}
    assert {"open", "closed"} < killers, killers
    assert set(proof.totals) == {Result.KILLED, Result.PASSED}


@pytest.fixture(scope="module")
def bed(night: Night, inventory: Path) -> Bed:
    """The night's testbed, and a quick part of the scenarios."""
    return Bed(inventory, inventories.load(inventory), night.folder, part=STRUCK)


@pytest.fixture(scope="module")
def calm(bed: Bed) -> Judgement:
    """The verdicts of that part where nothing disturbs it."""
    return undisturbed(bed)


def test_a_stopped_service_changes_the_cells_that_asked_it_alone(bed: Bed, calm: Judgement) -> None:
    """A part of `make robustness`."""
    (fault,) = (one for one in FAULTS if one.name == "a storage's service is stopped")
    changed, *flaws = try_fault(bed, fault, calm)
    assert not flaws
    assert "inconclusive" in changed


def test_a_killed_worker_blames_no_site(bed: Bed, calm: Judgement) -> None:
    (end,) = (one for one in ENDS if one.name == "a worker is killed (SIGKILL)")
    _, *flaws = try_end(bed, end, calm)
    assert not flaws


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
