"""What a killed run has left at a workstation goes, with what is at work in it; all else stays."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import open_shell
from harness.clients.leftovers import leftovers
from harness.clients.workstations import Workstation
from harness.kinds import Leftover
from harness.model import Host

OURS = "interop-testbed-0123456789ab"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of a user of this machine."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    open_shell.close_all()  # they know the home with which they began
    yield folder
    open_shell.close_all()


@pytest.fixture
def asleep() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that go when the test ends."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def found(home: Path) -> dict[str, Leftover]:
    """Return what is found in the user's home; other tests may leave things elsewhere meanwhile."""
    host = Host(
        name="ui.test",
        infrastructure="egi",
        site="SITE",
        roles=("ui",),
        connection="local",
        target="ui.test",
        user="ada",
    )
    listed = {Path(one.what): one for one in leftovers(Workstation(host))}
    return {path.name: one for path, one in listed.items() if path.parent == home}


def test_a_folder_of_ours_goes_and_those_of_people_stay(home: Path) -> None:
    for name in (OURS, "interop-testbed", "interop-testbed-2", f"{OURS}-mine", f"my-{OURS}"):
        (home / name / "a b").mkdir(parents=True)
        (home / name / "a b" / "file").write_text("x")
    listed = found(home)
    assert set(listed) == {OURS}
    listed[OURS].remove()
    assert {one.name for one in home.iterdir()} == {
        "interop-testbed",
        "interop-testbed-2",
        f"{OURS}-mine",
        f"my-{OURS}",
    }
    assert not found(home)


def test_what_is_at_work_in_it_ends_and_nothing_else(
    home: Path, asleep: list[subprocess.Popen[bytes]]
) -> None:
    """An agent does not stay in its folder, but knows it."""
    (home / OURS / "config").mkdir(parents=True)
    (home / f"{OURS}-mine").mkdir()
    words = ["sleep", "600"]
    agent = os.environ | {"OIDC_CONFIG_DIR": str(home / OURS / "config")}
    mine = os.environ | {"OIDC_CONFIG_DIR": str(home / f"{OURS}-mine" / "config")}
    asleep += [
        subprocess.Popen(words, cwd=home / OURS / "config"),
        subprocess.Popen(words, cwd="/", env=agent),
        subprocess.Popen(words, cwd=home),
        subprocess.Popen(words, cwd=home / f"{OURS}-mine", env=mine),
    ]
    found(home)[OURS].remove()
    assert [process.wait(timeout=60) for process in asleep[:2]] == [-15, -15]
    assert [process.poll() for process in asleep[2:]] == [None, None]


@pytest.mark.parametrize(
    ("program", "listens", "ends"),
    [("oidc-agent", True, True), ("oidc-agent", False, False), ("another", True, False)],
)
def test_an_agent_that_hides_its_folder_is_known_by_what_it_said(
    home: Path,
    asleep: list[subprocess.Popen[bytes]],
    *,
    program: str,
    listens: bool,
    ends: bool,
) -> None:
    """Its number may be another program's by now."""
    folder = home / OURS
    folder.mkdir()
    copy = home / program
    shutil.copy(shutil.which("sleep") or "", copy)
    agent = subprocess.Popen([copy, "600"], cwd="/", env={})
    asleep.append(agent)
    address = home / "socket"
    with socket.socket(socket.AF_UNIX) as server:
        if listens:
            server.bind(str(address))
        (folder / "agent.env").write_text(
            f"OIDC_SOCK={address}; export OIDC_SOCK;\n"
            f"OIDCD_PID={agent.pid}; export OIDCD_PID;\necho Agent pid $OIDCD_PID\n"
        )
        found(home)[OURS].remove()
    assert not folder.exists()
    if ends:
        assert agent.wait(timeout=10) != 0
    else:
        assert agent.poll() is None
