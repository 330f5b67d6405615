"""The pages of large testbeds in a browser: none is slow to hold, and none is wider than the window."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from harness.report.site import ASSETS
from tests.unit.large import HUNDREDS, TWELVE, large_night, pages_of


@pytest.fixture(scope="module", params=[TWELVE, HUNDREDS], ids=["12-infrastructures", "300-sites"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a night of 144 routes, or of 900."""
    place = tmp_path_factory.mktemp("large")
    for path, text in pages_of(large_night(place, request.param)).items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text)
    shutil.copytree(ASSETS, place / "assets")
    return place


@pytest.mark.parametrize("width", [1400, 400])
def test_a_page_fits_the_window_and_has_few_nodes(
    browser: Browser, folder: Path, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    for path in sorted(folder.rglob("*.html")):
        page.goto(path.as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{path.name} is {wide} pixels too wide"
        assert page.evaluate("document.querySelectorAll('*').length") <= 5_000, path
    context.close()


def test_the_first_column_and_the_header_stay(browser: Browser, folder: Path) -> None:
    context = browser.new_context(viewport={"width": 400, "height": 900})
    page = context.new_page()
    page.goto((folder / "matrix.html").as_uri())
    box = page.get_by_role("region", name="verdicts by requirement")
    head, first = box.locator("thead th").first, box.locator("tbody tr:not(.group) th").nth(30)
    before = head.bounding_box()
    box.evaluate("box => { box.scrollTop = 600; box.scrollLeft = 200; }")
    assert head.bounding_box() == before
    assert first.bounding_box()["x"] == before["x"]  # type: ignore[index]
    page.get_by_label("Family").select_option("XFER")
    expect(page.locator("#count")).to_contain_text(" of ")
    context.close()
