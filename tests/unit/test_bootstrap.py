"""What the set-up says to a machine that lacks what it needs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Stands for another Python: its only word is how it answers the set-up's questions.
OLD = '#!/bin/sh\ncase "$*" in *version_info*) exit 1;; --version) echo Python 3.9.2;; esac\n'
BARE = '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\n'


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        (None, "is not there: install Python 3.11 or newer"),
        (OLD, "Python 3.9.2 is too old"),
        (BARE, "comes without venv: install it (Debian, Ubuntu: apt-get install python3-venv)"),
    ],
)
def test_a_python_that_will_not_do_is_told_with_what_to_do(
    tmp_path: Path, script: str | None, answer: str
) -> None:
    python = tmp_path / "python"
    if script is not None:
        python.write_text(script)
        python.chmod(0o755)
    done = subprocess.run(
        ["sh", ROOT / "harness" / "bootstrap.sh", "python"],
        env=os.environ | {"PYTHON": str(python)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert answer in done.stderr


def test_make_lists_every_target_with_one_line() -> None:
    done = subprocess.run(["make", "-C", ROOT, "help"], capture_output=True, text=True, check=True)
    listed = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("make ")}
    assert {"nightly", "test", "help", "up", "check", "run", "report", "down", "doctor"} <= listed
