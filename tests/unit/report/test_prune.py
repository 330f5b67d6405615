"""Pruning takes evidence and pages, and never a statement, nor what nothing else tells of."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from harness.conformance import inputs, judging, verification
from harness.conformance.runs import Run
from harness.conformance.statement import Statement
from harness.conformance.verdicts import Judgement
from harness.errors import BadInput
from harness.report import prune as pruning
from harness.report import site as sites
from tests.unit.nights import make_night

IDS = tuple(f"2026010{day}T011500Z-00aa" for day in range(1, 5))


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


@pytest.fixture
def runs(tmp_path: Path, console: Console) -> Path:
    """Three nights that were published, and one that nobody has reported yet."""
    folder = tmp_path / "runs"
    for id_ in IDS[1:]:
        made = make_night(folder, id_)
        sites.build(made, console=console, sites=tmp_path / "site", proofs=tmp_path / "proofs")
    make_night(folder, IDS[0])
    return folder


def prune(runs: Path, console: Console, keep: int, *, dry_run: bool = False) -> list[str]:
    site = runs.parent / "site"
    waste = pruning.prune(keep=keep, dry_run=dry_run, console=console, folder=runs, site=site)
    return [f"{one.folder.relative_to(runs.parent)}" for one in waste]


def test_old_nights_lose_evidence_and_pages_and_keep_their_statement(
    runs: Path, console: Console
) -> None:
    assert prune(runs, console, 2) == [f"runs/{IDS[1]}", f"site/unit/{IDS[1]}"]
    gone = {"evidence", "allure-results", "allure-report"}
    assert not gone & {path.name for path in (runs / IDS[1]).iterdir()}
    pages = runs.parent / "site" / "unit" / IDS[1]
    assert {path.name for path in pages.iterdir()} == pruning.KEPT
    assert Statement.read(pages).run.id == IDS[1]
    assert "have been removed" in (pages / "index.html").read_text()
    assert prune(runs, console, 2) == []


def test_a_pruned_night_is_judged_as_before_and_is_not_taken_for_damaged(
    runs: Path, console: Console
) -> None:
    before = Judgement.read(runs / IDS[1])
    prune(runs, console, 2)
    folder = runs / IDS[1]
    assert "on purpose, by `testbed prune`" in (folder / "pruned.txt").read_text()
    assert judging.judge(folder, Run.read(folder)) == before
    assert verification.verify(folder) == []
    assert verification.verify(runs.parent / "site" / "unit" / IDS[1]) == []


def test_results_of_use_cases_go_too_and_what_changes_them_before_is_told(
    runs: Path, console: Console
) -> None:
    """They are sealed like what a run is judged from, but no verdict needs them."""
    for id_ in IDS[1:3]:
        folder = runs / id_
        (folder / "science").mkdir()
        (folder / "science" / "physics.json").write_text("{}\n")
        run = Run.read(folder)
        sealed = run.files | inputs.digests(folder, ["science/physics.json"])
        run.model_copy(update={"files": sealed}).write(folder)
        judging.judge(folder, run)
    old, new = (runs / id_ for id_ in IDS[1:3])
    prune(runs, console, 2)
    assert not (old / "science").exists()
    assert verification.verify(old) == []
    judging.judge(old, Run.read(old))
    (new / "science" / "physics.json").unlink()
    assert any("physics.json: is missing" in said for said in verification.verify(new))


def test_an_old_part_of_a_night_goes_as_a_whole(runs: Path, console: Console) -> None:
    folder = make_night(runs, "20260101T235900Z-00aa", keyword="copies")
    assert f"runs/{folder.name}" in prune(runs, console, 2)
    assert not folder.exists()


def test_what_nothing_else_tells_of_stays(runs: Path, console: Console) -> None:
    prune(runs, console, 1)
    assert (runs / IDS[0]).exists()
    assert (runs / IDS[3]).exists()


def test_a_dry_run_removes_nothing(runs: Path, console: Console) -> None:
    before = sorted(runs.parent.rglob("*"))
    assert prune(runs, console, 1, dry_run=True)
    assert sorted(runs.parent.rglob("*")) == before


def test_one_night_is_kept_at_least(runs: Path, console: Console) -> None:
    with pytest.raises(BadInput, match="at least one"):
        prune(runs, console, 0)
