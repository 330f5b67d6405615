"""What a killed command has left is undone by the next, unless another is at work."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from harness import inventory
from harness.inventory import Inventory
from harness.journal import Entry, Journal
from harness.provision import recovery
from harness.state import State
from tests.unit.provision.test_lock import HOLD


@pytest.fixture
def found(inventory_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inventory:
    """An inventory whose storage is this machine."""
    monkeypatch.setenv("TESTBED_STATE", str(tmp_path / "state"))
    loaded = inventory.load(inventory_folder)
    here = tuple(host.model_copy(update={"connection": "local"}) for host in loaded.testbed.hosts)
    testbed = loaded.testbed.model_copy(update={"hosts": here})
    return Inventory(loaded.path, testbed, loaded.variables, loaded.secret_names)


def settle(found: Inventory) -> str:
    console = Console(file=io.StringIO(), width=60)
    recovery.settle_if_free(found, console=console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_it_is_undone_and_told(found: Inventory, tmp_path: Path) -> None:
    change = Entry("se.egi.test", "[b] it is off", f"touch {tmp_path / 'on'}")
    Journal(State("unit").make().journal).note(change)
    assert settle(found) == (
        "se.egi.test: [b] it is off: left by a command that was killed, and undone now\n"
    )
    assert (tmp_path / "on").exists()
    assert settle(found) == ""


def test_what_another_command_is_about_is_left_alone(found: Inventory, tmp_path: Path) -> None:
    state = State("unit").make()
    Journal(state.journal).note(Entry("se.egi.test", "it is off", f"touch {tmp_path / 'on'}"))
    hold = HOLD.replace('"twin"', '"unit"')
    with subprocess.Popen(
        [sys.executable, "-c", hold, tmp_path / "state"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert settle(found) == ""
        assert not (tmp_path / "on").exists()
        other.kill()
    assert "undone now" in settle(found)


def test_a_check_of_a_testbed_without_a_journal_makes_no_state(
    found: Inventory, tmp_path: Path
) -> None:
    assert settle(found) == ""
    assert not (tmp_path / "state").exists()
