"""The page of the framework in a browser: from a policy to a rule, and to the verdict on a route."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from rich.console import Console

from harness import inventory
from harness.report import site as sites
from tests.unit.nights import TOKENS
from tests.unit.routes import CROSS
from tests.unit.sealed import make_sealed_night

NIGHT = "20261201T011500Z-00aa"
TWIN = Path(__file__).parents[2] / "inventories" / "twin"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night of the twin, whose agreement adopts all policies; one scenario fails on a route."""
    folder = tmp_path_factory.mktemp("framework")
    (folder / "runs").mkdir()
    failed = {(TOKENS, CROSS): "an expired token was accepted"}
    night = make_sealed_night(folder / "runs", NIGHT, inventory.load(TWIN), failed)
    index = sites.build(
        night,
        console=Console(file=io.StringIO()),
        sites=folder / "site",
        proofs=folder / "proofs",
    )
    return index.parent / NIGHT


@pytest.mark.parametrize("width", [1400, 400])
def test_from_a_policy_to_the_verdict_on_a_route(browser: Browser, pages: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((pages / "index.html").as_uri())
    page.get_by_role("link", name="Framework").click()
    page.get_by_role("link", name="Cross-infrastructure access").click()
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    expect(page.locator("#SUPPORT-3 .untested")).to_contain_text("Not tested: ")
    page.locator("#ACCESS-14 td.D a").click()
    expect(page.locator("h1")).to_have_text("AUTH-017: egi → CSTCLOUD-TWIN")
    page.goto((pages / "framework" / "access.html").as_uri())
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    page.get_by_role("link", name="ACCESS-14").click()
    expect(page.locator("#ACCESS-14")).to_be_in_viewport()
    context.close()
    assert complaints == []
