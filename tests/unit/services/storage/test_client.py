"""Guards how answers about data are read: digests, listings, markers, the result of a third-party copy."""

import datetime as dt
import zlib
from typing import Any

import pytest

from harness.answer import Answer
from harness.model import Service
from harness.services.issuer.client import Token
from harness.services.storage.client import (
    MIB,
    Entry,
    RandomData,
    StorageCommands,
    WebDav,
    parse_digest,
    parse_listing,
    parse_markers,
    parse_result,
    parse_size,
)
from harness.shell import Completed

LISTING = """<?xml version="1.0" encoding="utf-8"?>
<D:multistatus xmlns:D="DAV:"><D:response xmlns:lp1="DAV:"><D:href>/data/</D:href><D:propstat><D:prop>
<lp1:getcontentlength>4096</lp1:getcontentlength><lp1:resourcetype><D:collection/></lp1:resourcetype>
</D:prop></D:propstat></D:response>
<D:response xmlns:lp1="DAV:"><D:href>/data/a%20file</D:href><D:propstat><D:prop>
<lp1:getcontentlength>3072</lp1:getcontentlength>
<lp1:getlastmodified>Sun, 22 Nov 2026 14:13:07 GMT</lp1:getlastmodified>
</D:prop></D:propstat></D:response></D:multistatus>"""

RUNNING = """Perf Marker
Timestamp: 1763805600
Stripe Index: 0
Stripe Bytes Transferred: 1048576
Total Stripe Count: 1
RemoteConnections: tcp:10.111.2.30:443
Something New: as the draft allows
End
"""


def test_a_listing_tells_size_and_time_of_each_entry_by_name():
    when = dt.datetime(2026, 11, 22, 14, 13, 7, tzinfo=dt.UTC)

    assert parse_listing(LISTING) == {
        "data": Entry(size=4096, modified=None),
        "a file": Entry(size=3072, modified=when),
    }


def test_what_is_no_listing_says_so():
    with pytest.raises(AssertionError, match="no XML"):
        parse_listing("<html><p>forbidden")


def test_markers_tell_time_and_bytes_and_keep_unknown_fields():
    (marker,) = parse_markers(RUNNING + "success: Created\n")

    assert (marker.timestamp, marker.transferred) == (1763805600, 1048576)
    assert marker.fields["Something New"] == "as the draft allows"
    assert marker.fields["RemoteConnections"] == "tcp:10.111.2.30:443"


@pytest.mark.parametrize(
    "broken", ["", "success: Created", "Perf Marker\nTimestamp: 1\n", "Perf Marker\nEnd\n"]
)
def test_what_is_no_complete_marker_is_none(broken):
    assert parse_markers(broken) == []


@pytest.mark.parametrize(
    ("body", "succeeded", "line"),
    [
        (RUNNING + "success: Created\n", True, "success: Created"),
        ("success: Created\nany text after the result\n", True, "success: Created"),
        (
            RUNNING + "failure: Remote side failed with status code 403\n",
            False,
            "failure: Remote side failed with status code 403",
        ),
        ("Failed: no space\n", False, "Failed: no space"),
        (RUNNING, False, ""),
        ("", False, ""),
        ("successful so far", False, ""),
    ],
)
def test_the_result_line_alone_decides_a_copy(body, succeeded, line):
    """HTTP-TPC, result: the status came before the copy began; without a result there is no success."""
    assert parse_result(body) == (succeeded, line)


def test_digests_are_compared_in_hexadecimal():
    """RFC 3230, section 4.3.2: adler32 is hexadecimal, MD5 is base64."""
    header = "adler32=62C0215, md5=XrY7u+Ae7tCTyyK7j1rNww=="

    assert parse_digest(header) == {
        "adler32": "062c0215",
        "md5": "5eb63bbbe01eeed093cb22bb8f5acdc3",
    }
    assert parse_digest("") == {}


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, MIB - 1, MIB, MIB + 1, 2 * MIB + 5])
def test_random_data_is_the_same_each_time_and_has_its_size(size):
    data = RandomData(size, seed=7)

    assert len(data.content) == sum(map(len, data.blocks())) == size
    assert data.content == RandomData(size, seed=7).content
    assert data.adler32 == f"{zlib.adler32(data.content):08x}"


def test_blocks_of_random_data_differ():
    first, second = RandomData(2 * MIB, seed=7).blocks()

    assert first != second


@pytest.mark.parametrize(("text", "size"), [("0 B", 0), ("4 KiB", 4096), ("256 MiB", 256 * MIB)])
def test_sizes_are_read(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "4", "4KiB", "4 kB", "x MiB"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="is no size"):
        parse_size(text)


SERVICE = Service(
    type="webdav",
    endpoint="https://se.a.test/vo",
    implementation="xrootd",
    host="se.a.test",
    site="A",
    infrastructure="a",
    token_profile="wlcg",
)
TOKEN = Token("e30.e30.secret")


class Asked:
    """An HTTP client that sends nothing, and gives the answer that it was made with."""

    def __init__(self, status: int = 201, body: str = "") -> None:
        self.status, self.body = status, body
        self.sent: list[tuple[str, str, dict[str, Any]]] = []

    def request(self, method: str, url: str, **rest: Any) -> Answer:
        self.sent.append((method, url, rest))
        return Answer(
            what=f"{method} {url}",
            status=self.status,
            ok=self.status < 300,
            denied=self.status in (401, 403),
            body=self.body.encode(),
        )

    def hang_up(self, method: str, url: str, **rest: Any) -> None:
        self.sent.append((method, url, rest))


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("a/two words", "/vo/a/two%20words"),
        ("a/%20", "/vo/a/%2520"),
        ("a/a#b", "/vo/a/a%23b"),
        ("a/a+b", "/vo/a/a%2Bb"),
        ("a/数据", "/vo/a/%E6%95%B0%E6%8D%AE"),
        ("a/../b", "/vo/a/../b"),
    ],
)
def test_a_path_is_asked_for_to_the_letter(path, target):
    http = Asked()
    WebDav(SERVICE, http).get(path, token=TOKEN)  # type: ignore[arg-type]
    ((_, url, rest),) = http.sent

    assert url == f"https://se.a.test{target}"
    assert rest["extensions"] == {"target": target.encode()}


@pytest.mark.parametrize(
    ("prefix", "path", "named"),
    [
        ("", "a/two words", "/vo/a/two%20words"),
        ("/vo", "a/two words", "/a/two%20words"),
        ("/vo", "", "/"),
    ],
)
def test_a_scope_names_the_path_from_the_issuer_s_prefix_on(prefix, path, named):
    service = SERVICE.model_copy(update={"scope_prefix": prefix})
    assert WebDav(service, Asked()).scope_path(path) == named  # type: ignore[arg-type]


def test_a_range_is_asked_for():
    http = Asked()
    WebDav(SERVICE, http).get("a", token=TOKEN, byte_range="0-9")  # type: ignore[arg-type]

    assert http.sent[0][2]["headers"] == {"Range": "bytes=0-9"}


@pytest.mark.parametrize("way", ["pull", "push"])
def test_headers_for_the_other_end_of_a_copy_are_named_so(way):
    http = Asked()
    copy = getattr(WebDav(SERVICE, http), way)  # type: ignore[arg-type]
    other = {"source_token": TOKEN} if way == "pull" else {"destination_token": TOKEN}
    copy("a", "https://se.b.test/a", token=TOKEN, passed_on={"Content-Length": "5"}, **other)
    headers = http.sent[0][2]["headers"]

    assert headers["TransferHeaderContent-Length"] == "5"
    assert headers["TransferHeaderAuthorization"] == f"Bearer {TOKEN.value}"


def test_a_pull_that_is_abandoned_is_asked_for_as_any():
    kept, abandoned = Asked(), Asked()
    ask = {"token": TOKEN, "source_token": TOKEN}
    WebDav(SERVICE, kept).pull("a", "https://b", **ask)  # type: ignore[arg-type]
    WebDav(SERVICE, abandoned).abandon_pull("a", "https://b", after=1, **ask)  # type: ignore[arg-type]

    assert abandoned.sent[0][:2] == kept.sent[0][:2]
    assert abandoned.sent[0][2]["headers"] == kept.sent[0][2]["headers"]


@pytest.mark.parametrize(
    ("status", "body", "denied"),
    [
        (500, "failure: Remote side failed with status code 403", True),
        (201, "failure: Remote side failed with status code 403", True),
        (500, "failure: no space", False),
        (201, "success: Created", False),
        (403, "", True),
    ],
)
def test_a_copy_is_denied_where_the_other_end_refuses(status, body, denied):
    webdav = WebDav(SERVICE, Asked(status, body))  # type: ignore[arg-type]

    assert webdav.pull("a", "https://b", token=TOKEN, source_token=None).denied is denied


class Typed:
    """A workstation that runs nothing, and keeps what was typed."""

    def __init__(self) -> None:
        self.typed: list[tuple[str, dict[str, str], dict[str, str]]] = []

    def run(
        self, command: Any, *, env: dict[str, str], private: dict[str, str] | None
    ) -> Completed:
        line = command if isinstance(command, str) else " ".join(command)
        self.typed.append((line, env, private or {}))
        return Completed(line, 0, "", "", 0.1)


@pytest.mark.parametrize("client", ["curl", "davix", "rclone"])
@pytest.mark.parametrize("token", [TOKEN, None], ids=["token", "none"])
def test_a_client_is_given_its_token_outside_of_its_words(client, token):
    there = Typed()
    commands = StorageCommands(there)  # type: ignore[arg-type]
    assert commands.store(client, "/tmp/f", "https://se/vo/f", token=token).ok
    assert commands.fetch(client, "https://se/vo/f", "/tmp/f", token=token).ok

    for line, env, private in there.typed:
        assert line.startswith(client)
        assert "secret" not in line
        assert ("secret" in str([env, private])) == (token is not None)


@pytest.mark.parametrize(
    ("expecting", "words"),
    [("", "-K ADLER32 --checksum-mode both"), ("0a", "-K ADLER32:0a --checksum-mode target")],
)
def test_gfal_copy_is_told_which_sum_to_compare(expecting, words):
    there = Typed()
    commands = StorageCommands(there)  # type: ignore[arg-type]
    commands.gfal_copy("https://a", "https://b", token=TOKEN, expecting=expecting)

    assert words in there.typed[0][0]
