"""A play's progress, its failures, and its log: plays run on this machine itself."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
from pathlib import Path

import pytest
from rich.console import Console

from harness.errors import ProvisionError
from harness.provision import plays
from harness.provision.progress import Progress
from harness.redaction import redactor
from harness.state import State

PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - name: Change something
      ansible.builtin.copy: {content: "{{ testbed_stage }}", dest: "{{ folder }}/done"}
    - name: Tell a secret
      ansible.builtin.debug: {msg: "it is {{ vault.egi.some }}"}
    - name: Look for what is not there
      ansible.builtin.stat: {path: "{{ folder }}/nothing"}
      register: found
      failed_when: broken and not found.stat.exists
"""
SECRET = "c0ffee" * 4


class Machine:
    """This machine as a host named `here`, a playbook for it, and where things are written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "play.log"
        self.output = io.StringIO()
        self.state = State("twin", root=folder / "state").make()
        self.state.vault.write_text(json.dumps({"vault": {"egi": {"some": SECRET}}}))

    def play(
        self, *, broken: bool = False, others: dict[str, dict[str, object]] | None = None
    ) -> plays.Played:
        """Play on this machine, and on others that are it too, each with variables of its own."""
        host = {
            "ansible_connection": "local",
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "folder": str(self.folder),
            "broken": broken,
        }
        everyone = {"here": host, **{name: host | more for name, more in (others or {}).items()}}
        return plays.run(
            "configure",
            [{"all": {"hosts": everyone}}],
            hosts=list(everyone),
            state=self.state,
            log=self.log,
            progress=Progress(Console(file=self.output)),
        )


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    playbook = tmp_path / "site.yml"
    playbook.write_text(PLAYBOOK)
    monkeypatch.setattr(plays, "PLAYBOOK", playbook)
    monkeypatch.setenv("TESTBED_ANSIBLE_STRATEGY", "free")
    redactor.remember(SECRET)
    return Machine(tmp_path)


def test_it_counts_what_was_done_and_changed(machine: Machine) -> None:
    tally = machine.play().tallies["here"]
    assert (tally.done, tally.changed, tally.failure) == (3, 1, "")
    assert machine.play().tallies["here"].changed == 0
    assert (machine.folder / "done").read_text() == "configure"


def test_a_failure_is_told_by_host_task_and_its_own_message(machine: Machine) -> None:
    played = machine.play(broken=True)
    assert played.good == ()
    with pytest.raises(ProvisionError) as caught:
        played.require()
    lines = str(caught.value).splitlines()
    assert lines[0] == "configure failed on here"
    assert "Look for what is not there" in lines[1]
    assert lines[-1].endswith("play.log")


def test_every_host_that_failed_is_named_with_its_task_and_its_own_words(
    machine: Machine, tmp_path: Path
) -> None:
    """Also one that nobody can reach; one that did not fail is not named."""
    client = tmp_path / "ssh"
    client.write_text("#!/bin/sh\necho 'no route to the host' >&2\nexit 255\n")
    client.chmod(0o755)
    far = {"ansible_connection": "ssh", "ansible_ssh_executable": str(client)}
    played = machine.play(
        others={"there": far, "one": {"broken": True}, "two": {"folder": "/nowhere"}}
    )
    assert played.good == ("here",)
    with pytest.raises(ProvisionError) as caught:
        played.require()
    said = str(caught.value)
    assert said.startswith("configure failed on 3 of 4 hosts\n")
    assert re.search(r"there: it cannot be reached\n.*no route to the host", said)
    assert "one: Look for what is not there\n" in said
    assert re.search(r"two: Change something\n.*/nowhere", said)
    assert "\n  here: " not in said


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"msg": "", "stderr": "sudo: command not found"}, "sudo: command not found"),
        ({"msg": None, "module_stderr": "Killed"}, "Killed"),
        ({"censored": "the output has been hidden"}, "is hidden, because the task handles secrets"),
        ({"results": [{"failed": True, "msg": "no such package"}, {"msg": "fine"}]}, "no such package"),
        ({"rc": 7, "changed": False}, "this result: {'rc': 7, 'changed': False}"),
    ],
)  # fmt: skip
def test_a_failure_is_never_without_words(result: dict[str, object], said: str) -> None:
    assert said in plays._message(result)


def test_a_host_that_no_play_names_is_no_success(machine: Machine) -> None:
    text = (machine.folder / "site.yml").read_text()
    (machine.folder / "site.yml").write_text(text.replace("hosts: all", "hosts: here"))
    with pytest.raises(ProvisionError, match="no play ran on it"):
        machine.play(others={"other": {}}).require()


def test_no_secret_is_written(machine: Machine) -> None:
    machine.play()
    log = machine.log.read_text()
    assert "it is [redacted]" in log
    assert SECRET not in log
    left = [path for path in machine.state.root.rglob("*") if path.is_file()]
    assert left == [machine.state.vault]


def test_a_play_that_cannot_start_is_told_too(machine: Machine) -> None:
    (machine.folder / "site.yml").write_text("- hosts: all\n  tasks: [{no_such_module: {}}]\n")
    with pytest.raises(ProvisionError, match="no_such_module"):
        machine.play()


@pytest.mark.parametrize(("name", "mitogen"), [("mitogen_free", True), ("free", False)])
def test_the_strategy_can_be_chosen(
    name: str, monkeypatch: pytest.MonkeyPatch, *, mitogen: bool
) -> None:
    monkeypatch.setenv("TESTBED_ANSIBLE_STRATEGY", name)
    settings = plays.strategy()
    assert settings["ANSIBLE_STRATEGY"] == name
    assert ("ANSIBLE_STRATEGY_PLUGINS" in settings) == mitogen


def test_workers_that_outlive_a_play_are_ended(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo here; sleep 600; :", str(tmp_path)]
    with subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE) as stray:
        assert stray.stdout is not None
        assert stray.stdout.readline() == b"here\n"  # its command line is empty for an instant
        with plays._workers_of(tmp_path):
            assert stray.poll() is None
        assert stray.wait(timeout=10) == -signal.SIGKILL
