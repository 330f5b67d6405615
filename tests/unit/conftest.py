"""An inventory like the twin's, whose hosts are nowhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TWIN = ROOT / "inventories" / "twin"


@pytest.fixture
def inventory_folder(tmp_path: Path) -> Path:
    """A copy of the twin's inventory, named `unit`; nothing listens at its addresses."""
    copy = tmp_path / "inventory"
    shutil.copytree(TWIN, copy)
    for path in copy.rglob("*.yml"):
        text = path.read_text().replace("10.111.", "127.111.")
        path.write_text(text.replace("testbed_name: twin", "testbed_name: unit"))
    return copy


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `testbed` as a user types it, in a folder and with a state of its own."""

    def run(*words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from harness.cli import main; main()", *map(str, words)],
            cwd=tmp_path,
            env=os.environ
            | {
                "PYTHONPATH": str(ROOT),
                "TESTBED_STATE": str(tmp_path / "state"),
                "COLUMNS": "200",
            }
            | env,
            capture_output=True,
            text=True,
            check=False,
        )

    return run
