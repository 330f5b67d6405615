"""A storage that sends its users on to a data server: how far they follow, and what they take along."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clients.http import Http
from harness.clients.random_data import MIB, RandomData
from harness.conformance.outcomes import Cell
from harness.engine.attribution import Attribution
from harness.evidence import collect
from harness.model import Service
from harness.services.issuer.tokens import Token
from harness.services.storage import probes
from harness.services.storage.client import WebDav
from harness.services.storage.redirects import MOST, NotFollowed, Request
from tests.unit.serving import Asked, Served, serving

TOKEN, OTHER = Token("e30.e30.of-the-door"), Token("e30.e30.of-the-source")


@pytest.fixture
def http() -> Iterator[Http]:
    made = Http(proxy=None, ca_bundle=None)
    yield made
    made.close()


@pytest.fixture
def data_server() -> Iterator[Served]:
    """Keeps what is put there."""
    kept: dict[str, bytes] = {}

    def reply(asked: Asked):
        match asked.method:
            case "PUT":
                kept[asked.target] = asked.body
                return 201, {}, b""
            case "COPY":
                return 202, {}, b"success: Created\r\n"
            case _ if asked.target in kept:
                return 200, {"Digest": "adler32=0000002a"}, kept[asked.target]
        return 404, {}, b""

    with serving(reply) as served:
        yield served


def door(to: str, status: int = 307):
    """Return what sends everything on to another server."""
    return serving(
        lambda asked: (status, {"Location": f"{to}{asked.target}?ticket=7"}, b"elsewhere")
    )


def webdav(url: str, http: Http) -> WebDav:
    return WebDav(
        Service(
            type="webdav", endpoint=f"{url}/vo", implementation="any", host="se.a.test", site="A",
            infrastructure="a", token_profile="wlcg",
        ),
        http,
    )  # fmt: skip


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_method_and_body_are_kept_and_each_request_is_a_step(http, data_server, status):
    data = RandomData(2000)
    with door(data_server.url, status) as there, collect() as steps:
        area = webdav(there.url, http)
        assert area.put("f", data, token=TOKEN).status == 201
        assert area.get("f", token=TOKEN).body == data.content
        assert (
            area.head("f", token=TOKEN, want_digest="adler32").headers["digest"]
            == "adler32=0000002a"
        )
        assert area.pull("f", "https://x.test/f", token=TOKEN, source_token=None).ok
    assert [one.method for one in data_server.asked] == ["PUT", "GET", "HEAD", "COPY"]
    assert data_server.asked[0].target == "/vo/f?ticket=7"
    assert data_server.asked[2].headers["want-digest"] == "adler32"
    assert data_server.asked[3].headers["source"] == "https://x.test/f"
    assert len(steps) == 8
    assert all(
        f"redirect 1, from {there.url}/vo/f by HTTP {status}" in one.title for one in steps[1::2]
    )


def test_see_other_is_fetched_without_a_body(http, data_server):
    """RFC 9110, section 15.4.4."""
    with door(data_server.url, 303) as there:
        area = webdav(there.url, http)
        area.put("f", RandomData(64), token=TOKEN)
        area.head("f", token=TOKEN)
    assert [(one.method, one.body) for one in data_server.asked] == [("GET", b""), ("HEAD", b"")]
    assert not {"content-length", "expect"} & data_server.asked[0].headers.keys()


def test_no_credential_goes_to_another_origin(http, data_server):
    with door(data_server.url) as there:
        webdav(there.url, http).pull("f", "https://x.test/f", token=TOKEN, source_token=OTHER)
    (first,), (then,) = there.asked, data_server.asked
    assert first.headers["authorization"] == f"Bearer {TOKEN.value}"
    assert first.headers["transferheaderauthorization"] == f"Bearer {OTHER.value}"
    assert not {"authorization", "transferheaderauthorization"} & then.headers.keys()
    assert "secret" not in repr(then.headers)
    assert not [
        value for value in then.headers.values() if TOKEN.value in value or OTHER.value in value
    ]


def test_within_an_origin_the_credential_goes_along(http):
    def reply(asked: Asked):
        if asked.target == "/vo/f":
            return 307, {"Location": "../elsewhere/f"}, b""
        return 200, {}, b"bytes"

    with serving(reply) as there:
        assert webdav(there.url, http).get("f", token=TOKEN).body == b"bytes"
    assert [one.target for one in there.asked] == ["/vo/f", "/elsewhere/f"]
    assert there.asked[1].headers["authorization"] == f"Bearer {TOKEN.value}"


def test_a_credential_that_was_left_behind_does_not_come_back(http):
    leads: dict[str, str] = {}

    def reply(asked: Asked):
        return (307, dict(leads), b"") if asked.target == "/vo/f" else (200, {}, b"")

    with serving(reply) as there, door(f"{there.url}/back") as other:
        leads["Location"] = f"{other.url}/x"
        assert webdav(there.url, http).get("f", token=TOKEN).ok
    assert [bool(one.headers.get("authorization")) for one in there.asked] == [True, False]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_is_final(http, status):
    with serving(lambda _: (status, {"Location": "http://127.0.0.1:1/x"}, b"")) as there:
        answer = webdav(there.url, http).get("f", token=TOKEN)
    assert (answer.status, answer.denied) == (status, True)


def test_a_refusal_of_the_data_server_is_the_answer(http):
    with serving(lambda _: (403, {}, b"not here")) as pool, door(pool.url) as there:
        answer = webdav(there.url, http).put("f", RandomData(9), token=TOKEN)
    assert (answer.status, answer.denied) == (403, True)


def test_who_is_sent_round_in_a_circle_stops(http):
    with serving(lambda asked: (307, {"Location": asked.target}, b"")) as there:
        answer = webdav(there.url, http).get("f", token=TOKEN)
    assert len(there.asked) == MOST + 1
    assert not answer.ok
    assert f"after {MOST} redirects" in str(answer)


@pytest.mark.parametrize("method", ["delete", "mkcol"])
def test_what_only_names_files_is_the_door_s_to_do(http, data_server, method):
    with door(data_server.url) as there:
        # The fake server knows no MKCOL; it answers 501, which is no redirect either.
        answer = getattr(webdav(there.url, http), method)("f", token=TOKEN)
    assert answer.status in (307, 501)
    assert data_server.asked == []


ASKED = Request(
    "GET", "https://se.a.test/vo/f", "value-of-a-token", {"Authorization": "x", "Range": "y"}
)


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://se.a.test/vo/f", "is without TLS"),
        ("//[", "is no URL"),
        ("file:///etc/passwd", "is not a web URL"),
        ("root://se.a.test//f", "is not a web URL"),
        ("//\x80/f", "is no URL"),
        ("https://me:word@se.a.test/f", "names a user"),
        ("https://se.a.test:port/f", "is no URL"),
    ],
)
def test_where_no_careful_client_goes(location, why):
    with pytest.raises(NotFollowed, match=why):
        ASKED.sent_on(307, location)


def test_a_redirect_that_is_not_followed_says_why(http):
    with serving(lambda _: (302, {"Location": "ftp://se.a.test/f"}, b"")) as there:
        answer = webdav(there.url, http).get("f", token=TOKEN)
    with pytest.raises(
        AssertionError, match=r"not followed: 'ftp://se\.a\.test/f' is not a web URL"
    ):
        answer.expect_ok()


@pytest.mark.parametrize(
    ("location", "url", "goes_along"),
    [
        ("/vo/g", "https://se.a.test/vo/g", True),
        ("g?x=1#part", "https://se.a.test/vo/g?x=1", True),
        ("HTTPS://SE.A.test:443/g", "https://se.a.test/g", True),
        ("https://se.a.test:8443/g", "https://se.a.test:8443/g", False),
        ("https://pool.a.test/g", "https://pool.a.test/g", False),
        ("//pool.a.test/g", "https://pool.a.test/g", False),
        ("/vo/gr\u00fc\u00df%20e", "https://se.a.test/vo/gr%C3%BC%C3%9F%20e", True),
        ("  /a b ", "https://se.a.test/a%20b", True),
    ],
)
def test_where_a_location_leads(location, url, goes_along):
    on = ASKED.sent_on(308, location)
    assert on.url == url
    assert (on.token is not None) is goes_along
    assert ("Authorization" in on.headers) is goes_along
    assert on.headers["Range"] == "y"


@given(st.text() | st.text().map("https://pool.a.test/{}".format) | st.text().map("//{}".format))
def test_any_location_is_followed_or_told(location):
    try:
        on = ASKED.sent_on(302, location)
    except NotFollowed as error:
        assert str(error)  # noqa: PT017, any other is the failure
    else:
        assert on.target.startswith(b"/")
        assert on.url.lower().startswith("https://")
        assert on.url.isascii()


def test_a_door_that_does_not_wait_for_the_bytes(http, data_server):
    """It answers the headers, reads nothing more, and hangs up."""
    data = RandomData(8 * MIB)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(2**10)
                connection.sendall(
                    b"HTTP/1.1 307 Go on\r\nContent-Length: 0\r\nConnection: close\r\n"
                    b"Location: " + data_server.url.encode() + b"/pool/f\r\n\r\n"
                )
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(2**20):
                    pass

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        assert webdav(url, http).put("f", data, token=TOKEN).status == 201
        thread.join(10)
    assert data_server.asked[0].body == data.content


def test_a_copy_that_is_sent_on_can_be_abandoned(http):
    begun, over = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as pool:

        def copy() -> None:
            connection, _ = pool.accept()
            with connection:
                connection.recv(2**16)
                begun.set()
                connection.recv(1)
                over.set()

        threading.Thread(target=copy, daemon=True).start()
        with door(f"http://127.0.0.1:{pool.getsockname()[1]}") as there:
            webdav(there.url, http).abandon_pull(
                "f", "https://x.test/f", token=TOKEN, source_token=None, after=0.2
            )
        assert begun.wait(10)
        assert over.wait(10)


class OfProbe:
    """A user with a token for everything."""

    def token(self, *_: object) -> Token:
        return TOKEN


def test_a_storage_with_data_servers_can_do_what_it_does(http, data_server):
    """The probes of what is not declared follow, too."""
    with door(data_server.url) as there:
        there_dav = webdav(there.url, http)
        for capability in ("read", "write", "checksum"):
            assert probes.PROBES[capability](there_dav, OfProbe()).there, capability  # type: ignore[arg-type]


def test_the_door_answers_for_where_it_sends_its_users(http, inventory_folder):
    """A data server is in no inventory: a failure there is the door's, not the other end's of a copy."""
    from harness import inventory

    testbed = inventory.load(inventory_folder).testbed
    service = next(one for one in testbed.services() if one.type == "webdav")
    other = next(s for s in testbed.services() if s.type == "webdav" and s.site != service.site)

    class Wire:
        def request(self, method: str, url: str, **rest: object):
            from harness.answer import Answer
            from harness.evidence import step

            with step(f"{method} {url} ({rest.get('note', '')})") as record:
                record.send(f"{method} {url}\nsource: {other.endpoint}/f\n")
            status = 307 if url.startswith(service.endpoint) else 500
            headers = {"location": "https://pool7.invalid:1094/f"}
            return Answer(f"{method} {url}", status, False, False, headers=headers)

    with collect() as steps:
        WebDav(service, Wire()).pull("f", f"{other.endpoint}/f", token=None, source_token=None)  # type: ignore[arg-type]
    cell = Cell(
        scenario="s", title="s", family="f", requirements=(), home=other.infrastructure,
        resource=service.infrastructure, site=service.site,
    )  # fmt: skip
    assert {one.endpoint for one in Attribution(testbed).failed_at(steps, cell)} == {
        service.endpoint
    }
