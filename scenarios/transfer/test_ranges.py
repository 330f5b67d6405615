"""Parts of a file (RFC 9110, section 14)."""

import pytest

pytestmark = [
    pytest.mark.needs("webdav", "read"),
    pytest.mark.requirement("XFER-019"),
    pytest.mark.killed_by("ignores-ranges"),
]


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        pytest.param("0-9", slice(0, 10), marks=pytest.mark.killed_by("flips-a-byte")),
        pytest.param("1000-2999", slice(1000, 3000), marks=pytest.mark.killed_by("flips-a-byte")),
        pytest.param("-5", slice(-5, None), id="the last 5"),
        pytest.param("4000-9999", slice(4000, None), id="more than there is"),
    ],
)
def test_a_range_brings_exactly_its_bytes(route, storage, member, asked, part):
    """A range of a file is answered 206 with exactly those bytes."""
    file = storage.at(route.resource).put("4 KiB", by=member)
    answer = file.get(by=member, byte_range=asked).expect_ok()
    assert answer.status == 206, f"expected 206, got {answer}"
    assert answer.body == file.data.content[part]


def test_a_range_outside_the_file_is_refused(route, storage, member, rejected):
    """A range that begins beyond the end of the file is answered 416."""
    file = storage.at(route.resource).put("4 KiB", by=member)
    answer = rejected(
        lambda asked: file.get(by=member, byte_range=asked), good="4000-4095", bad="4096-5000"
    )
    assert answer.status == 416, f"expected 416, got {answer}"
