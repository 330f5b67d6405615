"""Machines over SSH, from nothing: provisioned, used by scenarios, and left as they are.

The inventory is the one that docs/sites.md begins with, and the tests follow its walk.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness import inventory
from harness.clients.workstations import Workstations
from harness.provision import engine
from harness.state import State
from tests.integration import machines
from tests.integration.conftest import ROOT
from tests.integration.machines import ADMIN, Machine

NAME = "machines-test"
USERS = {
    "aai.egi.example": "root",
    "se.egi.example": ADMIN,
    "aai.cstcloud.example": ADMIN,
    "se.cstcloud.example": "root",
}
"""Half of the machines are root's, and have no sudo; the others are had by `become`."""

SCENARIOS = "transfer and (test_files or test_ranges)"


@dataclass
class Site:
    """Four machines, the inventory of a newcomer, and the command that he types."""

    folder: Path
    machines: dict[str, Machine]
    env: dict[str, str]

    @property
    def inventory(self) -> Path:
        return self.folder / "mine"

    def reach(self, **more: dict[str, object]) -> None:
        """Write how the machines are reached; `more` are other words for a machine (its name -> words)."""
        for name, machine in self.machines.items():
            words: dict[str, object] = {
                "ansible_host": machine.address,
                "ansible_user": machine.user,
                "ansible_become": machine.user != "root",
                "ansible_ssh_private_key_file": str(self.folder / "key"),
                "ansible_ssh_common_args": f"-o UserKnownHostsFile={self.folder / 'known_hosts'}",
            }
            path = self.inventory / "host_vars" / f"{name}.yml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(words | more.get(name, {})))

    def testbed(self, *words: str) -> tuple[int, str]:
        return self.command(Path(sys.executable).parent / "testbed", *words, "--inventory", "mine")

    def command(self, *words: str | Path, cwd: Path | None = None) -> tuple[int, str]:
        done = subprocess.run(
            words,
            cwd=cwd or self.folder,
            env=os.environ | self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("newcomer")
    shutil.copytree(ROOT / "inventories" / "machines", folder / "mine")
    path = folder / "mine" / "group_vars" / "all.yml"
    path.write_text(path.read_text().replace("testbed_name: machines", f"testbed_name: {NAME}"))
    state = {"TESTBED_STATE": str(folder / "state")}
    with engine.in_use(), machines.running(USERS, folder=folder) as made:
        yield Site(folder, made, state)


def test_every_machine_that_cannot_be_reached_is_named_with_its_reason(site: Site) -> None:
    """And the testbed is not up."""
    site.reach(
        **{
            "aai.egi.example": {"ansible_port": 9},
            "se.egi.example": {"ansible_user": "nobody-known"},
            "aai.cstcloud.example": {"ansible_ssh_common_args": "-o UserKnownHostsFile=/dev/null"},
        }
    )
    code, output = site.testbed("up")
    assert code == 3, output
    assert "all failed on 3 of 4 hosts" in output
    assert re.search(r"aai\.egi\.example: it cannot be reached\n.*Connection refused", output)
    assert re.search(r"se\.egi\.example: it cannot be reached\n.*Permission denied", output)
    assert re.search(r"aai\.cstcloud\.example: it cannot be reached\n.*[Hh]ost key", output)
    assert f"{NAME} is up" not in output


def test_bare_machines_become_a_working_site(site: Site) -> None:
    site.reach()
    code, output = site.testbed("up")
    assert code == 0, output
    assert f"testbed {NAME} is up" in output
    code, output = site.testbed("check")
    assert code == 0, output


def test_what_is_provisioned_already_is_not_played_again(site: Site) -> None:
    code, output = site.testbed("up")
    assert code == 0, output
    assert "4 hosts already provisioned" in output
    assert "provision 4 hosts" not in output


def test_a_second_play_changes_nothing(site: Site) -> None:
    code, output = site.testbed("up", "--again")
    assert code == 0, output
    assert "0 changed on 4 hosts" in output


def test_the_documented_line_of_ansible_plays_the_same(site: Site) -> None:
    (line,) = re.findall(
        r"^\$ (ansible-playbook .*)$", (ROOT / "docs" / "sites.md").read_text(), re.M
    )
    words = line.replace("~/.local/state/interop-testbed/mine", f"{site.folder}/state/{NAME}")
    words = words.replace("../inventories/mine", str(site.inventory))
    program, *rest = words.split()
    code, output = site.command(
        Path(sys.executable).parent / program, *rest, "--limit", "se.cstcloud.example",
        cwd=ROOT / "playbooks",
    )  # fmt: skip
    assert code == 0, output
    assert re.search(r"se\.cstcloud\.example +: ok=\d+ +changed=0 ", output), output


def test_all_that_is_needed_is_there(site: Site) -> None:
    code, output = site.testbed("secrets")
    assert code == 0, output
    assert "missing" not in output
    vault = json.loads((site.folder / "state" / NAME / "vault.json").read_text())["vault"]
    assert not [secret for own in vault.values() for secret in own.values() if secret in output]


def test_requests_start_at_the_workstation(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the harness's own SSH connection: this machine knows none of the names."""
    monkeypatch.setenv("TESTBED_STATE", site.env["TESTBED_STATE"])
    testbed = inventory.load(site.inventory).testbed
    workstations = Workstations(testbed, State(NAME))
    for home, other in (("egi", "cstcloud"), ("cstcloud", "egi")):
        url = f"{testbed.infrastructure(other).issuer}/.well-known/openid-configuration"
        assert workstations.http(home).request("GET", url).ok
        done = workstations.at(home).run(["curl", "-sSf", "-o", "/dev/null", url])
        assert done.code == 0, done.stderr
        assert workstations.at(home).run("id -un").stdout == "researcher\n"
    workstations.close()


def test_scenarios_run_between_them(site: Site) -> None:
    code, output = site.testbed("run", "-k", SCENARIOS)
    assert code == 0, output
    (run,) = (site.folder / "runs").glob("[0-9]*")
    verdicts = json.loads((run / "verdicts.json").read_text())["totals"]
    assert verdicts["conformant"] >= 50, output
    assert not verdicts.get("inconclusive"), output


def test_down_leaves_them_as_they_are(site: Site) -> None:
    code, output = site.testbed("down", "--purge")
    assert code == 0, output
    assert all(name in output for name in USERS)
    assert not (site.folder / "state" / NAME).exists()
    words = {"key": site.folder / "key", "known": site.folder / "known_hosts"}
    active = site.machines["se.cstcloud.example"].ssh("systemctl is-active apache2", **words)
    assert active == "active\n"
