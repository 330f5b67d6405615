"""`testbed history` as its user types it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.nights import TOKENS, make_night

FIRST, SECOND = (f"2026010{day}T011500Z-00aa" for day in (1, 2))
Command = Callable[..., "object"]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    make_night(folder, FIRST)
    make_night(folder, SECOND, {(TOKENS, "egi:CSTCLOUD-TWIN"): "accepted"})
    return folder


def test_nights_are_entered_listed_compared_and_taken_out(
    command, runs: Path, inventory_folder: Path
) -> None:
    folders = ("--add", runs / FIRST, "--add", runs / SECOND)
    assert command("history", *folders, "--dry-run").stdout.count("would be entered") == 2
    assert command("history", *folders).stdout.count(": entered") == 2
    assert command("history", *folders).stdout.count("is there already") == 2
    listed = command("history", "--inventory", inventory_folder)
    assert FIRST in listed.stdout
    assert SECOND in listed.stdout
    told = command("history", "--compare", FIRST, SECOND)
    assert told.stdout == "new deviation (1): AUTH-017 egi:CSTCLOUD-TWIN\n"
    assert "would be taken out" in command("history", "--remove", FIRST, "--dry-run").stdout
    assert command("history", "--remove", FIRST).returncode == 0
    assert FIRST not in command("history", "--inventory", inventory_folder).stdout


def test_a_part_of_a_night_is_refused_and_nothing_is_entered(
    command, runs: Path, inventory_folder: Path
) -> None:
    part = make_night(runs, "20260103T011500Z-00aa", keyword="tokens")
    done = command("history", "--add", runs / FIRST, "--add", part)
    assert done.returncode == 2
    assert "a part of a night" in done.stderr
    assert FIRST not in command("history", "--inventory", inventory_folder).stdout


def test_an_unknown_run_is_usage(command, runs: Path) -> None:
    for words in (("--compare", FIRST, SECOND), ("--remove", FIRST)):
        done = command("history", *words)
        assert done.returncode == 2
        assert f"no run {FIRST}" in done.stderr


def test_a_run_is_verified(command, runs: Path) -> None:
    assert command("verify", runs / FIRST).returncode == 0
    (runs / FIRST / "evidence" / "0.json").write_text("{}")
    done = command("verify", runs / FIRST)
    assert done.returncode == 1
    assert "evidence/0.json was changed" in done.stdout
    assert command("verify", runs / "nowhere").returncode == 2
