"""What pytest cannot see is refused before it imports anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engine import sources
from harness.errors import BadInput


def refused(folder: Path, text: str) -> str:
    (folder / "test_one.py").write_text(text)
    with pytest.raises(BadInput) as refusal:
        sources.check(folder)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("text", "line", "first"),
    [
        ("def test_a(route):\n    pass\n\n\ndef test_a(route):\n    pass\n", 5, 1),
        ("def test_a(route):\n    pass\nasync def test_a(route):\n    pass\n", 3, 1),
        ("class TestIt:\n  def test_a(s):\n    pass\n  def test_a(s):\n    pass\n", 4, 2),
        ("class TestIt:\n  pass\nclass TestIt:\n  pass\n", 3, 1),
    ],
)
def test_a_scenario_that_hides_another_is_refused_with_both_lines(
    tmp_path: Path, text: str, line: int, first: int
) -> None:
    said = refused(tmp_path, text)
    assert said.startswith(f"{tmp_path}/test_one.py:{line}: ")
    assert f"the same name as the scenario in line {first}, which would never run" in said


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import os\nos._exit(0)\n", "_exit"),
        ("from sys import path\nfrom os import _exit as end\n", "_exit"),
        ("import os as system, sys\nsystem.abort()\n", "abort"),
        ("import posix\nposix._exit(1)\n", "_exit"),
        ("import os\ngetattr(os, 'execv')('/bin/true', ['true'])\n", "execv"),
    ],
)
def test_a_file_that_can_end_the_harness_is_refused(tmp_path: Path, text: str, name: str) -> None:
    said = refused(tmp_path, text)
    assert said.startswith(f"{tmp_path}/test_one.py:2: `os.{name}` ends the testbed's own process.")


def test_every_fault_is_told(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("import os\nos._exit(0)\n")
    said = refused(tmp_path, "def test_a(): ...\ndef test_a(): ...\ndef test_a(): ...\n")
    places = [line.partition(": ")[0].rpartition("/")[2] for line in said.splitlines()]
    assert places == ["helper.py:2", "test_one.py:2", "test_one.py:3"]


@pytest.mark.parametrize(
    "text",
    [
        "class TestA:\n  def test_a(s): ...\nclass TestB:\n  def test_a(s): ...\n",
        "class TestA:\n  def test_a(s): ...\ndef test_a(): ...\n",
        '"""Says `def test_a` and\ndef test_a\nagain; nothing calls `os._exit`."""\n',
        "def test_a(\n",
        "job.abort()\nthread._exit\n",
    ],
)
def test_what_hides_nothing_is_let_through(tmp_path: Path, text: str) -> None:
    (tmp_path / "test_one.py").write_text(text)
    sources.check(tmp_path)
