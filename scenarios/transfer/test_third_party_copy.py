"""Two storages copy a file between them at the user's request."""

import pytest

pytestmark = pytest.mark.needs("webdav", "third-party-copy")


@pytest.mark.requirement("XFER-001", "XFER-008", "XFER-017", "XFER-025")
@pytest.mark.killed_by("copies-nothing", "tells-wrong-checksums")
@pytest.mark.parametrize(
    "size", ["0 B", pytest.param("1 MiB", marks=pytest.mark.killed_by("flips-a-byte"))]
)
def test_a_pulled_copy_keeps_its_checksum(route, storage, member, size):
    """A file that the remote storage pulls from the home storage keeps its adler32 checksum."""
    source = storage.at(route.home).put(size, by=member)
    copy = storage.at(route.resource).pull(source, by=member)
    assert copy.checksum("adler32") == source.checksum("adler32") == source.data.adler32


@pytest.mark.needs("webdav", "third-party-copy", side="home")
@pytest.mark.requirement("XFER-001", "XFER-008", "XFER-017", "XFER-025")
@pytest.mark.killed_by("stores-nothing", "tells-wrong-checksums")
@pytest.mark.parametrize(
    "size",
    [
        pytest.param("0 B", marks=pytest.mark.killed_by("refuses-empty-files")),
        pytest.param("1 MiB", marks=pytest.mark.killed_by("loses-the-end-of-uploads")),
    ],
)
def test_a_pushed_copy_keeps_its_checksum(route, storage, member, size):
    """A file that the home storage pushes to the remote storage keeps its adler32 checksum."""
    source = storage.at(route.home).put(size, by=member)
    copy = storage.at(route.resource).push(source, by=member)
    assert copy.checksum("adler32") == source.checksum("adler32") == source.data.adler32


@pytest.mark.requirement("XFER-017", "XFER-025")
@pytest.mark.killed_by("cuts-large-files")
def test_a_large_file_is_copied(route, storage, member):
    """A file of 256 MiB that is pulled from the home storage keeps its adler32 checksum."""
    source = storage.at(route.home).put("256 MiB", by=member)
    copy = storage.at(route.resource).pull(source, by=member)
    assert copy.checksum("adler32") == source.data.adler32
