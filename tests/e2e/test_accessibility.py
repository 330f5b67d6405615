"""Accessibility: axe-core over every kind of page in both themes, and what its rules do not count.

axe-core is a package of package.json. What it calls serious or critical fails; the rules are those of
WCAG 2.2, levels A and AA, and the tool's own good practices.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from rich.console import Console

from harness.conformance.verdicts import HostFault, Origin, Verdict
from harness.report import site as sites
from harness.report.addresses import cell_page
from harness.report.site.pages import Pages
from tests.unit.nights import COPIES, TOKENS, make_night
from tests.unit.routes import CROSS, HOME, RESOURCE
from tests.unit.statements import CATALOGUE, TWIN, judged, night, routes, statement

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
FIRST, SECOND = (f"2026010{day}T011500Z-00aa" for day in (1, 2))
WINDOW: ViewportSize = {"width": 1400, "height": 900}
GRAVE = ("serious", "critical")
TABBABLE = "a[href], button, input, select, textarea, summary, [tabindex]"
UNREACHABLE = """() => [
  ...[...document.querySelectorAll('a[href], button, input, select, summary')]
    .filter((one) => one.checkVisibility() && !one.matches('.skip')
      && getComputedStyle(one).display !== 'inline')
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.width < 23.9 || box.height < 23.9))
    .map(([one, box]) => `${one.outerHTML.slice(0, 120)}: ${box.width} x ${box.height}`),
  ...[...document.querySelectorAll('pre')].filter((one) => one.tabIndex !== 0)
    .map((one) => one.outerHTML.slice(0, 120)),
]"""
"""Returns what is too small to be pressed, and what the keyboard cannot scroll."""
"""The requirement that the scenario of tokens shows."""
MOST = 60
"""Stops of the tabulator on the page of the matrix, at most."""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a night with a deviation, a site's fault and an unhealthy host, after a good one."""
    folder = tmp_path_factory.mktemp("accessible")
    ill = HostFault(host="se.egi.test", when="before", what="xrootd")
    failed = {
        (TOKENS, CROSS): "an expired token was accepted",
        (COPIES, RESOURCE): "no answer",
        (COPIES, HOME): "no answer",
    }
    console = Console(file=io.StringIO())
    for made in (
        make_night(folder / "runs", FIRST),
        make_night(folder / "runs", SECOND, failed, faults=(ill,)),
    ):
        sites.build(made, console=console, sites=folder / "site", proofs=folder / "proofs")
    return folder / "site" / "unit" / SECOND


def kinds(folder: Path) -> list[Path]:
    """Return one page of each kind, the longest of it; Allure's pages are not ours."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*.html"), key=lambda one: one.stat().st_size):
        within = path.relative_to(folder)
        kind = "/".join(within.parts[: 2 if within.parts[0] == "zh" else 1])
        found[kind] = path
    found.pop("allure", None)
    return list(found.values())


@pytest.fixture(params=["light", "dark"])
def themed(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window in one of the themes."""
    context = browser.new_context(viewport=WINDOW, color_scheme=request.param)
    yield context.new_page()
    context.close()


@pytest.fixture
def wide(browser: Browser) -> Iterator[Page]:
    """A window."""
    context = browser.new_context(viewport=WINDOW)
    yield context.new_page()
    context.close()


def grave(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical: the rule, and the first elements that break it."""
    page.add_script_tag(path=AXE)
    found: list[dict[str, Any]] = page.evaluate(
        "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
    )
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in GRAVE
    ]


def test_what_is_wrong_is_found(wide: Page) -> None:
    """The control: the tool is there, its rules run, and what they find is told."""
    wide.set_content(
        "<html lang=en><title>x</title><main><h1>x</h1><img src=x>"
        "<pre>x</pre><button style='height: 9px'>x</button></main></html>"
    )
    assert [one.partition(":")[0] for one in grave(wide)] == ["image-alt"]
    assert [one.partition(" ")[0] for one in wide.evaluate(UNREACHABLE)] == [
        "<button",
        "<pre>x</pre>",
    ]


def test_no_kind_of_page_has_a_serious_fault(themed: Page, published: Path) -> None:
    pages = kinds(published)
    assert len(pages) > 10
    found = {}
    for path in pages:
        themed.goto(path.as_uri())
        # What is folded is read too.
        themed.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
        if faults := grave(themed):
            found[str(path.relative_to(published))] = faults
    assert found == {}


def test_a_cell_follows_the_language_of_the_reader(wide: Page, published: Path) -> None:
    """A script translates the words of the page; the evidence stays as it was."""
    cell = published / cell_page("AUTH-017", CROSS)
    wide.goto(cell.as_uri())
    seen = wide.locator("pre").first.text_content()
    assert wide.locator("dt", has_text="first seen").count() == 1
    wide.goto((published / "zh" / "index.html").as_uri())
    wide.goto(cell.as_uri())
    expect(wide.locator("dt", has_text="首次出现")).to_be_visible()
    expect(wide.locator("nav a").first).to_have_text("概览")
    assert wide.locator("pre").first.text_content() == seen
    assert grave(wide) == []
    wide.locator("nav a").first.click()
    expect(wide.locator("html")).to_have_attribute("lang", "zh-Hans")
    wide.goto(cell.as_uri())
    wide.get_by_role("button", name="English").click()
    expect(wide.locator("dt", has_text="first seen")).to_be_visible()


def test_targets_are_24_pixels_and_each_pre_is_reached_by_the_keyboard(
    wide: Page, published: Path
) -> None:
    """WCAG 2.2, 2.5.8; a link within a sentence is as high as its line."""
    found = {}
    for path in kinds(published):
        wide.goto(path.as_uri())
        if faults := wide.evaluate(UNREACHABLE):
            found[path.name] = faults[:4]
    assert found == {}


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the matrix of a night as large as the twin's."""
    folder = tmp_path_factory.mktemp("matrix")
    asked = [one for one in CATALOGUE if one.in_scope and not one.unshown]
    failing = judged(AUTH_017=(Verdict.DEVIATION, Origin.CROSSING, lambda way: not way.control))
    made = night(folder, statement(FIRST, asked, routes(TWIN), failing))
    name, text = next(Pages(made, titles={})._grid())
    (folder / name).write_text(text, encoding="utf-8")
    (folder / "assets").symlink_to(sites.ASSETS)
    return folder / name


def test_the_matrix_has_few_stops_and_arrows_lead_through_it(wide: Page, matrix: Path) -> None:
    wide.goto(matrix.as_uri())
    stops = wide.evaluate(
        f"""[...document.querySelectorAll('{TABBABLE}')]
          .filter(one => one.tabIndex >= 0 && one.checkVisibility()).length"""
    )
    assert wide.locator("#matrix tbody a").count() > 500
    assert stops < MOST
    first = wide.locator("#matrix tbody a[tabindex='0']")
    expect(first).to_have_count(1)
    first.focus()
    row = wide.locator("#matrix tbody tr:not(.group)").first
    expect(row.locator("th a")).to_be_focused()
    wide.keyboard.press("ArrowRight")
    expect(row.locator("td a").first).to_be_focused()
    wide.keyboard.press("ArrowDown")
    below = wide.locator("#matrix tbody tr:not(.group)").nth(1)
    expect(below.locator("td a").first).to_be_focused()
    wide.keyboard.press("End")
    expect(below.locator("td a").last).to_be_focused()
    wide.keyboard.press("Control+Home")
    expect(row.locator("th a")).to_be_focused()
    expect(wide.locator("#matrix tbody a[tabindex='0']")).to_have_count(1)


def test_a_filter_leaves_a_stop_in_what_it_shows(wide: Page, matrix: Path) -> None:
    wide.goto(matrix.as_uri())
    wide.get_by_label("Family").select_option("XFER")
    stop = wide.locator("#matrix tbody a[tabindex='0']")
    expect(stop).to_have_count(1)
    expect(stop).to_be_visible()


def test_without_script_every_cell_is_a_stop(browser: Browser, matrix: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(matrix.as_uri())
    assert page.locator("#matrix tbody a[tabindex]").count() == 0
    context.close()
