"""How a storage reports the progress of a third-party copy (HTTP-TPC, response and progress)."""

import time

import pytest

from harness.services.storage.answers import parse_markers

CLOCKS = 300
"""Seconds by which the clocks of user and storage may differ."""

pytestmark = [
    pytest.mark.needs("webdav", "third-party-copy"),
    pytest.mark.killed_by("answers-when-copied"),
]


@pytest.mark.requirement("XFER-003")
def test_a_copy_is_accepted_with_a_stream_of_markers(route, storage, member):
    """A pull is answered 202 with `text/perf-marker-stream`."""
    source = storage.at(route.home).put("1 MiB", by=member)
    copy = storage.at(route.resource).file()
    answer = copy.fetch(source, by=member, source_by=member).expect_ok()
    assert answer.status == 202, f"expected 202, got {answer}"
    assert answer.headers["content-type"].startswith("text/perf-marker-stream")


@pytest.mark.requirement("XFER-007")
@pytest.mark.killed_by("sends-markers-without-time")
def test_markers_of_a_copy_tell_the_time(route, storage, member):
    """A pull sends performance markers, each with a time stamp."""
    source = storage.at(route.home).put("1 MiB", by=member)
    copy = storage.at(route.resource).file()
    answer = copy.fetch(source, by=member, source_by=member).expect_ok()
    markers = parse_markers(answer.text)
    assert markers, f"no marker with a time stamp was received: {answer}"
    for marker in markers:
        assert abs(marker.timestamp - time.time()) < CLOCKS, marker
