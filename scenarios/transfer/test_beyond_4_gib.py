"""A file larger than 4 GiB."""

import pytest

from harness.services.storage.answers import parse_listing

START = 2**32
TEXT = "beyond 4 GiB"


@pytest.fixture
def file(route, storage, xroot, commands):
    """A file of more than 4 GiB at the remote storage: only its end was written, the rest is a hole."""
    file = storage.at(route.resource).file()
    commands.write_at(START, TEXT, xroot.url(file), token=xroot.token).expect_ok()
    return file


@pytest.mark.requirement("XFER-019")
@pytest.mark.needs("webdav", "read")
@pytest.mark.killed_by("counts-in-32-bits")
@pytest.mark.parametrize(
    ("first", "expected"),
    [
        pytest.param(START, TEXT.encode(), id="behind"),
        pytest.param(START + 7, TEXT.encode()[7:], id="well behind"),
    ],
)
def test_a_range_beyond_4_gib_brings_its_bytes(file, member, first, expected):
    """A range beyond the first 4 GiB of a file is answered 206 with exactly those bytes."""
    last = START + len(TEXT) - 1
    answer = file.get(by=member, byte_range=f"{first}-{last}").expect_ok()
    assert answer.status == 206, f"expected 206, got {answer}"
    assert answer.body == expected


@pytest.mark.requirement("XFER-023", "XFER-025")
@pytest.mark.needs("webdav", "read")
@pytest.mark.killed_by("counts-in-32-bits", "lists-wrong-sizes")
def test_a_size_beyond_4_gib_is_told(file, member):
    """HEAD and a listing report the full size of a file larger than 4 GiB."""
    size = START + len(TEXT)
    assert int(file.stat(by=member).expect_ok().headers["content-length"]) == size
    listing = file.area.list(by=member).expect_ok()
    assert parse_listing(listing.text)[file.name].size == size
