"""The tutorial is true: its commands are typed in order, on the night's testbed.

The night is not run twice: the first chapter's `testbed nightly` is the one that all tests here look at.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness import inventory as inventories
from tests.e2e.night import Night, Testbed
from tests.e2e.tutorial import Ended, Reader, chapters

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = chapters(ROOT / "docs" / "tutorial")

PROJECT = ("docs", "harness", "inventories", "playbooks", "scenarios", "pyproject.toml")
"""What of the project its commands use."""

TOOLS = (".venv", "node_modules")
"""What `make setup` has made."""

COLUMNS = "120"
"""Of the reader's terminal."""


def clone(to: Path, inventory: Path) -> Path:
    """Copy the project, as its reader has it after `make setup`; its twin is the testbed of these tests."""
    to.mkdir()
    for name in PROJECT:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, to / name)
    for name in TOOLS:
        (to / name).symlink_to(ROOT / name)
    shutil.rmtree(to / "inventories" / "twin")
    shutil.copytree(inventory, to / "inventories" / "twin")
    return to


def leave_night(folder: Path, to: Path, *, testbed: str) -> None:
    """Copy the newest whole night of a folder, and its pages; parts that ran after it are left behind."""
    site = Path("site") / testbed
    newest = max(path.parent.name for path in (folder / site).glob("2*/statement.json"))
    shutil.copytree(folder / site, to / site, symlinks=True)
    shutil.copytree(folder / "runs" / newest, to / "runs" / newest, symlinks=True)
    (to / "runs" / "latest").symlink_to(newest)


def names(inventory: Path) -> Callable[[str], str]:
    """Return what puts a testbed's name and addresses in place of the twin's; its folder stays `twin`."""
    testbed = inventories.load(inventory).testbed
    network = str(testbed.infrastructures[0].network)
    addresses = ".".join(network.split(".")[:2])

    def named(text: str) -> str:
        text = re.sub(r"(?<!inventories/)\btwin\b", testbed.name, text)
        return text.replace("10.111.", f"{addresses}.")

    return named


def reader(folder: Path, inventory: Path, *, night: Path, output: str) -> Reader:
    """Return who works through the tutorial in a new folder, after a night in `night` with this output."""
    clone(folder, inventory)
    leave_night(night, folder, testbed=inventories.load(inventory).testbed.name)
    return Reader(
        folder,
        named=names(inventory),
        known={"make setup": Ended(0, ""), "testbed nightly": Ended(0, output)},
        environment={"COLUMNS": COLUMNS, "PYTHONPATH": str(folder)},
    )


@pytest.fixture(scope="module")
def student(
    night: Night, testbed: Testbed, inventory: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reader]:
    """Whoever works through the tutorial; the testbed is up, as after a night, and goes down at the end."""
    assert night.code in (0, 1), night.output[-3000:]
    up = testbed("up")
    assert up.returncode == 0, up.stdout[-3000:]
    folder = tmp_path_factory.mktemp("tutorial") / "project"
    try:
        yield reader(folder, inventory, night=night.folder, output=night.output)
    finally:
        testbed("down")


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_it_is_as_the_chapter_tells(student: Reader, chapter: Path) -> None:
    student.follow(chapter)
