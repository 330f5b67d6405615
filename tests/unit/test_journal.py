"""What was changed at a host is undone, whatever became of the process that changed it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import NotAllowed, TestbedError, Unreachable
from harness.journal import Entry, Journal
from harness.model import Host

ROOT = Path(__file__).resolve().parents[2]
HERE = Host(
    name="se.a.test",
    infrastructure="a",
    site="A",
    roles=("x",),
    disturb=True,
    connection="local",
    target="x",
)

KILLED = """
import os, signal, sys
from pathlib import Path
from harness.journal import Journal
from harness.model import Host

place = Path(sys.argv[1])
host = Host.model_validate_json(sys.argv[2])
journal = Journal(place / "journal")
blocks = []
for name in ("route", "unit"):
    block = journal.changed(host, f"{name} is cut", 'rm -f "$FILE"; echo "$FILE" >> "$ORDER"',
        FILE=str(place / name), ORDER=str(place / "order"))
    blocks.append(block)
    block.__enter__()
    (place / name).touch()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def test_it_is_written_before_the_change_and_struck_out_after_it(
    journal: Journal, tmp_path: Path
) -> None:
    lamp = tmp_path / "lamp"
    with journal.changed(HERE, "the lamp is on", 'rm "$LAMP"', LAMP=str(lamp)):
        (entry,) = journal.standing()
        assert str(entry) == "se.a.test: the lamp is on"
        lamp.touch()
    assert not lamp.exists()
    assert journal.standing() == ()


def test_a_change_that_fails_is_undone_too(journal: Journal, tmp_path: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        journal.changed(HERE, "half", f"touch {tmp_path / 'undone'}"),
    ):
        raise ZeroDivisionError
    assert (tmp_path / "undone").exists()


def test_what_a_killed_process_has_left_is_undone_by_the_next_the_last_change_first(
    journal: Journal, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path, HERE.model_dump_json()],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert (tmp_path / "route").exists()
    said: list[str] = []
    journal.undo_all(lambda _: HERE, said.append)
    assert not (tmp_path / "route").exists()
    order = (tmp_path / "order").read_text().split()
    assert order == [str(tmp_path / "unit"), str(tmp_path / "route")]
    assert said == [
        f"se.a.test: {name} is cut: left by a command that was killed, and undone now"
        for name in ("unit", "route")
    ]
    assert not (tmp_path / "journal").exists()
    journal.undo_all(lambda _: HERE, said.append)
    assert len(said) == 2


def test_what_cannot_be_undone_yet_stands_and_is_told(journal: Journal, tmp_path: Path) -> None:
    switch = tmp_path / "switch"
    journal.note(
        Entry(HERE.name, "the door is open", f'test -e {switch} || {{ echo "stuck" >&2; exit 4; }}')
    )
    said: list[str] = []
    journal.undo_all(lambda _: HERE, said.append)
    assert said == [
        "left by a command that was killed: se.a.test: the door is open, which cannot be undone: stuck. "
        "The next command tries again."
    ]
    assert len(journal.standing()) == 1
    switch.touch()
    journal.undo_all(lambda _: HERE, said.append)
    assert journal.standing() == ()


def test_the_end_of_a_change_that_cannot_be_undone_fails_the_scenario(journal: Journal) -> None:
    with (
        pytest.raises(Unreachable, match="it is on, which cannot be undone: no"),
        journal.changed(HERE, "it is on", "echo no; exit 1"),
    ):
        pass
    assert len(journal.standing()) == 1


def test_a_host_that_the_inventory_has_no_more_is_told_once(journal: Journal) -> None:
    journal.note(Entry("gone.a.test", "it is off", "true"))

    def host_of(name: str) -> Host:
        raise LookupError(name)

    said: list[str] = []
    for _ in range(2):
        journal.undo_all(host_of, said.append)
    assert len(said) == 1
    assert "the inventory has no such host now" in said[0]


def test_hosts_that_are_removed_take_their_changes_with_them(journal: Journal) -> None:
    journal.note(Entry(HERE.name, "it is off", "true"))
    journal.note(Entry("other.a.test", "it is off", "true"))
    journal.forget([HERE])
    assert [entry.host for entry in journal.standing()] == ["other.a.test"]


@pytest.mark.parametrize(
    "rest", [b'{"host": "se.a', b"\xff\xfe\x00", b"[1]", b"{}", b'{"id": "x"}']
)
def test_a_line_that_was_cut_spoils_no_other(journal: Journal, tmp_path: Path, rest: bytes) -> None:
    with (tmp_path / "journal").open("wb") as file:
        file.write(rest)  # its writer was killed: no end of line
    journal.note(Entry(HERE.name, "it is off", "true"))
    assert [entry.change for entry in journal.standing()] == ["it is off"]


def test_a_change_that_cannot_be_noted_is_not_made() -> None:
    journal = Journal(Path("/dev/full"))
    with (
        pytest.raises(TestbedError, match="/dev/full: cannot be written: No space left"),
        journal.changed(HERE, "it is off", "true"),
    ):
        pytest.fail("the change was made")


def test_a_host_that_may_not_be_disturbed_is_not_changed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    mine = HERE.model_copy(update={"disturb": False})
    with (
        pytest.raises(NotAllowed, match=r"disturb se\.a\.test"),
        journal.changed(mine, "x", "false"),
    ):
        raise AssertionError("not reached")
    assert journal.standing() == ()
