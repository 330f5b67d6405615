"""A user stores, reads, describes and deletes files at the remote storage."""

import datetime as dt

import pytest

from harness.services.storage.answers import parse_listing

CLOCKS = dt.timedelta(minutes=5)
"""By how much the clocks of user and storage may differ."""

BYTES_LOST = pytest.mark.killed_by("flips-a-byte", "loses-the-end-of-uploads")


@pytest.mark.requirement("AUTHZ-003", "AUTHZ-005")
@pytest.mark.killed_by("stores-nothing")
@pytest.mark.parametrize(
    "size",
    [
        pytest.param("0 B", marks=pytest.mark.killed_by("refuses-empty-files")),
        pytest.param("1 B", marks=BYTES_LOST),
        pytest.param("1 MiB", marks=BYTES_LOST),
    ],
)
def test_a_file_comes_back_as_it_was_stored(route, storage, member, size):
    """A file is read back exactly as it was stored."""
    file = storage.at(route.resource).put(size, by=member)
    assert file.get(by=member).expect_ok().body == file.data.content


@pytest.mark.requirement("XFER-017")
@pytest.mark.needs("webdav", "checksum")
@pytest.mark.killed_by("tells-wrong-checksums", "tells-no-checksums", "loses-the-end-of-uploads")
def test_the_storage_tells_the_checksum_of_a_file(route, storage, member):
    """The storage reports the same adler32 checksum that the user computed."""
    file = storage.at(route.resource).put("1 MiB", by=member)
    assert file.checksum("adler32") == file.data.adler32


@pytest.mark.requirement("XFER-023")
@pytest.mark.killed_by("lists-no-new-files", "lists-no-sizes", "lists-wrong-sizes")
@pytest.mark.killed_by("lists-no-times", "lists-old-times", "lists-with-status-200")
def test_a_listing_shows_name_size_and_time(route, storage, member):
    """PROPFIND answers 207 with the size and the time of the file just written."""
    area = storage.at(route.resource)
    file = area.put("3 KiB", by=member)
    now = dt.datetime.now(dt.UTC)
    listing = area.list(by=member).expect_ok()
    assert listing.status == 207
    shown = parse_listing(listing.text).get(file.name)
    assert shown is not None, f"the file is not listed: {listing.text}"
    assert shown.size == file.data.size, (
        f"the listing reports {shown.size} bytes instead of {file.data.size}"
    )
    assert shown.modified is not None, f"the listing has no time: {listing.text}"
    assert abs(shown.modified - now) < CLOCKS, f"{shown.modified} was reported at {now}"


@pytest.mark.requirement("XFER-024")
@pytest.mark.killed_by("never-deletes")
def test_a_deleted_file_is_gone(route, storage, member):
    """DELETE of a file is followed by 404 on GET."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    file.delete(by=member).expect_ok()
    assert file.get(by=member).status == 404


@pytest.mark.requirement("AUTHZ-012")
@pytest.mark.killed_by("refuses-overwriting", "keeps-the-old-bytes")
def test_a_file_is_overwritten(route, storage, member):
    """`storage.modify` permits overwriting a file."""
    area = storage.at(route.resource)
    area.put("4 KiB", by=member, name="data")
    second = area.put("1 KiB", by=area.token(member, "storage.modify"), name="data")
    assert second.get(by=member).body == second.data.content


@pytest.mark.requirement("AUTHZ-014")
@pytest.mark.killed_by("tells-wrong-sizes")
@pytest.mark.parametrize(
    "action",
    [
        pytest.param("storage.read", marks=pytest.mark.killed_by("hides-sizes-from-readers")),
        pytest.param("storage.create", marks=pytest.mark.killed_by("hides-sizes-from-creators")),
        pytest.param("storage.modify", marks=pytest.mark.killed_by("hides-sizes-from-modifiers")),
    ],
)
def test_size_may_be_asked_with_any_scope(route, storage, member, action):
    """The read, create and modify scopes each permit asking for the size of a file on their path."""
    area = storage.at(route.resource)
    file = area.put("4 KiB", by=member)
    answer = file.stat(by=area.token(member, action)).expect_ok()
    assert answer.headers["content-length"] == str(file.data.size)
