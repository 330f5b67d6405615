"""The page is served to browsers, with the events from the beginning; only who speaks may go on."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import httpx
import pytest

from harness.demo.events import Closing
from harness.demo.feed import Feed
from harness.demo.server import Address, Server
from harness.errors import BadInput

ANYWHERE = Address("127.0.0.1", 0)


class Gone:
    """Counts how often the speaker went on."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def feed() -> Feed:
    return Feed(lambda _event: None)


@pytest.fixture
def gone() -> Gone:
    return Gone()


@pytest.fixture
def server(feed: Feed, gone: Gone) -> Iterator[Server]:
    with Server(ANYWHERE, html="<p>page</p>", feed=feed, go=gone).running() as made:
        yield made


def _events(url: str, **headers: str) -> Iterator[dict[str, object]]:
    with httpx.stream("GET", f"{url}events", headers=headers) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        for line in answer.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def test_the_page_is_served(server: Server) -> None:
    answer = httpx.get(server.url)
    assert answer.text == "<p>page</p>"
    assert answer.headers["cache-control"] == "no-store"


def test_who_comes_late_gets_all_events_in_their_order(server: Server, feed: Feed) -> None:
    for text in ("a", "b"):
        feed.publish(Closing(ok=True, text=text))
    found = _events(server.url)
    assert [next(found)["event"]["text"] for _ in range(2)] == ["a", "b"]  # type: ignore[index]
    feed.publish(Closing(ok=True, text="c"))
    assert next(found)["number"] == 3
    found.close()  # type: ignore[attr-defined]


def test_a_browser_that_comes_back_gets_what_it_has_missed(server: Server, feed: Feed) -> None:
    for text in ("a", "b"):
        feed.publish(Closing(ok=True, text=text))
    found = _events(server.url, **{"Last-Event-ID": "1"})
    assert next(found)["number"] == 2
    found.close()  # type: ignore[attr-defined]


def test_only_the_speaker_may_go_on(server: Server, gone: Gone) -> None:
    assert httpx.post(f"{server.url}next").status_code == 403
    assert httpx.post(f"{server.url}next", headers={"X-Speaker": "guess"}).status_code == 403
    assert gone.times == 0
    word = server.speaker_url.rpartition("=")[2]
    assert httpx.post(f"{server.url}next", headers={"X-Speaker": word}).status_code == 204
    assert gone.times == 1


def test_a_request_by_a_name_is_refused(server: Server) -> None:
    """Else a page of somebody else, whose name leads here, could read the events."""
    assert httpx.get(server.url, headers={"Host": "evil.example"}).status_code == 403
    port = httpx.URL(server.url).port
    assert httpx.get(server.url, headers={"Host": f"localhost:{port}"}).status_code == 200


def test_a_port_that_is_taken_is_told(feed: Feed) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = Server(Address("127.0.0.1", port), html="", feed=feed, go=lambda: None)
        with pytest.raises(BadInput, match=rf"--listen 127\.0\.0\.1:{port}.*--no-page"):
            server.running().__enter__()


def test_followers_hear_the_end(feed: Feed) -> None:
    with Server(ANYWHERE, html="", feed=feed, go=lambda: None).running() as server:
        found = _events(server.url)
        feed.publish(Closing(ok=True, text="a"))
        assert next(found)["number"] == 1
        feed.publish(Closing(ok=True, text="the end"))
    assert [one["number"] for one in found] == [2]


@pytest.mark.parametrize("text", ["here", "127.0.0.1", "127.0.0.1:99999", "example.org:80", ":"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="--listen"):
        Address.parse(text)


def test_an_address_of_ipv6_has_brackets() -> None:
    assert Address.parse("[::1]:80").url == "http://[::1]:80/"
