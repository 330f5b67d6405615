"""Machines that are no containers: played where something has changed, and left alone by `down`."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console

from harness import inventory, open_shell
from harness.errors import ProvisionError
from harness.provision import health, lifecycle, plays, removal, stamps
from harness.provision.plays import Played, Tally
from harness.state import State

SHIPPED = Path(__file__).parents[3] / "inventories" / "machines"
HERE = """#!/bin/sh
for word; do machine=$word; [ "$word" = sh ] || before=$word; done
[ ! -e {folder}/$before.gone ] || {{ echo "no route to $before" >&2; exit 255; }}
exec sh
"""
NAMES = ["aai.egi.example", "se.egi.example", "aai.cstcloud.example", "se.cstcloud.example"]


@dataclass
class Bench:
    """An inventory whose machines are all this one; plays are noted, and say what they are told to."""

    folder: Path
    failing: dict[str, str] = field(default_factory=dict)
    sick: dict[str, str] = field(default_factory=dict)
    played: list[list[str]] = field(default_factory=list)
    changed: int = 0
    said: io.StringIO = field(default_factory=io.StringIO)

    @property
    def inventory(self) -> inventory.Inventory:
        return inventory.load(self.folder / "mine")

    def play(self, _stage: str, _inventories: object, *, hosts: list[str], **_: object) -> Played:
        self.played.append(sorted(hosts))
        tallies = {
            n: Tally(n, failure=self.failing.get(n, ""), changed=self.changed) for n in hosts
        }
        return Played(stage="all", tallies=tallies, log=self.folder / "log")

    def check(self, _: object, *, hosts: list[object], **__: object) -> health.Health:
        found = [
            health.HostHealth(name, (health.Check("unit x", not why, why),), {})
            for name, why in ((name, self.sick.get(name, "")) for name in NAMES)
        ]
        return health.Health(tuple(found), 0.1)

    def do(self, what: str, **words: bool) -> str:
        self.said = io.StringIO()
        module = removal if what == "down" else lifecycle
        console = Console(file=self.said, width=200)
        getattr(module, what)(self.inventory, console=console, **words)
        return self.said.getvalue()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("TESTBED_STATE", str(tmp_path / "state"))
    client = tmp_path / "ssh"
    client.write_text(HERE.format(folder=tmp_path))
    client.chmod(0o755)
    shutil.copytree(SHIPPED, tmp_path / "mine")
    (tmp_path / "mine" / "group_vars" / "infrastructures.yml").write_text(
        f"ansible_ssh_executable: {client}\n"
    )
    made = Bench(tmp_path)
    monkeypatch.setattr(stamps, "FOLDER", str(tmp_path / "marks"))
    monkeypatch.setattr(plays, "run", made.play)
    monkeypatch.setattr(health, "check", made.check)
    yield made
    open_shell.close_all()


def test_a_machine_is_played_again_only_where_something_has_changed(bench: Bench) -> None:
    assert "testbed machines is up" in bench.do("up")
    assert "4 hosts already provisioned" in bench.do("up")
    path = bench.folder / "mine" / "hosts.yml"
    path.write_text(
        path.read_text().replace("[trust, xrootd]", "[trust, xrootd]\n                  new: 1")
    )
    assert "1 host already provisioned" in bench.do("up")
    others = [
        "aai.cstcloud.example",
        "aai.egi.example",
    ]  # issuers look at the services of all hosts
    assert bench.played == [sorted(NAMES), [*others, "se.egi.example"]]


def test_one_that_was_installed_anew_is_played(bench: Bench) -> None:
    bench.do("up")
    (bench.folder / "marks" / "machines.se.egi.example").unlink()
    bench.do("up")
    assert bench.played[1:] == [["se.egi.example"]]


def test_one_that_failed_is_played_again(bench: Bench) -> None:
    """Those that did not fail are not; an `up` over all of them forgets what was there before."""
    bench.failing = {"se.egi.example": "xrootd: Install XRootD\n    No space left"}
    with pytest.raises(ProvisionError, match="No space left"):
        bench.do("up")
    bench.failing = {}
    bench.do("up")
    assert bench.played[1:] == [["se.egi.example"]]


def test_services_of_a_play_that_was_broken_off_are_started_anew(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may run by a configuration of before, and nothing would tell them any more."""
    told = bench.folder / "systemctl"
    told.write_text(f"#!/bin/sh\necho $* >>{bench.folder}/units\n")
    told.chmod(0o755)
    monkeypatch.setenv("PATH", f"{bench.folder}:{os.environ['PATH']}")
    monkeypatch.setattr(plays, "run", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        bench.do("up")
    assert "machines keep what is installed there: `testbed down` does not" in bench.said.getvalue()
    assert not (bench.folder / "units").exists(), "there was no play before"
    monkeypatch.setattr(plays, "run", bench.play)
    bench.do("up")
    assert bench.played == [sorted(NAMES)]
    stopped = (bench.folder / "units").read_text().splitlines()
    assert "stop openid-provider openid-provider-store" in stopped
    assert "daemon-reload" in stopped


def _interrupted(*_: object, **__: object) -> Played:
    raise KeyboardInterrupt


def test_a_testbed_is_not_up_where_a_host_is_not(bench: Bench) -> None:
    bench.sick = {"se.egi.example": "failed", "aai.egi.example": "inactive"}
    said = bench.do("up")
    assert (
        "testbed machines is not up: 2 of 4 hosts are unhealthy: aai.egi.example, se.egi.example"
        in said
    )
    assert "machines is up" not in said


def test_playing_again_tells_what_changed_and_marks_them(bench: Bench) -> None:
    bench.do("up")
    bench.changed = 2
    assert "8 changed on 4 hosts" in bench.do("again")
    bench.do("up")
    assert len(bench.played) == 2


def test_down_leaves_machines_alone_and_says_so(bench: Bench) -> None:
    bench.do("up")
    said = bench.do("down")
    assert "not touched" in said
    assert all(name in said for name in NAMES)
    assert State("machines").vault.exists()
    assert sorted((bench.folder / "marks").iterdir())


def test_down_with_purge_removes_what_was_made_here(bench: Bench) -> None:
    bench.do("up")
    assert "removed the keys and secrets of machines" in bench.do("down", purge=True)
    assert not State("machines").root.exists()
    bench.do("up")
    assert len(bench.played) == 2, "new keys are no longer those that the machines have"


def test_secrets_that_a_person_must_bring_are_told_by_up(bench: Bench) -> None:
    path = bench.folder / "mine" / "hosts.yml"
    path.write_text(path.read_text().replace("[trust, oidc_provider, ui]", "[]").replace(
        "[trust, xrootd]", "[trust, ui]"))  # fmt: skip
    assert "6 secrets that you must provide are missing: `testbed secrets` lists them" in bench.do(
        "up"
    )
    assert json.loads(State("machines").vault.read_text())["vault"]["egi"] == {}
