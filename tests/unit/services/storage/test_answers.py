"""Guards how answers about data are read: digests, listings, markers, the result of a third-party copy."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.services.storage.answers import (
    Entry,
    parse_digest,
    parse_listing,
    parse_markers,
    parse_result,
)

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


def test_a_time_that_is_none_spoils_no_other():
    """One date that no calendar has, and a size that is no number, among entries that can be read."""
    body = LISTING.replace("3072", "9" * 5000).replace("Sun, 22 Nov 2026", "Mon, 06 Jan 50470")
    assert parse_listing(body) == {
        "data": Entry(size=4096, modified=None),
        "a file": Entry(size=None, modified=None),
    }


@pytest.mark.parametrize("md5", ["1B2M2Y8AsgTpgAmY7PhCfg", "!", "", "é"])
def test_a_sum_that_cannot_be_read_spoils_no_other(md5):
    """RFC 3230, section 4.3.2: MD5 is base64, with its padding (RFC 2045, section 6.8)."""
    assert parse_digest(f"adler32=0a6862d0,md5={md5}")["adler32"] == "0a6862d0"
    assert parse_digest(f"adler32=0a6862d0,md5={md5}").get("md5") in (None, "")


XML = st.builds(
    "<d:multistatus xmlns:d='DAV:'><d:response><d:href>{}</d:href><d:getcontentlength>{}"
    "</d:getcontentlength><d:getlastmodified>{}</d:getlastmodified></d:response>"
    "</d:multistatus>".format,
    st.text(),
    st.text() | st.integers().map(str),
    st.text() | st.from_regex(r"(\w{3}, )?\d+ (Jan|Feb) \d+ \d+:\d+:\d+ [+-]?\w*"),
)


@given(st.text() | XML)
def test_any_listing_is_read_or_named(body):
    """Nothing but an AssertionError comes of what a storage sends."""
    try:
        assert isinstance(parse_listing(body), dict)
    except AssertionError as error:
        assert "the listing is no XML" in str(error)  # noqa: PT017, any other is the failure


@given(st.text() | st.from_regex(r"(\w+=[\w+/=]*,?)+") | st.text().map("md5={}".format))
def test_any_digest_is_read(header):
    assert all(isinstance(one, str) for one in parse_digest(header).values())


@given(st.text() | st.text().map("Perf Marker\nTimestamp: {}\nEnd\n".format))
def test_any_progress_and_result_is_read(body):
    assert all(marker.timestamp is not None for marker in parse_markers(body))
    assert parse_result(body)[0] in (True, False)
