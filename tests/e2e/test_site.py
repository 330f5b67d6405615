"""The site in a browser, as its readers use it: from the front page to a red cell's evidence and Allure."""

from __future__ import annotations

import functools
import http.server
import io
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from rich.console import Console

from harness import report
from harness.conformance.verdicts import HostFault
from tests.unit.nights import COPIES, TOKENS, make_night
from tests.unit.routes import CROSS, HOME, RESOURCE

FIRST, SECOND, THIRD = (f"2026010{day}T011500Z-00aa" for day in (1, 2, 3))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three nights: all is well; a host ill; a deviation that is new. Allure is built for each."""
    folder = tmp_path_factory.mktemp("published")
    runs = folder / "runs"
    ill = HostFault(host="se.egi.test", when="before", what="xrootd")
    made = (
        make_night(runs, FIRST),
        make_night(runs, SECOND, {(COPIES, HOME): "no answer"}, faults=(ill,)),
        make_night(runs, THIRD, {(TOKENS, CROSS): "an expired token was accepted"}),
    )
    here = Path.cwd()
    os.chdir(folder)
    try:
        for night in made:
            report.build(night, console=Console(file=io.StringIO()))
    finally:
        os.chdir(here)
    return folder / "site" / "unit"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A plain web server, which says nothing."""

    protocol_version = "HTTP/1.1"
    extensions_map: ClassVar[dict[str, str]] = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
    }

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module", params=["http", "file"])
def address(site: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Where the site is: at a web server, and on the disk."""
    if request.param == "file":
        yield site.as_uri()
        return
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(params=[(1400, "light"), (400, "dark")], ids=["wide-light", "phone-dark"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window; whatever a page complains of fails the test."""
    width, theme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def hear(said: ConsoleMessage) -> None:
        if said.type == "error":
            complaints.append(f"{said.text}: {said.location['url']}")

    page.on("console", hear)
    yield page
    context.close()
    assert not complaints


def test_from_the_front_page_to_a_red_cell_s_evidence_and_to_allure(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/index.html")
    expect(page).to_have_url(f"{address}/{THIRD}/index.html")
    expect(page.locator(".headline.bad")).to_contain_text(
        "1 fails because of crossing (egi → CSTCLOUD-TWIN)"
    )
    expect(page.locator(".causes tbody tr")).to_have_count(1)
    expect(page.locator(".causes tbody tr")).to_contain_text("new tonight")
    expect(page.locator(".map a.arrow.crossing")).to_have_count(1)
    page.locator(".ways a.g.crossing").click()
    expect(page.locator("h1")).to_have_text("Users of EGI at CSTCLOUD-TWIN")
    expect(page.locator("#crossing tr.group")).to_be_in_viewport()
    page.locator("#matrix td.D a").click()
    expect(page.locator("h1")).to_have_text("AUTH-017: egi → CSTCLOUD-TWIN")
    expect(page.locator("main")).to_contain_text("an expired token was accepted")
    expect(page.get_by_role("heading", name=f"Same test at home: {RESOURCE}")).to_be_visible()
    expect(page.locator(".failure pre").first).to_contain_text("GET /")
    expect(page.locator(".cure")).to_contain_text(re.compile(r"failing since\s*2026-01-03"))
    page.get_by_role("link", name="The same test in Allure").click()
    expect(page.get_by_text(f"test_an_expired_token_is_refused[{CROSS}]").first).to_be_visible()
    page.get_by_role("link", name="This cell on the site").click()
    expect(page.locator("main .verdict")).to_contain_text("an expired token was accepted")


def test_a_filter_can_be_sent_to_a_colleague(page: Page, address: str) -> None:
    page.goto(f"{address}/{THIRD}/matrix.html")
    expect(page.locator("#count")).to_have_text("3 of 3")
    page.get_by_label("Family").select_option("XFER")
    expect(page.locator("#count")).to_have_text("2 of 3")
    page.get_by_label("Text").fill("checksum")
    expect(page.locator("#count")).to_have_text("1 of 3")
    page.goto("about:blank")
    page.goto(f"{address}/{THIRD}/matrix.html#family=XFER&q=checksum")
    expect(page.locator("#count")).to_have_text("1 of 3")
    expect(page.get_by_label("Family")).to_have_value("XFER")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#count")).to_have_text("3 of 3")


def test_a_filter_of_routes_may_be_a_pattern(page: Page, address: str) -> None:
    """As on the command line; an address that was sent before routes led to sites still works."""
    page.goto(f"{address}/{THIRD}/matrix.html#route=egi:cstcloud&verdict=D")
    expect(page.locator("#count")).to_have_text("1 of 3")
    page.goto("about:blank")
    page.goto(f"{address}/{THIRD}/matrix.html#route=*:EGI-TWIN&verdict=D")
    expect(page.locator("#count")).to_have_text("0 of 3")


def test_the_history_of_a_cell_is_drawn(page: Page, address: str) -> None:
    page.goto(f"{address}/{THIRD}/matrix.html")
    drawn = page.locator("td.D").get_attribute("style")
    assert drawn is not None
    assert re.findall(r"var\(--(\w)\) (\d+)[.\d]*% (\d+)", drawn) == [
        ("C", "0", "66"),
        ("D", "66", "100"),
    ]
    stripe = "getComputedStyle(document.querySelector('td.D'), '::after').backgroundImage"
    assert "linear-gradient" in page.evaluate(stripe)


def test_a_list_of_the_filter_counts_what_each_choice_leaves(page: Page, address: str) -> None:
    page.goto(f"{address}/{THIRD}/matrix.html")
    verdict = page.get_by_label("Verdict")
    expect(verdict.locator("option[value=D]")).to_have_text("D deviation (1)")
    page.get_by_label("Family").select_option("XFER")
    expect(verdict.locator("option[value=D]")).to_have_text("D deviation (0)")
    expect(verdict.locator("option[value=C]")).to_have_text("C conformant (2)")


def test_without_script_a_number_leads_to_its_cells(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{THIRD}/index.html")
    page.get_by_role("link", name="1 fails because of crossing").click()
    page.locator("#crossing td.D a").click()
    expect(page.locator("h1")).to_have_text("AUTH-017: egi → CSTCLOUD-TWIN")
    context.close()


def test_what_each_step_sent_and_got_is_unpacked_beside_that_at_home(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/{THIRD}/cells/AUTH-017/egi.CSTCLOUD-TWIN.html")
    mine, theirs = page.locator(".packed").all()
    mine.get_by_text("All steps", exact=True).click()
    for part in (mine, theirs):
        step = part.locator(".steps > li > details").first
        if step.get_attribute("open") is None:
            step.locator("> summary").click()
        expect(step.locator("pre").first).to_have_text("GET /")
        expect(step.locator("pre.answer")).to_contain_text("HTTP 200")
    theirs.get_by_role("link", name="All steps on a page").click()
    expect(page.locator("h1")).to_contain_text("test_an_expired_token_is_refused")
    expect(page.locator(".steps summary")).to_have_count(1)


def test_the_whole_file_of_evidence_is_saved_as_it_was(
    page: Page, address: str, site: Path
) -> None:
    run = site.parents[1] / "runs" / THIRD
    page.goto(f"{address}/{THIRD}/cells/AUTH-017/egi.CSTCLOUD-TWIN.html")
    whole = page.locator("a.whole").first
    expect(whole).to_have_attribute("download", re.compile(r"^\d\.json$"))
    with page.expect_download() as begun:
        whole.click()
    saved = Path(begun.value.path()).read_bytes()
    assert saved == (run / "evidence" / begun.value.suggested_filename).read_bytes()


def test_without_script_steps_are_named_and_the_failed_one_is_shown(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{THIRD}/cells/AUTH-017/egi.CSTCLOUD-TWIN.html")
    expect(page.locator(".failure pre").first).to_have_text("GET /")
    page.get_by_role("link", name="All steps on a page").first.click()
    page.get_by_text("All steps", exact=True).first.click()
    expect(page.locator(".steps li").first).to_contain_text("GET ")
    expect(page.get_by_text("Steps without JavaScript:")).to_be_visible()
    context.close()


def test_the_print_of_a_cell_has_two_pages(browser: Browser, address: str, site: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/{THIRD}/cells/AUTH-017/egi.CSTCLOUD-TWIN.html")
    printed = page.pdf(format="A4")
    assert printed.count(b"/Type /Page\n") <= 2
    context.close()


def test_two_nights_are_compared(page: Page, address: str) -> None:
    page.goto(f"{address}/{THIRD}/compare.html")
    expect(page.locator("#said")).to_have_text("3 verdicts differ.")
    page.get_by_label("From").select_option(FIRST)
    expect(page.locator("#said")).to_have_text("1 verdict differs.")
    row = page.locator("#differences tbody tr")
    expect(row).to_contain_text("new deviation")
    row.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("AUTH-017: egi → CSTCLOUD-TWIN")


def test_nothing_is_wider_than_the_window(page: Page, address: str, site: Path) -> None:
    pages = ["index", "matrix", "nights", "compare", "ola", "findings", "proof"]
    pages += ["exceptions", "routes/egi.CSTCLOUD-TWIN", "framework"]
    pages += ["requirements/XFER-017", "cells/AUTH-017/egi.CSTCLOUD-TWIN", "sites/EGI-TWIN"]
    for name in pages:
        page.goto(f"{address}/{THIRD}/{name}.html")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{name} is {wide} pixels too wide"


def test_the_services_of_a_site_are_read_without_scrolling_sideways(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/{THIRD}/sites/EGI-TWIN.html")
    table = page.get_by_role("region", name="services of the site")
    expect(table).to_be_visible()
    assert table.evaluate("box => box.scrollWidth - box.clientWidth") <= 0


def test_the_keyboard_reaches_the_content_and_the_theme_changes(page: Page, address: str) -> None:
    page.goto(f"{address}/{THIRD}/index.html")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    colour = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(colour)
    page.locator("#theme").click()
    assert page.evaluate(colour) != before


def test_allure_opens_and_asks_nobody_else(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/{THIRD}/allure/index.html")
    expect(page).to_have_title("Interoperability 2026-01-03 01:15 UTC")
    page.wait_for_load_state("networkidle")
    # Its symbols are drawn from data within the page.
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
