"""A night against a hostile site in a browser: no word of the site comes alive, in pages or in Allure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.conformance.runs import Run
from harness.conformance.verdicts import Judgement
from harness.report import allure
from tests.unit import hostile_night


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the run; its pages lie beside it."""
    folder = hostile_night.make(tmp_path_factory.mktemp("hostile"))
    allure.build(folder, Run.read(folder), Judgement.read(folder))
    return folder


class Watch:
    """Notes whatever a page does that no page of ours does."""

    def __init__(self, page: Page) -> None:
        self.seen: list[str] = []
        page.on("dialog", lambda dialog: (self.seen.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: self.seen.append(str(error)))
        page.on("popup", lambda opened: self.seen.append(opened.url))
        page.on("request", lambda asked: self._note(asked.url))

    def _note(self, url: str) -> None:
        if not url.startswith(("file:", "data:", "blob:")):
            self.seen.append(url)


@pytest.mark.parametrize("width", [1400, 400])
def test_a_page_of_a_hostile_site_is_only_text(browser: Browser, night: Path, width: int) -> None:
    """No dialog, no error, no request to elsewhere; and no word of the site makes it too wide."""
    pages = sorted((night.parent / "site" / "unit" / hostile_night.ID).rglob("*.html"))
    assert len(pages) > 20
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    watch = Watch(page)
    for path in pages:
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert watch.seen == [], path
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, path
    context.close()


def test_allure_shows_the_words_and_does_not_heed_them(browser: Browser, night: Path) -> None:
    results = [json.loads(p.read_text()) for p in (night / "allure-results").glob("*-result.json")]
    assert any("<script>" in json.dumps(result) for result in results)
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    report = (night / "allure-report" / "index.html").as_uri()
    chosen = {
        scenario: test
        for (scenario, _), test in allure.ids(night).items()
        if scenario.endswith(("[/words]", "half_a_pair", "test_formulas[0]"))
    }
    assert len(chosen) == 3
    for scenario, test in chosen.items():
        page = context.new_page()
        watch = Watch(page)
        page.goto(f"{report}#{test}")
        expect(page.get_by_role("link", name="This cell on the site")).to_be_visible(timeout=30_000)
        assert watch.seen == [], scenario
        page.close()
    context.close()
