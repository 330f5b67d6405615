"""Help, and how a command ends that nobody foresaw."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer

from harness.cli import app, crash

ROOT = Path(__file__).resolve().parents[2]
Command = Callable[..., subprocess.CompletedProcess[str]]

HEAVY = (
    "allure ansible ansible_runner boto3 cryptography docker httpx jinja2 markdown_it openstack pydantic "
    "pytest requests rich tenacity testinfra yaml"
).split()
"""Libraries that take a while to import, each of which some command needs."""


def _paths(group: object, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield above
    for name, one in getattr(group, "commands", {}).items():
        yield from _paths(one, (*above, name))


PATHS = tuple(_paths(typer.main.get_command(app)))


def test_there_are_commands_and_groups_of_them() -> None:
    assert {("publish",), ("new",), ("new", "scenario")} <= set(PATHS)


@pytest.mark.parametrize("width", [60, 120])
@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_command_has_help_that_fits(
    command: Command, monkeypatch: pytest.MonkeyPatch, path: tuple[str, ...], width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    done = command(*path, "--help")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Usage: ")
    assert "-h, --help" in done.stdout
    assert command(*path, "-h").stdout == done.stdout
    # A word that is longer than its column sticks out; nothing else does.
    assert [
        line for line in done.stdout.splitlines() if len(line) > width and " " in line[30:]
    ] == []


def test_help_shows_brackets_as_they_are_typed(command: Command) -> None:
    said = re.sub(r"\s+", " ", command("publish", "--help").stdout)
    assert "s3://bucket[/prefix] or swift://container[/prefix]" in said


@pytest.mark.parametrize(
    ("words", "by_typer"),
    [
        (["--help"], set()),
        # Typer itself reads a command's parameters with pydantic.
        (["token", "--help"], {"pydantic"}),
        (["new", "site", "--help"], {"pydantic"}),
    ],
)
def test_help_imports_no_library_that_a_command_needs(words: list[str], by_typer: set[str]) -> None:
    script = (
        "import sys\n"
        "from harness.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    print(*sorted(name for name in sys.modules if '.' not in name), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(done.stderr.split())
    assert "typer" in imported
    assert imported.intersection(HEAVY) <= by_typer


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in the command `judge`."""

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a [bug]")

    monkeypatch.setattr("harness.report.judge", fail)


@pytest.mark.usefixtures("broken")
def test_a_bug_ends_with_3_and_its_traceback_is_kept(command: Command, tmp_path: Path) -> None:
    """Not with 1, which would mean deviations."""
    done = command("judge", "somewhere")
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    (log,) = (tmp_path / "state" / crash.FOLDER).iterdir()
    (line,) = done.stderr.splitlines()
    assert "ZeroDivisionError: a [bug]" in line
    assert str(log) in line
    assert "report it" in line
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("broken")
def test_a_traceback_that_cannot_be_kept_is_printed(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = command("judge", "somewhere", TESTBED_STATE=str(tmp_path / "file"))
    assert done.returncode == 3
    assert "Traceback" in done.stderr
    assert "the traceback is above" in done.stderr


def test_an_interruption_ends_with_130(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.report.judge", interrupt)
    done = command("judge", "somewhere")
    assert done.returncode == 130
    assert "interrupted" in done.stderr
    assert not (tmp_path / "state" / crash.FOLDER).exists()


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        ("SystemExit(1)", 3),  # of a library; Rich does so where nobody reads any more
        ("SystemExit('no more')", 3),
        ("SystemExit()", 0),
        ("EOFError()", 3),
        ("BrokenPipeError(32, 'Broken pipe')", 3),
        ("RecursionError()", 3),
        ("MemoryError()", 3),
        ("GeneratorExit()", 3),
        ("typer.Exit(1)", 1),  # of a command: there are deviations
        ("OSError(28, 'No space left on device', 'runs/x')", 3),
    ],
)
def test_only_a_command_itself_ends_with_1(
    command: Command, monkeypatch: pytest.MonkeyPatch, raised: str, code: int
) -> None:
    def end(*_: object, **__: object) -> None:
        raise eval(raised)

    monkeypatch.setattr("harness.report.judge", end)
    done = command("judge", "somewhere")
    assert done.returncode == code
    assert ("no more" in done.stderr) is ("no more" in raised)
    if "No space" in raised:
        said = " ".join(done.stderr.split())
        assert "error: runs/x: No space left on device. Make room on the disk" in said
        assert "`testbed judge RUN`" in said
        assert "Traceback" not in said


SLOW = """
import sys, threading
from harness import cli, inventory

def load(_path):
    try:
        print("begun", flush=True)
        threading.Event().wait()
    finally:
        print("cleaned up", flush=True)

inventory.load = load
sys.argv = ["testbed", *sys.argv[1:]]
cli.main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("name", ["prove", "up"])
def test_an_end_from_outside_is_an_interruption_at_any_time(
    tmp_path: Path, name: str, number: signal.Signals
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, name],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TESTBED_STATE": str(tmp_path / "state")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(number)
        said, told = process.communicate()
    assert process.returncode == 128 + number
    assert said == "cleaned up\n"
    assert told.startswith("interrupted. ")


def surrounded(
    tmp_path: Path, *words: str | Path, **env: str | None
) -> subprocess.CompletedProcess[str]:
    """Run `testbed` with these changes of its environment; None takes a variable away."""
    around = os.environ | {"PYTHONPATH": str(ROOT)} | env
    return subprocess.run(
        [sys.executable, "-c", "from harness.cli import main; main()", *map(str, words)],
        cwd=tmp_path,
        env={name: value for name, value in around.items() if value is not None},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "POSIX"},
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"COLUMNS": "60", "HOME": None},
        {"HOME": "/proc/nowhere", "LANG": None},
    ],
    ids=str,
)
def test_a_list_needs_neither_a_home_nor_a_locale(
    tmp_path: Path, inventory_folder: Path, env: dict[str, str | None]
) -> None:
    """From a folder with blanks and letters that are not ASCII, too."""
    odd = inventory_folder.rename(tmp_path / "ein Prüfstand 试验台")
    done = surrounded(tmp_path, "list", "-i", odd, "--requirement", "SEC-011", **env)
    assert done.returncode == 0, done.stderr
    assert "SEC-011" in done.stdout


@pytest.mark.parametrize("name", ["up", "down"])
def test_a_state_that_cannot_be_made_is_usage(
    tmp_path: Path, inventory_folder: Path, name: str
) -> None:
    env = {"HOME": "/proc/nowhere", "XDG_STATE_HOME": None, "TESTBED_STATE": None}
    done = surrounded(tmp_path, name, "-i", inventory_folder, **env)
    assert done.returncode == 2, done.stderr
    said = " ".join(done.stderr.split())
    assert said.startswith(
        "error: /proc/nowhere/.local/state/interop-testbed/unit: this folder cannot"
    )
    assert said.endswith("Let TESTBED_STATE name a folder that you may write.")


def test_members_that_a_token_can_be_of_are_those_of_the_model(command: Command) -> None:
    from typing import get_args

    from harness.cli.token import KINDS
    from harness.model import MemberKind

    assert get_args(MemberKind) == KINDS
    done = command("token", "--member", "nobody")
    assert done.returncode == 2
    assert "'nobody' is not one of member, second" in done.stderr
