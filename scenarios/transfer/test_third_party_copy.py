"""Two storages copy a file between them; the user only asks."""

import pytest

pytestmark = pytest.mark.needs("webdav", "third-party-copy")


@pytest.mark.requirement("XFER-001", "XFER-008", "XFER-017", "XFER-025")
@pytest.mark.parametrize("size", ["0 B", "1 MiB"])
def test_a_pulled_copy_keeps_its_checksum(route, storage, member, size):
    """A file that the remote storage pulls from the home storage arrives with its adler32."""
    source = storage.at(route.home).put(size, by=member)
    copy = storage.at(route.resource).pull(source, by=member)
    assert copy.checksum("adler32") == source.checksum("adler32") == source.data.adler32


@pytest.mark.requirement("XFER-001", "XFER-008", "XFER-017", "XFER-025")
@pytest.mark.parametrize("size", ["0 B", "1 MiB"])
def test_a_pushed_copy_keeps_its_checksum(route, storage, member, size):
    """A file that the home storage pushes to the remote storage arrives with its adler32."""
    source = storage.at(route.home).put(size, by=member)
    copy = storage.at(route.resource).push(source, by=member)
    assert copy.checksum("adler32") == source.checksum("adler32") == source.data.adler32


@pytest.mark.requirement("XFER-017", "XFER-025")
def test_a_large_file_is_copied(route, storage, member):
    """256 MiB pulled from the home storage arrive with their adler32."""
    source = storage.at(route.home).put("256 MiB", by=member)
    copy = storage.at(route.resource).pull(source, by=member)
    assert copy.checksum("adler32") == source.data.adler32


@pytest.mark.requirement("XFER-010", "AUTHZ-004")
def test_a_pull_of_what_may_not_be_read_is_no_success(route, storage, member, refused):
    """A pull whose token for the source lacks `storage.read` is reported as a failure."""
    source = storage.at(route.home).put("1 KiB", by=member)
    area = storage.at(route.resource)
    readable = source.area.token(member, "storage.read")
    writable = source.area.token(member, "storage.modify")
    refused(
        lambda token: area.file().fetch(source, by=member, source_by=token),
        good=readable,
        bad=writable,
    )


@pytest.mark.requirement("XFER-010", "AUTHZ-004")
def test_a_push_to_where_may_not_be_written_is_no_success(route, storage, member, refused):
    """A push whose token for the destination lacks `storage.create` is reported as a failure."""
    source = storage.at(route.home).put("1 KiB", by=member)
    area = storage.at(route.resource)
    refused(
        lambda token: source.send(area.file(), by=member, destination_by=token),
        good=area.token(member, "storage.modify"),
        bad=area.token(member, "storage.read"),
    )


@pytest.mark.requirement("XFER-012")
def test_a_failed_pull_leaves_no_file(route, storage, member):
    """A pull of a file that is not there is reported as a failure and leaves nothing behind."""
    copy = storage.at(route.resource).file()
    missing = storage.at(route.home).file()
    assert not copy.fetch(missing, by=member, source_by=member).ok
    assert copy.get(by=member).status == 404
