"""Guards how answers about data are read: digests, listings, markers, the result of a third-party copy."""

import datetime as dt
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.services.storage.answers import (
    Entry,
    not_urls,
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


@pytest.mark.parametrize(
    ("href", "right"),
    [
        ("/data/a%20file", True),
        ("/data/", True),
        ("https://se.a.test:8443/data/%E6%95%B0", True),
        ("/data/a+b;v=1?metalink", True),
        ("/data/a file", False),
        ("/data/100%", False),
        ("/data/a#b", False),
        ("/data/\u6570\u636e", False),
        ("data/file", False),
        ("", False),
    ],
)
def test_an_address_in_a_listing_is_a_url_or_is_named(href, right):
    """RFC 4918, section 8.3: what a URL may not have is percent-encoded."""
    listing = LISTING.replace("/data/a%20file", href)

    assert not_urls(listing) == ([] if right else [href])


def test_what_is_no_listing_says_so():
    with pytest.raises(AssertionError, match="not XML"):
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


@pytest.mark.parametrize("md5", ["1B2M2Y8AsgTpgAmY7PhC", "!", "", "é"])
def test_a_sum_that_cannot_be_read_spoils_no_other(md5):
    """RFC 3230, section 4.3.2: MD5 is base64, of sixteen bytes."""
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
        assert "the listing is not " in str(error)  # noqa: PT017, any other is the failure


@given(st.text() | st.from_regex(r"(\w+=[\w+/=]*,?)+") | st.text().map("md5={}".format))
def test_any_digest_is_read(header):
    assert all(isinstance(one, str) for one in parse_digest(header).values())


@given(st.text() | st.text().map("Perf Marker\nTimestamp: {}\nEnd\n".format))
def test_any_progress_and_result_is_read(body):
    assert all(marker.timestamp is not None for marker in parse_markers(body))
    assert parse_result(body)[0] in (True, False)


def response(href, *parts):
    return f"<D:response><D:href>{href}</D:href>{''.join(parts)}</D:response>"


def part(status, **properties):
    inner = "".join(
        f"<D:{name}>{value}</D:{name}>" if value else f"<D:{name}/>"
        for name, value in properties.items()
    )
    said = f"<D:status>{status}</D:status>" if status else ""
    return f"<D:propstat><D:prop>{inner}</D:prop>{said}</D:propstat>"


def listing(*responses):
    return f"<D:multistatus xmlns:D='DAV:'>{''.join(responses)}</D:multistatus>"


FOUND = part("HTTP/1.1 200 OK", getcontentlength="17", getlastmodified="2027-02-03T04:05:06Z")
MISSING = part("HTTP/1.1 404 Not Found", getcontentlength="", getlastmodified="0")
THERE = Entry(size=17, modified=dt.datetime(2027, 2, 3, 4, 5, 6, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    "parts",
    [
        [FOUND, MISSING],
        [MISSING, FOUND],
        [part("HTTP/2 404", getlastmodified="2001-01-01T00:00:00Z", getcontentlength="1"), FOUND],
        [part("", getcontentlength=" 17\n", getlastmodified="\tWed, 03 Feb 2027 04:05:06 GMT ")],
        [part("HTTP/1.1 200 OK", getcontentlength="17"), FOUND],
    ],
)
def test_what_was_found_is_read_in_any_order(parts):
    """RFC 4918, section 14.22: a propstat for each status."""
    assert parse_listing(listing(response("/vo/f", *parts))) == {"f": THERE}


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("/vo/a%20b", "a b"),
        ("https://SE.test:8443/vo/a%20b", "a b"),
        ("a%20b", "a b"),
        ("./a%20b/", "a b"),
        ("\n  /vo/a%20b\r\n", "a b"),
        ("/vo/%E6%95%B0", "数"),
        ("/vo/数", "数"),
        ("/vo/a%2Fb", "a/b"),
        ("/vo/100%25", "100%"),
        ("/vo/a+b", "a+b"),
        ("/vo/a:b", "a:b"),
        ("https://se.test/", "se.test"),
    ],
)
def test_an_address_in_any_form_names_its_file(href, name):
    """RFC 4918, section 8.3."""
    assert list(parse_listing(listing(response(href, FOUND)))) == [name]


def test_what_is_said_not_to_be_there_is_not_listed():
    gone = response("/vo/gone", "<D:status>HTTP/1.1 404 Not Found</D:status>")
    shut = response("/vo/shut", "<D:status>HTTP/1.1 403 Forbidden</D:status>")
    assert parse_listing(listing(gone, shut, response("/vo/f", FOUND))) == {
        "shut": Entry(None, None),
        "f": THERE,
    }


@pytest.mark.parametrize("body", ["<html/>", "<multistatus/>", "<a><b/></a>"])
def test_xml_that_is_no_listing_says_so(body):
    with pytest.raises(AssertionError, match="is not a multistatus response, but <"):
        parse_listing(body)


def test_what_stands_around_a_listing_harms_nobody():
    text = f"<?xml version='1.0' encoding='utf-8'?>{listing(response('/vo/数', FOUND))}"
    for body in (f"\ufeff{text}", f"\r\n {text}\n", f"\n{text}".encode()):
        assert list(parse_listing(body)) == ["数"]


@pytest.mark.parametrize("size", ["-5", "1e3", "17 bytes", "", "9" * 40, "١٧"])
def test_a_size_that_is_none_is_not_told(size):
    (entry,) = parse_listing(listing(response("/f", part("", getcontentlength=size)))).values()
    assert entry.size is None


@given(
    st.dictionaries(
        st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Cn"]), min_size=1),
        st.integers(0, 10**18 - 1),
    )
)
def test_what_is_listed_is_read_again(files):
    body = listing(
        *(
            response(
                f"/vo/{quote(name, safe='')}", part("HTTP/1.1 200 OK", getcontentlength=size or "0")
            )
            for name, size in files.items()
        )
    )
    assert {name: entry.size for name, entry in parse_listing(body).items()} == files


MARKER = (
    "Perf Marker\n    Timestamp: {}\n    Stripe Index: 0\n    Stripe Bytes Transferred: 77\n"
    "    RemoteConnections: tcp:[2001:db8::5]:1094\n{}End\n"
)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", " \n"])
@pytest.mark.parametrize("stamp", ["1801000007", "1801000007.93", "1801000007,5", " 1801000007. "])
@pytest.mark.parametrize("indent", ["", "   ", "\t"])
def test_markers_are_read_as_clients_read_them(ending, stamp, indent):
    body = MARKER.format(stamp, indent).replace("\n", ending)
    (marker, other) = parse_markers(body * 2 + f"success: Created{ending}")
    assert (marker.timestamp, marker.transferred) == (1801000007, 77)
    assert marker.fields["RemoteConnections"] == "tcp:[2001:db8::5]:1094"
    assert other == marker
    assert parse_result(body + f"  success: Created{ending}")[0]


def test_a_marker_that_is_cut_is_none_and_spoils_no_other():
    whole = MARKER.format("1801000007", "")
    assert (
        len(parse_markers(f"Perf Marker\nTimestamp: 18\n{whole}Perf Marker\nTimestamp: 1801")) == 1
    )


@given(st.integers(0, 10**17), st.integers(0, 10**17), st.sampled_from(["\n", "\r\n"]))
def test_a_marker_that_is_printed_is_read_again(stamp, sent, ending):
    lines = ["Perf Marker", f" Timestamp: {stamp}", f" Stripe Bytes Transferred: {sent}", "End", ""]
    (marker,) = parse_markers(ending.join(lines))
    assert (marker.timestamp, marker.transferred) == (stamp, sent)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_listing_or_told(body):
    try:
        assert isinstance(parse_listing(body), dict)
    except AssertionError as error:
        assert "the listing is not " in str(error)  # noqa: PT017, any other is the failure
