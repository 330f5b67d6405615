"""The benchmarks go on running as the harness changes; what they measure is nobody's test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["overhead.py", "--tests", "2"], "ms in the harness"),
        (["site.py", "2", "10", "2"], "site of the last night"),
        (["commands.py", "--help"], "usage"),
        (["up.py", "--help"], "usage"),
        (["cells.py", "--help"], "usage"),
        (
            ["many.py", "--sites", "3", "--stages", "judge", "publish", "-k", "test_ranges"],
            " pages in ",
        ),
    ],
)
def test_a_benchmark_runs_to_its_end(words: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / words[0]), *words[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
