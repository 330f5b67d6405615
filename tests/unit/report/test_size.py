"""A night is small, and no step of it is lost: evidence is published once, packed, and can be had again."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from harness.conformance import evidence, statement
from harness.conformance.statement import Statement
from harness.report import site as sites
from harness.report.addresses import scenario_page
from tests.unit.nights import ROUTES, SCENARIOS, TOKENS, make_night
from tests.unit.routes import CROSS

ID = "20260101T011500Z-00aa"
MARK = "a word that only answers have"

STEPS = 15
"""Of a cell of the twin testbed, on average."""
ANSWER = (
    "HTTP/1.1 200 OK\nserver: Apache\ncontent-type: application/json\n" + "x-header: value; " * 26
)
NOISE = 5
"""Ids of 64 digits in each answer. A file of evidence then has 14 kB, and packed 3.5 kB, as one of the twin
testbed has on average."""
NIGHT = 25_000_000
"""Bytes of a night, at most."""
FILES = {"seen": 1500, "evidence": 1500, "cells": 600}
"""Folder -> files of a night of the twin testbed in its full extent: tests over routes, requirements."""
BESIDE = 10_500_000
"""Bytes of such a night beside what each cell has: Allure, the statement, requirements, science."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run in which one cell fails."""
    folder = tmp_path_factory.mktemp("size")
    why = {(TOKENS, CROSS): "an expired token was accepted"}
    return make_night(folder / "runs", ID, why, seen=f"{ANSWER} {MARK}", steps=STEPS, noise=NOISE)


@pytest.fixture(scope="module")
def night(run: Path) -> Path:
    """Its published pages."""
    folder = run.parents[1]
    console = Console(file=io.StringIO())
    sites.build(run, console=console, sites=folder / "site", proofs=folder / "proofs")
    return folder / "site" / "unit" / ID


def test_each_step_of_each_cell_can_be_read_back(night: Path, run: Path) -> None:
    cells = Statement.read(night).scenarios
    assert len(cells) == len(SCENARIOS) * len(ROUTES)
    for cell in cells:
        page = (night / scenario_page(cell.scenario, cell.route)).read_text()
        for file in cell.evidence:
            script = evidence.packed_name(file)
            assert f'href="../{script}"' in page
            content = evidence.unpacked((night / script).read_bytes())
            assert content == (run / file).read_bytes()
            assert content is not None
            steps = json.loads(content)["steps"]
            assert len(steps) == STEPS
            failed = cell.verdict.value == "deviation"
            named = [f"<li>{step['title']} <i>" in page for step in steps]
            assert named == [failed] * STEPS, "without script, what fails is told step by step"


def test_what_was_seen_is_published_once(night: Path) -> None:
    """Beside the packed files, pages hold what failed alone."""
    holding = {
        path.relative_to(night).parts[0]
        for path in night.rglob("*.html")
        if MARK in path.read_text(encoding="utf-8")
    }
    assert holding == {"cells", "seen"}
    failed = [path for path in (night / "seen").iterdir() if MARK in path.read_text()]
    assert len(failed) == 1
    assert not list((night / "evidence").glob("*.json"))


def test_a_night_keeps_to_its_size(night: Path, run: Path) -> None:
    cells = len(Statement.read(night).scenarios)
    mean = sum(path.stat().st_size for path in (run / "evidence").iterdir()) / cells
    packed = sum(path.stat().st_size for path in (night / "evidence").iterdir()) / cells
    assert mean > 14_000
    assert packed > 3_500, "as much was seen as in a night of the twin testbed"
    size = BESIDE
    for folder, files in FILES.items():
        sizes = [path.stat().st_size for path in (night / folder).rglob("*.*")]
        size += files * sum(sizes) // len(sizes)
    assert size < NIGHT


def test_a_published_night_is_verified_like_a_run(night: Path) -> None:
    assert statement.verify(night) == []
    files = sorted((night / "evidence").iterdir())
    before = {path: path.read_bytes() for path in files[:3]}
    lost, other, cut = files[:3]
    try:
        lost.unlink()
        other.write_text(evidence.packed("evidence/1.json", b"{}", []))
        cut.write_bytes(before[cut][:-40])
        assert sorted(statement.verify(night)) == [
            f"evidence/{lost.stem}.json is missing",
            f"evidence/{other.stem}.json was changed",
            f"evidence/{cut.stem}.json was changed",
        ]
    finally:
        for path, content in before.items():
            path.write_bytes(content)


@pytest.mark.parametrize("content", [b"", b"{}", b"\n\n", bytes(range(256)), '"科"'.encode()])
def test_what_is_packed_is_had_again_byte_by_byte(content: bytes) -> None:
    script = evidence.packed('evidence/a"b.json', content, ["curl 'x'\n -d \u2028", ""])
    assert evidence.unpacked(script.encode()) == content
    assert script == evidence.packed('evidence/a"b.json', content, ["curl 'x'\n -d \u2028", ""])


@pytest.mark.parametrize(
    "script", [b"", b"{}", b'testbedEvidence("a","");\n', b'testbedEvidence("a","eA==");\n']
)
def test_what_is_no_packed_file_is_none(script: bytes) -> None:
    assert evidence.unpacked(script) is None
