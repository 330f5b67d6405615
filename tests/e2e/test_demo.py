"""The page of a demonstration in a browser: a recording that replays, and a page that follows live."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from harness.demo import recording
from harness.demo.events import Act, Closing, Opening
from harness.demo.feed import Feed
from harness.demo.page import page as page_of
from harness.demo.server import Address, Server
from harness.translation import Speaker
from tests.unit.demo.story import demonstration, twin

WIDTHS = (1400, 400)
HOSTILE = "<img src=x onerror=\"document.title='taken'\">"


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording in each language."""
    folder, testbed = tmp_path_factory.mktemp("demo"), twin()
    for language in ("en", "zh"):
        told = demonstration(testbed, language=language)
        recording.write(folder / f"{language}.html", told.feed.since(0), tr=told.tr)
    return folder


def _open(browser: Browser, url: str, width: int = 1400) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(url)
    return page, complaints


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("language", "title", "refused"),
    [
        ("en", "Environmental science", "Refused, as required."),
        ("zh", "环境科学", "已按要求拒绝。"),
    ],
)
def test_a_recording_is_stepped_through_to_its_end(
    *, browser: Browser, recordings: Path, language: str, title: str, refused: str, width: int
) -> None:
    page, complaints = _open(browser, (recordings / f"{language}.html").as_uri(), width)
    page.click("#play")  # stops it
    expect(page.locator("h1")).to_have_text(title)
    while page.evaluate("shown < events.length"):
        page.click("#ahead")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator(".part.refused .v")).to_have_text(refused)
    expect(page.locator(".token.bad").first).to_be_attached()
    expect(page.locator("#outcome img")).to_be_visible()
    expect(page.locator(".rightness.yes")).to_be_visible()
    assert complaints == []
    page.close()


def test_a_recording_plays_by_itself_and_goes_back(browser: Browser, recordings: Path) -> None:
    page, complaints = _open(browser, (recordings / "en.html").as_uri())
    expect(page.locator(".action")).not_to_have_count(0)
    page.click("#play")
    for _ in range(5):
        page.click("#ahead")
    before = page.locator(".action").count()
    page.click("#back")
    expect(page.locator(".action")).to_have_count(before - 1)
    assert complaints == []
    page.close()


def test_the_way_of_an_action_is_drawn(browser: Browser, recordings: Path) -> None:
    page, _ = _open(browser, (recordings / "en.html").as_uri())
    page.click("#play")
    while not page.evaluate("line && line.moves && line.state === 'done'"):
        page.click("#ahead")
    expect(page.locator("#lines path.done")).to_have_count(1)
    expect(page.locator("#lines circle")).to_have_count(1)
    expect(page.locator(".place.on")).to_have_count(2)
    page.close()


def test_a_page_follows_live_and_texts_of_sites_stay_texts(browser: Browser) -> None:
    feed = Feed(lambda _event: None)
    html, address = page_of(Speaker("en")), Address("127.0.0.1", 0)
    with Server(address, html=html, feed=feed, go=lambda: None).running() as server:
        page, complaints = _open(browser, server.url)
        expect(page.locator("#mode")).to_have_text("live")
        feed.publish(
            Opening(
                title=HOSTILE,
                question=HOSTILE,
                method="",
                software=(),
                route="",
                start="",
                lands=(),
                acts=(),
            )
        )
        feed.publish(Act(number=1, title=HOSTILE))
        expect(page.locator("h1")).to_have_text(HOSTILE)
        expect(page.locator(".act h3")).to_contain_text(HOSTILE)
        feed.publish(Closing(ok=True, text="the end"))
        expect(page.locator("#closing")).to_have_text("the end")
    assert page.title() == HOSTILE
    assert complaints == []
    page.close()


def test_the_speaker_goes_on_from_the_page(browser: Browser) -> None:
    gone = threading.Event()
    feed = Feed(lambda _event: None)
    html, address = page_of(Speaker("en")), Address("127.0.0.1", 0)
    with Server(address, html=html, feed=feed, go=gone.set).running() as server:
        onlooker, _ = _open(browser, server.url)
        expect(onlooker.locator("#next")).to_be_hidden()
        page, _ = _open(browser, server.speaker_url)
        page.keyboard.press("Space")
        assert gone.wait(20)
        gone.clear()
        page.click("#next")
        assert gone.wait(20)
        onlooker.close()
        page.close()
