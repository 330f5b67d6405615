"""What a token must permit for a copy within one storage (RFC 4918, section 9.8)."""

import pytest

pytestmark = [
    pytest.mark.needs("webdav", "copy"),
    pytest.mark.killed_by("ignores-scopes"),
]


@pytest.mark.requirement("AUTHZ-012", "AUTHZ-002")
@pytest.mark.killed_by("ignores-paths-of-scopes")
def test_a_file_that_may_not_be_read_is_not_copied(route, storage, member, refused):
    """A token that does not permit reading a file does not permit copying it."""
    area = storage.at(route.resource)
    file = area.put("1 KiB", by=member, name="file")
    create = area.scope("storage.create")
    refused(
        lambda readable: file.duplicate(
            area.file(),
            by=member.token(area.audience, f"{create} {area.scope('storage.read', path=readable)}"),
        ),
        good="file",
        bad="another",
    )


@pytest.mark.requirement("AUTHZ-006")
@pytest.mark.killed_by("copies-over-with-a-scope-to-create")
def test_a_copy_overwrites_nothing_with_a_scope_to_create(route, storage, member, refused):
    """`storage.create` permits a copy to a new name, but not onto an existing file."""
    area = storage.at(route.resource)
    file, there = (area.put("1 KiB", by=member) for _ in range(2))
    token = area.token(member, "storage.read", "storage.create")
    refused(lambda to: file.duplicate(to, by=token), good=area.file(), bad=there)
    assert there.get(by=member).body == there.data.content


@pytest.mark.requirement("AUTHZ-004")
def test_a_scope_to_read_makes_no_copy(route, storage, member, refused):
    """`storage.read` alone does not permit copying a file."""
    area = storage.at(route.resource)
    file = area.put("1 KiB", by=member)
    refused(
        lambda token: file.duplicate(area.file(), by=token),
        good=area.token(member, "storage.read", "storage.create"),
        bad=area.token(member, "storage.read"),
    )
