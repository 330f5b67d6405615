"""`testbed list` counts scenarios, and lists those that are asked for."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from harness import inventory, overview
from harness.engine.choice import EVERYTHING, Choice
from harness.errors import BadInput
from tests.unit.suites import copy_of_the_twin

MOST_LINES = 100
"""Of the twin, with its services and routes: two screens."""


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_twin(tmp_path_factory.mktemp("twin"))


@pytest.fixture(scope="module")
def summary(twin: Path) -> list[str]:
    return _listed(twin)


def _listed(folder: Path, choice: Choice = EVERYTHING, *, every: bool = False) -> list[str]:
    """Return the lines that the command prints."""
    said = io.StringIO()
    console = Console(file=said, width=120)
    overview.show(inventory.load(folder), choice=choice, every=every, console=console)
    return said.getvalue().splitlines()


def test_scenarios_are_counted_by_family(summary: list[str]) -> None:
    assert len(summary) < MOST_LINES
    rows = {row[0]: row[1:] for row in _counts(summary)}
    assert {"XFER", "AUTH", "JOB", "SCI"} <= rows.keys()
    files, scenarios, cells, requirements = map(int, rows["XFER"])
    assert files < scenarios < cells
    assert requirements > files
    assert "--all" in summary[-1]
    assert "::test_" not in "\n".join(summary)


def test_a_family_counts_what_its_option_lists(summary: list[str], twin: Path) -> None:
    (row,) = [row for row in _counts(summary) if row[0] == "SCI"]
    listed = _listed(twin, Choice(families=("SCI",)))
    assert sum("::test_" in line for line in listed) == int(row[2])


def test_all_lists_every_scenario(summary: list[str], twin: Path) -> None:
    lines = _listed(twin, every=True)
    assert sum("::test_" in line for line in lines) == int(summary[-1].split()[0])
    assert not any("scenarios by family" in line for line in lines)


def test_what_nothing_matches_says_how_to_see_all(twin: Path) -> None:
    with pytest.raises(BadInput, match=r"-k 'nothing_like_it'; `testbed list --all` shows all"):
        _listed(twin, Choice("nothing_like_it"))


def _counts(lines: list[str]) -> list[list[str]]:
    """Return the rows that are all counts but for their first cell."""
    rows = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines if "│" in line]
    return [row for row in rows if len(row) > 1 and all(cell.isdecimal() for cell in row[1:])]
