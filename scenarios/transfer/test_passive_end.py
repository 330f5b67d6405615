"""The passive end of a copy: another storage pulls from it, or pushes to it."""

import pytest


@pytest.mark.requirement("AUTHZ-005", "XFER-024")
@pytest.mark.killed_by("flips-a-byte", "never-deletes")
def test_a_file_is_stored_read_and_deleted(route, storage, member):
    """A file is read back exactly as it was stored, and is gone after DELETE."""
    file = storage.at(route.resource).put("1 MiB", by=member)
    assert file.get(by=member).expect_ok().body == file.data.content
    file.delete(by=member).expect_ok()
    assert file.get(by=member).status == 404


@pytest.mark.needs("webdav", "third-party-copy", side="home")
@pytest.mark.requirement("XFER-001", "XFER-025")
@pytest.mark.killed_by("flips-a-byte")
def test_the_home_storage_pulls_from_it(route, storage, member):
    """A file that the home storage pulls from the endpoint keeps its adler32 checksum."""
    source = storage.at(route.resource).put("1 MiB", by=member)
    copy = storage.at(route.home).pull(source, by=member)
    assert copy.checksum("adler32") == source.data.adler32


@pytest.mark.needs("webdav", "third-party-copy", side="home")
@pytest.mark.requirement("XFER-001", "XFER-025")
@pytest.mark.killed_by("loses-the-end-of-uploads", "stores-nothing")
def test_the_home_storage_pushes_to_it(route, storage, member):
    """A file that the home storage pushes to the endpoint keeps its adler32 checksum."""
    source = storage.at(route.home).put("1 MiB", by=member)
    copy = storage.at(route.resource).push(source, by=member)
    assert copy.read_adler32() == source.data.adler32


@pytest.mark.requirement("AUTHZ-002", "AUTHZ-012")
@pytest.mark.parametrize(
    ("action", "path"),
    [
        pytest.param(
            "storage.modify",
            "results",
            id="a scope to write",
            marks=pytest.mark.killed_by("reads-with-a-scope-to-write", "ignores-scopes"),
        ),
        pytest.param(
            "storage.read",
            "result",
            id="the beginning of the name",
            marks=pytest.mark.killed_by("compares-paths-by-letters", "ignores-paths-of-scopes"),
        ),
    ],
)
def test_reading_without_the_scope_is_refused(route, storage, member, refused, action, path):
    """Neither a write scope nor a scope for a prefix of the name permits reading."""
    area = storage.at(route.resource)
    file = area.put("1 KiB", by=member, name="results")
    refused(
        lambda token: file.get(by=token),
        good=area.token(member, "storage.read", path="results"),
        bad=area.token(member, action, path=path),
    )
