"""A user stores, reads, describes and deletes files at the remote storage."""

import pytest

pytestmark = pytest.mark.needs("webdav", "write")


@pytest.mark.requirement("AUTHZ-003", "AUTHZ-005")
@pytest.mark.parametrize("size", ["0 B", "1 B", "1 MiB"])
def test_a_file_comes_back_as_it_was_stored(route, storage, member, size):
    """What a member stored is read back byte by byte."""
    file = storage.at(route.resource).put(size, by=member)
    assert file.get(by=member).expect_ok().body == file.data.content


@pytest.mark.requirement("XFER-017")
@pytest.mark.needs("webdav", "checksum")
def test_the_storage_tells_the_checksum_of_a_file(route, storage, member):
    """The adler32 that the storage tells is the one that the user computed before."""
    file = storage.at(route.resource).put("1 MiB", by=member)
    assert file.checksum("adler32") == file.data.adler32


@pytest.mark.requirement("XFER-023")
def test_a_listing_shows_name_size_and_time(route, storage, member):
    """PROPFIND answers 207 with the size and the time of the file just written."""
    area = storage.at(route.resource)
    file = area.put("4 KiB", by=member)
    listing = area.list(by=member).expect_ok()
    assert listing.status == 207
    assert file.name in listing.text
    assert "getlastmodified" in listing.text
    assert f">{file.data.size}<" in listing.text


@pytest.mark.requirement("XFER-024")
def test_a_deleted_file_is_gone(route, storage, member):
    """DELETE of a file is followed by 404 on GET."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    file.delete(by=member).expect_ok()
    assert file.get(by=member).status == 404


@pytest.mark.requirement("AUTHZ-012")
def test_a_file_is_overwritten(route, storage, member):
    """`storage.modify` permits to store other bytes under a name that is taken."""
    area = storage.at(route.resource)
    area.put("4 KiB", by=member, name="data")
    second = area.put("1 KiB", by=area.token(member, "storage.modify"), name="data")
    assert second.get(by=member).body == second.data.content


@pytest.mark.requirement("AUTHZ-014")
@pytest.mark.parametrize("action", ["storage.read", "storage.create", "storage.modify"])
def test_size_may_be_asked_with_any_scope(route, storage, member, action):
    """Read, create and modify each permit to ask for the size of a file on their paths."""
    area = storage.at(route.resource)
    file = area.put("4 KiB", by=member)
    answer = file.stat(by=area.token(member, action)).expect_ok()
    assert answer.headers["content-length"] == str(file.data.size)
