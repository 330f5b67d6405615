"""An inventory like the twin's, whose hosts are nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from harness import cli
from tests.unit.suites import copy_of_the_twin, foreign_issuer, state, suite

__all__ = ["foreign_issuer", "state", "suite"]

# The same cases each time: `make test` finds what a change breaks, not what luck does.
settings.register_profile(
    "steady",
    max_examples=80,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],  # of a busy machine, not of the strategy
)
settings.register_profile("search", max_examples=1000, deadline=None, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def inventory_folder(tmp_path: Path) -> Path:
    """A copy of the twin's inventory, named `unit`; nothing listens at its addresses.

    What is known to deviate at the twin is left behind: these tests have scenarios of their own.
    """
    return copy_of_the_twin(tmp_path)


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `testbed` within this process, in a folder and with a state of its own."""

    def run(*words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        for name, value in {"TESTBED_STATE": str(tmp_path / "state"), **env}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["testbed", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return subprocess.CompletedProcess(words, int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `testbed` in a process of its own: pytest runs in it, and is better not run in itself."""

    def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
        state = {"TESTBED_STATE": str(tmp_path / "state"), "COLUMNS": "200"}
        return subprocess.run(
            [sys.executable, "-c", "from harness.cli import main; main()", *map(str, words)],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | state,
            capture_output=True,
            text=True,
            check=False,
        )

    return run
