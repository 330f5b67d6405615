"""Shells that stay open: one script after another, each by itself, and nothing is mixed up."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from harness import open_shell
from harness.open_shell import Ended, OpenShell

HERE = ["sh"]


@pytest.fixture
def shell() -> Iterator[OpenShell]:
    opened = OpenShell(HERE)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    open_shell.close_all()


def process_of(words: list[str]) -> str:
    """Return the process id of the shell that a script finds above itself."""
    return open_shell.run(words, "echo $PPID", timeout=20).stdout


def test_a_script_leaves_code_and_both_outputs(shell: OpenShell) -> None:
    assert shell.run("echo out; echo err >&2; exit 3", timeout=20) == Ended(3, "out\n", "err\n")
    assert shell.run("printf %s 'no end of line'", timeout=20) == Ended(0, "no end of line", "")


@pytest.mark.parametrize(
    "script", ["if", "exit 7", "kill -9 $$", "echo 'unclosed", "cd /; X=1; set -e"]
)
def test_no_script_changes_what_comes_after(shell: OpenShell, script: str) -> None:
    shell.run(script, timeout=20)
    after = shell.run('echo "still here ${X-unset}"; pwd', timeout=20)
    assert after == Ended(0, f"still here unset\n{os.getcwd()}\n", "")


def test_large_scripts_and_outputs_go_through_whole(shell: OpenShell) -> None:
    text = "ä" * 300_000
    ended = shell.run(f"cat <<'END' | tee /dev/stderr\n{text}\nEND", timeout=60)
    assert ended == Ended(0, f"{text}\n", f"{text}\n")


def test_a_script_is_in_no_list_of_processes(shell: OpenShell) -> None:
    script = "secret=not-for-everybody; cat /proc/[0-9]*/cmdline | tr '\\0' ' '"
    assert "not-for-everybody" not in shell.run(script, timeout=20).stdout


def test_a_script_that_takes_too_long_is_told_and_ends_the_shell(shell: OpenShell) -> None:
    with pytest.raises(TimeoutError):
        shell.run("sleep 60", timeout=0.2)
    assert not shell.alive


def test_the_last_words_of_what_leads_there_are_told() -> None:
    ended = open_shell.run(["sh", "-c", "echo no such host >&2; exit 5"], "true", timeout=20)
    assert (ended.code, ended.stderr, ended.lost) == (5, "no such host\n", True)


def test_a_missing_command_is_told() -> None:
    with pytest.raises(FileNotFoundError):
        open_shell.run(["no-such-command-anywhere"], "true", timeout=20)


def test_a_shell_is_used_again() -> None:
    assert process_of(HERE) == process_of(HERE) != process_of(["sh", "-e"])


def test_a_shell_that_ended_meanwhile_is_opened_anew() -> None:
    before = process_of(HERE)
    os.kill(int(before), 9)
    os.waitid(os.P_PID, int(before), os.WEXITED | os.WNOWAIT)
    assert process_of(HERE) not in ("", before)


def test_a_fork_opens_its_own() -> None:
    before = process_of(HERE)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, process_of(HERE).encode())
        open_shell.close_all()
        os._exit(0)
    os.close(writing)
    with open(reading) as answer:
        own = answer.read()
    os.waitpid(child, 0)
    assert own not in ("", before)
    assert process_of(HERE) == before


def test_of_an_output_without_end_the_beginning_and_the_end_are_kept(shell: OpenShell) -> None:
    """The exit code comes behind it all the same, and the other output is whole."""
    script = "echo begun; yes wordy | head -c 50000000; echo; echo over; echo complaint >&2; exit 7"
    ended = shell.run(script, timeout=120)
    assert (ended.code, ended.stderr) == (7, "complaint\n")
    assert ended.stdout.startswith("begun\nwordy\n")
    assert ended.stdout.endswith("\nover\n")
    assert "[cut: this output is too long]" in ended.stdout
    assert len(ended.stdout) <= open_shell.MOST
    assert shell.run("echo next", timeout=20) == Ended(0, "next\n", "")
