"""Bad input to `testbed demo` is told in a message, with exit code 2, before anything is done."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]


def test_without_a_use_case_all_are_listed(command: Command) -> None:
    done = command("demo")
    assert done.returncode == 2
    assert "environment: Environmental science" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["alchemy"], "unknown use case 'alchemy'; there are"),
        (["environment", "--pace", "soon"], "--pace soon: write a number of seconds"),
        (["environment", "--lang", "fr"], "--lang fr: there are en, zh."),
        (["environment", "--listen", "here"], "--listen here: write an address and a port"),
        (
            ["environment", "--record", "no/demo.html"],
            "--record no/demo.html: there is no folder no",
        ),
        (["environment", "--route", "egi:NOWHERE"], "unknown route 'egi:NOWHERE'"),
        (["environment", "--route", "egi:*"], "--route egi:* means several routes"),
    ],
)
def test_bad_input_is_told(
    command: Command, inventory_folder: Path, words: list[str], said: str
) -> None:
    done = command("demo", *words, TESTBED_INVENTORY=str(inventory_folder))
    assert done.returncode == 2, done.stderr
    assert said in done.stderr


def test_a_speaker_who_cannot_be_heard_is_told(
    command: Command, inventory_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.demo.performance.has_keys", lambda: False)
    words = ("demo", "environment", "--pace", "key", "--no-page")
    done = command(*words, TESTBED_INVENTORY=str(inventory_folder))
    assert done.returncode == 2
    assert "--pace key: there is no terminal" in done.stderr
