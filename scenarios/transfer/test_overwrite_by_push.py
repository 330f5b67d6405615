"""`Overwrite: F` protects existing files from a push, wherever they are (RFC 4918, section 9.8.4)."""

import pytest

pytestmark = [
    pytest.mark.requirement("XFER-022"),
    pytest.mark.killed_by("ignores-overwrite", "overwrites-and-answers-412"),
]


def protects(source, area, member, rejected):
    """A push onto an existing file must be answered 412, and one to a new name must succeed."""
    there = area.put("4 KiB", by=member)
    answer = rejected(
        lambda to: source.send(to, by=member, destination_by=member, overwrite=False),
        good=(copy := area.copy_of(source)),
        bad=there,
    )
    assert answer.status == 412, f"expected 412, got {answer}"
    assert there.get(by=member).body == there.data.content
    assert copy.get(by=member).body == source.data.content


@pytest.mark.needs("webdav", "third-party-copy")
def test_a_storage_pushes_nothing_onto_a_file(route, storage, member, rejected):
    """A push (COPY) with `Overwrite: F` onto an existing file at the home storage is answered 412."""
    source = storage.at(route.resource).put("1 KiB", by=member)
    protects(source, storage.at(route.home), member, rejected)


@pytest.mark.needs("webdav", "third-party-copy", side="home")
def test_the_home_storage_pushes_nothing_onto_a_file(route, storage, member, rejected):
    """A push (COPY) from the home storage with `Overwrite: F` onto an existing file is answered 412."""
    source = storage.at(route.home).put("1 KiB", by=member)
    protects(source, storage.at(route.resource), member, rejected)
