"""`Overwrite: F` protects existing files (RFC 4918, sections 9.8.4 and 9.9.3)."""

import pytest

pytestmark = [
    pytest.mark.requirement("XFER-022"),
    pytest.mark.killed_by("ignores-overwrite", "overwrites-and-answers-412"),
]


@pytest.mark.needs("webdav", "read")
def test_a_file_is_not_moved_onto_another(route, storage, member, rejected):
    """MOVE with `Overwrite: F` onto an existing file is answered 412 and changes nothing."""
    area = storage.at(route.resource)
    there = area.put("4 KiB", by=member)
    files = [moved := area.put("1 KiB", by=member), area.put("1 KiB", by=member)]
    answer = rejected(
        lambda to: files.pop().move(to, by=member, overwrite=False), good=area.file(), bad=there
    )
    assert answer.status == 412, f"expected 412, got {answer}"
    assert there.get(by=member).body == there.data.content
    assert moved.get(by=member).body == moved.data.content


@pytest.mark.needs("webdav", "copy")
def test_a_file_is_not_copied_onto_its_neighbour(route, storage, member, rejected):
    """COPY within a storage with `Overwrite: F` onto an existing file is answered 412."""
    area = storage.at(route.resource)
    file, there = area.put("1 KiB", by=member), area.put("4 KiB", by=member)
    answer = rejected(
        lambda to: file.duplicate(to, by=member, overwrite=False),
        good=(copy := area.file()),
        bad=there,
    )
    assert answer.status == 412, f"expected 412, got {answer}"
    assert there.get(by=member).body == there.data.content
    assert copy.get(by=member).body == file.get(by=member).body == file.data.content


@pytest.mark.needs("webdav", "third-party-copy")
def test_a_file_is_not_pulled_onto_another(route, storage, member, rejected):
    """A pull (COPY) with `Overwrite: F` onto an existing file is answered 412 and changes nothing."""
    source = storage.at(route.home).put("1 KiB", by=member)
    area = storage.at(route.resource)
    there = area.put("4 KiB", by=member)
    answer = rejected(
        lambda to: to.fetch(source, by=member, source_by=member, overwrite=False),
        good=area.file(),
        bad=there,
    )
    assert answer.status == 412, f"expected 412, got {answer}"
    assert there.get(by=member).body == there.data.content
