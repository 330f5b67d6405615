"""Imports from the command line, into a folder of their own."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli import terminal

Command = Callable[..., subprocess.CompletedProcess[str]]
Import = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """The folder of the inventory, which is not there yet."""
    return tmp_path / "imported"


@pytest.fixture
def imports(command: Command, into: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Run `testbed import` on a terminal that is so wide; it ends well, unless another code is expected."""

    def run(*words: object, ends: int = 0, columns: int = 250) -> subprocess.CompletedProcess[str]:
        monkeypatch.setenv("COLUMNS", str(columns))
        terminal.out.cache_clear()  # a console keeps the width that it begins with
        done = command("import", *map(str, words), "--into", str(into))
        assert done.returncode == ends, done.stdout + done.stderr
        return done

    return run
