"""A hostile site hurts no client: what is read of an answer has a limit, and nothing is followed."""

from __future__ import annotations

import gzip
import itertools
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clients import bodies
from harness.clients.browser import Browser
from harness.clients.http import Http
from harness.errors import Unreachable
from harness.evidence import collect
from tests.unit.hostile import Site, hostile_site

TOKEN = "canary-of-a-token-0123456789-abcdef"


@pytest.fixture
def site() -> Iterator[Site]:
    with hostile_site() as made:
        yield made


@pytest.fixture
def client() -> Iterator[Http]:
    made = Http(proxy=None, ca_bundle=None, timeout=30)
    yield made
    made.close()


@pytest.mark.parametrize("path", ["endless", "bomb", "bomb-within"])
def test_of_a_body_without_end_a_part_is_read(site: Site, client: Http, path: str) -> None:
    """Of what comes packed, what it is unpacked; and memory holds little more than the limit."""
    tracemalloc.start()
    try:
        with (
            collect() as steps,
            pytest.raises(AssertionError, match="is longer than 67108864 bytes"),
        ):
            client.request("GET", f"{site.url}/{path}", token=TOKEN)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * bodies.MOST
    assert site.sent < 2 * bodies.MOST
    assert steps[0].status == "failed"


@pytest.mark.parametrize("path", ["header", "chunk-header"])
def test_a_header_without_end_is_no_answer(site: Site, client: Http, path: str) -> None:
    with pytest.raises(Unreachable, match="RemoteProtocolError"):
        client.request("GET", f"{site.url}/{path}")
    assert site.sent < 16 * 2**20


def test_what_trickles_has_an_end(site: Site) -> None:
    """By a clock of the test's own: each glance at it is a second later."""
    ticks = itertools.count()
    with (
        bodies.Client(trust_env=False, patience=300, clock=lambda: next(ticks)) as client,
        pytest.raises(httpx.ReadTimeout, match="no end in time"),
    ):
        client.get(f"{site.url}/trickle")
    assert 300 <= next(ticks) < 310


@pytest.mark.parametrize("path", ["no-gzip", "codings"])
def test_a_body_that_is_not_as_its_header_says_is_told(site: Site, client: Http, path: str) -> None:
    with pytest.raises(AssertionError, match="cannot be decoded"):
        client.request("GET", f"{site.url}/{path}")


@pytest.mark.parametrize(
    "path",
    ["words", "half", "broken-utf-8", "charset", "headers", "brotli", "deep", "many", "other"],
)
def test_odd_answers_are_answers(site: Site, client: Http, path: str) -> None:
    with collect() as steps:
        answer = client.request("GET", f"{site.url}/{path}", token=TOKEN)
        with pytest.raises(AssertionError, match="ended before"):
            client.hang_up("GET", f"{site.url}/{path}", after=20)
    assert answer.ok == (path != "words")
    _ = answer.text, answer.json, answer.document, str(answer)
    for step in steps:
        shown = f"{step.title}{step.sent}{step.answer}"
        assert shown.replace("\n", "").replace("\t", "").isprintable()
        assert TOKEN not in shown
        shown.encode()


def test_a_coding_stays_in_the_header_of_the_answer(site: Site, client: Http) -> None:
    answer = client.request("GET", f"{site.url}/other")
    assert (answer.body, answer.headers["content-encoding"]) == (b"well", "identity")
    assert answer.duration > 0


@pytest.mark.parametrize("path", ["redirect-file", "redirect-elsewhere", "redirect-round"])
def test_a_client_follows_no_redirect(site: Site, client: Http, path: str) -> None:
    answer = client.request("GET", f"{site.url}/{path}", token=TOKEN)
    assert answer.status == 307
    assert len(site.asked) == 1


def test_a_browser_reads_no_file_and_goes_round_only_so_often(site: Site, client: Http) -> None:
    browser = Browser(client)
    with pytest.raises(Unreachable, match="UnsupportedProtocol"):
        browser.open(f"{site.url}/redirect-file")
    with pytest.raises(AssertionError, match="more than 20 redirects"):
        browser.open(f"{site.url}/redirect-round")
    assert len(site.asked) == 1 + 21


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "GZIP", "identity", ""])
@given(content=st.binary(max_size=200_000), cuts=st.lists(st.integers(1, 5_000), max_size=9))
def test_what_was_packed_is_unpacked(coding: str, content: bytes, cuts: list[int]) -> None:
    """However it is cut on its way."""
    packed = {
        "gzip": gzip.compress,
        "x-gzip": gzip.compress,
        "deflate": zlib.compress,
    }.get(coding.lower(), bytes)(content)
    assert read(coding, packed, cuts) == content
    if coding == "deflate":
        bare = zlib.compressobj(wbits=-15)
        assert read(coding, bare.compress(content) + bare.flush(), cuts) == content


@given(st.sampled_from(["gzip", "deflate", "gzip, deflate", "br", "x", ",,,,,"]), st.binary())
def test_any_bytes_are_read_or_told_of(coding: str, content: bytes) -> None:
    with suppress(httpx.DecodingError):
        assert isinstance(read(coding, content, []), bytes)


def read(coding: str, content: bytes, cuts: list[int]) -> bytes:
    """Return what a client reads of a body that comes in parts."""

    def parts() -> Iterator[bytes]:
        at = 0
        for cut in cuts:
            yield content[at : at + cut]
            at += cut
        yield content[at:]

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": coding}, content=parts())

    with bodies.Client(transport=httpx.MockTransport(answer)) as client:
        return client.get("http://site.test/").content
