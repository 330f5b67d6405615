"""A month is reported by what the newest run found agreed and declared, and by nothing else."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from harness import inventory
from harness.conformance import history
from harness.conformance.history import History
from harness.conformance.ola import MonthlyReport
from harness.conformance.runs import Run
from harness.conformance.statement import Statement
from harness.errors import BadInput
from harness.report import levels
from tests.unit.nights import make_night
from tests.unit.sealed import make_sealed_night

FIRST, SECOND = (f"2026010{day}T011500Z-00aa" for day in (1, 2))
DOWNTIMES = """\
downtimes:
  - severity: outage
    site: EGI-TWIN
    services: [all]
    declared: 2026-01-01T00:00:00Z
    start: 2026-01-01T02:00:00Z
    end: 2026-01-02T01:00:00Z
    description: The cooling is repaired.
"""


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture
def runs(tmp_path: Path, inventory_folder: Path) -> Path:
    """Two nights of an inventory, entered into the history."""
    folder = tmp_path / "runs"
    folder.mkdir()
    enter(folder, inventory_folder, FIRST)
    enter(folder, inventory_folder, SECOND)
    return folder


def enter(folder: Path, inventory_folder: Path, id_: str) -> None:
    made = make_sealed_night(folder, id_, inventory.load(inventory_folder))
    with History.open(folder / history.FILE) as store:
        store.add(Statement.read(made))


def months(runs: Path, id_: str) -> list[MonthlyReport]:
    with History.open(runs / history.FILE) as store:
        return levels.months(store, Statement.read(runs / id_).run, folder=runs / id_)


def test_a_run_reports_its_months_alike_whatever_becomes_of_the_checkout(
    runs: Path, inventory_folder: Path
) -> None:
    before = months(runs, SECOND)
    (inventory_folder / "agreement.yaml").write_text("agreement: gone wrong")
    assert months(runs, SECOND) == before
    shutil.rmtree(inventory_folder)
    assert months(runs, SECOND) == before
    assert before


def test_the_command_reads_the_newest_run_and_needs_no_inventory(
    runs: Path, inventory_folder: Path, console: Console
) -> None:
    shutil.rmtree(inventory_folder)
    levels.show(inventory_folder, None, console=console, folder=runs)
    assert "EGI-TWIN" in said(console)
    assert f"by what was agreed and declared when the run {SECOND} began" in said(console)


def test_a_downtime_declared_after_the_run_is_told_and_counts_from_the_next(
    runs: Path, inventory_folder: Path, console: Console
) -> None:
    third = "20260103T011500Z-00aa"
    before = months(runs, SECOND)
    (inventory_folder / "downtimes.yaml").write_text(DOWNTIMES)
    levels.show(inventory_folder, None, console=console, folder=runs)
    late = f"{inventory_folder}/downtimes.yaml is another today; it counts from the next run on."
    assert late in said(console)
    assert months(runs, SECOND) == before
    enter(runs, inventory_folder, third)
    site = next(line for line in months(runs, third)[0].sites if line.subject.site == "EGI-TWIN")
    assert site.figures.down == dt.timedelta(hours=23)


def test_an_inventory_that_was_moved_is_known_by_its_testbed(
    runs: Path, inventory_folder: Path, console: Console
) -> None:
    moved = inventory_folder.rename(inventory_folder.with_name("moved"))
    levels.show(moved, None, console=console, folder=runs)
    assert "EGI-TWIN" in said(console)


def test_a_run_of_a_former_version_is_reported_by_the_inventory_of_today(
    tmp_path: Path, inventory_folder: Path, console: Console
) -> None:
    folder = tmp_path / "runs"
    made = make_night(folder, FIRST)
    run = Run.read(made).model_copy(update={"inventory": str(inventory_folder)})
    run.write(made)
    with History.open(folder / history.FILE) as store:
        store.add(Statement.read(made))
    levels.show(inventory_folder, None, console=console, folder=folder)
    assert f"{FIRST}: it was made by a former version" in said(console)
    shutil.rmtree(inventory_folder)
    assert months(folder, FIRST) == []
    with pytest.raises(BadInput, match="is not there any more"):
        levels.show(inventory_folder, None, console=console, folder=folder)


def test_without_a_run_nothing_can_be_reported(
    tmp_path: Path, inventory_folder: Path, console: Console
) -> None:
    with pytest.raises(BadInput, match="there is no run of unit yet"):
        levels.show(inventory_folder, None, console=console, folder=tmp_path)
