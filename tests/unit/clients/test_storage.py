"""Guards how answers about data are read: digests, listings, markers, the result of a third-party copy."""

import datetime as dt
import zlib

import pytest

from harness.clients.storage import (
    MIB,
    Entry,
    RandomData,
    parse_digest,
    parse_listing,
    parse_markers,
    parse_result,
    parse_size,
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
