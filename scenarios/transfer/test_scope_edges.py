"""Edge cases of scopes: missing folders, a trailing slash, and renaming."""

import pytest


@pytest.mark.requirement("AUTHZ-008")
@pytest.mark.killed_by("refuses-missing-parents")
def test_a_scope_to_create_makes_missing_folders(route, storage, member):
    """`storage.create:/a/b` permits storing `/a/b/c` even if `/a` does not exist yet."""
    area = storage.at(route.resource)
    file = area.file("year/month/data")
    file.upload(by=area.token(member, "storage.create", path="year/month")).expect_ok()
    assert file.get(by=member).expect_ok().body == file.data.content


@pytest.mark.requirement("AUTHZ-010")
@pytest.mark.killed_by("ignores-slashes-at-the-end")
def test_a_slash_at_the_end_makes_a_folder(route, storage, member, forge, refused):
    """`storage.create:/a/` does not permit storing a file `/a`; `storage.create:/a` does."""
    area = storage.at(route.resource)
    file = area.file("results")
    scope = area.scope("storage.modify", path="results")
    refused(
        lambda scope: file.upload(by=forge.token(member, audience=area.audience, scope=scope)),
        good=scope,
        bad=f"{scope}/",
    )


@pytest.mark.requirement("AUTHZ-004")
@pytest.mark.killed_by("renames-with-a-scope-to-read")
def test_renaming_with_a_scope_to_read_is_refused(route, storage, member, refused):
    """`storage.read` does not permit renaming a file."""
    area = storage.at(route.resource)
    files = [area.put("1 KiB", by=member) for _ in range(2)]
    refused(
        lambda token: files.pop().move(area.file(), by=token),
        good=area.token(member, "storage.modify"),
        bad=area.token(member, "storage.read"),
    )


@pytest.mark.requirement("AUTHZ-011")
@pytest.mark.killed_by("renames-over-with-a-scope-to-create")
def test_a_scope_to_create_renames_nothing_onto_a_file(route, storage, member, refused):
    """`storage.create` does not permit renaming a file onto an existing one."""
    area = storage.at(route.resource)
    there = area.put("4 KiB", by=member)
    files = [area.put("1 KiB", by=member) for _ in range(2)]
    onto = [there, area.put("1 KiB", by=member)]
    refused(
        lambda token: files.pop().move(onto.pop(), by=token),
        good=area.token(member, "storage.modify"),
        bad=area.token(member, "storage.create"),
    )
    assert there.get(by=member).body == there.data.content
