"""Publishing over ssh; what stands for ssh runs the commands on this machine."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from rich.console import Console

from harness.errors import BadInput, PreconditionError, PublishError
from harness.report import publish as publishing
from harness.report.publish import ssh as module
from harness.report.publish.addresses import target_of
from tests.unit.report.publish.conftest import FIRST, SECOND, SSH, Place, write_night


def instead(tmp_path: Path, script: str) -> None:
    """Let another script stand for ssh."""
    (tmp_path / "tools" / "ssh").write_text(script)


def test_nothing_is_asked_and_host_keys_are_checked(
    tree: Path, ssh: Place, tmp_path: Path, console: Console
) -> None:
    instead(tmp_path, SSH.replace("while", f'printf "%s\\n" "$*" >>{tmp_path}/words\nwhile', 1))
    publishing.publish(tree, ssh.to, console=console)
    for line in (tmp_path / "words").read_text().splitlines():
        assert line.startswith("-T -o BatchMode=yes ")
        assert " -l web -p 2222 -- host.test sh -c " in line
        assert "StrictHostKeyChecking" not in line


def test_a_folder_of_the_home_folder(
    tree: Path, ssh: Place, tmp_path: Path, console: Console
) -> None:
    publishing.publish(tree, "ssh://host.test/~/public_html", console=console)
    assert (tmp_path / "public_html" / "index.html").read_bytes() == (
        tree / "index.html"
    ).read_bytes()


def test_no_way_in_is_told(tree: Path, ssh: Place, console: Console) -> None:
    with pytest.raises(PublishError, match="Could not resolve hostname"):
        publishing.publish(tree, "ssh://unknown.test/srv/www", console=console)
    with pytest.raises(PreconditionError, match=r"ssh -o BatchMode=yes closed\.test true"):
        publishing.publish(tree, "ssh://closed.test/srv/www", console=console)


def test_what_the_host_says_is_told(tree: Path, ssh: Place, console: Console) -> None:
    with pytest.raises(PublishError, match=r"(?s)exit code \d+.*mkdir: cannot create"):
        publishing.publish(tree, "ssh://host.test/proc/none", console=console)


def test_ssh_itself_may_be_missing(
    tree: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PreconditionError, match="openssh-client"):
        publishing.publish(tree, "ssh://host.test/srv", console=console)


def test_a_lost_connection_leaves_no_part_of_a_file(
    tree: Path, ssh: Place, tmp_path: Path, console: Console
) -> None:
    """The stream ends in the midst of a file; the next publication goes on, and nothing is left."""
    publishing.publish(tree, ssh.to, console=console)
    before = ssh.files()
    write_night(tree, SECOND)
    (tree / SECOND / "long.html").write_bytes(os.urandom(300_000))
    cut = 'case $3 in *tar*) head -c 100000 | sh -c "$3"; exit 255;; esac\nexec sh -c "$3"'
    instead(tmp_path, SSH.replace('exec sh -c "$3"', cut))
    with pytest.raises(PublishError, match="the connection failed"):
        publishing.publish(tree, ssh.to, console=console)
    assert ssh.files() == before
    instead(tmp_path, SSH)
    publishing.publish(tree, ssh.to, console=console)
    assert ssh.files()[f"{SECOND}/long.html"] == (tree / SECOND / "long.html").read_bytes()


def test_what_arrived_before_is_not_sent_again(
    tree: Path, ssh: Place, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BATCH_FILES", 1)
    done = publishing.publish(tree, ssh.to, console=console)
    assert len(done.files) == 8
    (statement,) = Path(ssh.to.removeprefix("ssh://web@host.test:2222")).glob("*/statement.json")
    statement.unlink()
    assert publishing.publish(tree, ssh.to, console=console).files == (f"{FIRST}/statement.json",)


def test_a_host_without_a_tool_for_md5(
    tree: Path, ssh: Place, tmp_path: Path, console: Console
) -> None:
    """Statements are read then, and the root is sent each time."""
    for tool in ("md5sum", "md5"):
        (tmp_path / "tools" / tool).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "tools" / tool).chmod(0o755)
    publishing.publish(tree, ssh.to, console=console)
    again = publishing.publish(tree, ssh.to, console=console)
    assert again.nights == ()
    assert set(again.files) == {"badges/all.svg", "index.html", "runs.json", "zz.csv"}


def test_old_remains_of_a_killed_host_are_removed(tree: Path, ssh: Place, console: Console) -> None:
    where = Path(ssh.to.removeprefix("ssh://web@host.test:2222"))
    for name, age in ((".publishing-old", 3 * 86400), (".publishing-new", 0)):
        (where / name).mkdir(parents=True)
        os.utime(where / name, (time.time() - age,) * 2)
    publishing.publish(tree, ssh.to, console=console)
    assert not (where / ".publishing-old").exists()
    assert (where / ".publishing-new").exists()


def test_two_at_once_do_no_harm(tree: Path, ssh: Place, console: Console) -> None:
    others = [
        threading.Thread(
            target=publishing.publish, args=(tree, ssh.to), kwargs={"console": console}
        )
        for _ in range(3)
    ]
    for other in others:
        other.start()
    publishing.publish(tree, ssh.to, console=console)
    for other in others:
        other.join()
    assert ssh.files() == {
        p.relative_to(tree).as_posix(): p.read_bytes() for p in tree.rglob("*") if p.is_file()
    }


def test_a_host_is_no_option(tree: Path) -> None:
    with pytest.raises(BadInput, match="unknown host name"):
        target_of("ssh://-oProxyCommand=x/srv", tree=tree)
