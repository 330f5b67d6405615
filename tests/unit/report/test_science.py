"""The pages of the use cases: what a scientist wants, figures, control, picture, provenance, verdicts."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from harness import inventory
from harness.report import site as sites
from harness.science import records
from harness.science.pictures import MOST
from tests.unit import nights
from tests.unit.nights import make_night
from tests.unit.routes import CROSS, HOME
from tests.unit.science.trials import judged_seawater

TWIN = Path(__file__).parents[3] / "inventories" / "twin"
ID = "20260101T011500Z-00aa"
SEAWATER = "science/test_use_cases.py::test_a_result_is_right[environment]"


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A night whose use case has a right result on all routes but one."""
    monkeypatch.setitem(nights.SCENARIOS, SEAWATER, ("SCI-001", "SCI-101"))
    folder = make_night(tmp_path / "runs", ID, {(SEAWATER, HOME): "bundle: it is not the one"})
    for route in inventory.load(TWIN).testbed.routes:
        if route.id != HOME:
            records.keep(judged_seawater(), route, folder)
    return folder


def built(folder: Path) -> Path:
    console = Console(file=io.StringIO(), width=200)
    place = folder.parents[1]
    index = sites.build(folder, console=console, sites=place / "site", proofs=place / "proofs")
    return index.parent / ID


def text_of(page: Path) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.read_text()).split())


def test_the_page_of_a_use_case_shows_all_of_it(night: Path) -> None:
    site = built(night)
    page = text_of(site / "science" / "environment.html")
    assert "How salty, how warm, how dense" in page
    assert "The temperature of the thermometer is taken for the Conservative Temperature." in page
    assert "largest error of the density (kg/m3) at most 2.946e-10 kg/m3" in page
    assert "TEOS-10 check values 3.0" in page
    assert "GSW-Python 3.6.23 (BSD-3-Clause)" in page
    assert f"Made from the result on the route {CROSS}." in page
    assert "bundle: it is not the one" in page
    picture = (site / "science" / "environment.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < MOST
    metadata = sorted((site / "science").glob("*.ro-crate-metadata.json"))
    assert len(metadata) == 3
    assert all("@graph" in json.loads(file.read_text()) for file in metadata)
    assert all(file.stat().st_size < MOST for file in (site / "science").iterdir())


def test_every_use_case_stands_beside_its_verdicts(night: Path) -> None:
    page = (built(night) / "science.html").read_text()
    row = next(line for line in page.splitlines() if "Environmental science" in line)
    assert re.findall(r"<td class=([A-Z])>", row) == ["C", "C", "S", "C"]


def test_a_damaged_crate_costs_the_picture_and_not_the_night(night: Path) -> None:
    for crate in (night / "science").glob("*.zip"):
        crate.write_bytes(b"nothing")
    site = built(night)
    assert (site / "science" / "environment.html").exists()
    assert not (site / "science" / "environment.png").exists()
    page = (site / "science" / "environment.html").read_text()
    assert "environment.png" not in page
    assert "ro-crate-metadata.json" not in page


def test_a_night_without_use_cases_says_so(tmp_path: Path) -> None:
    page = text_of(built(make_night(tmp_path / "runs", ID)) / "science.html")
    assert "No use case was part of this run." in page
