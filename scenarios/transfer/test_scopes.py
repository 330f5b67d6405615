"""Requests that a token's scopes permit work; others are refused."""

import pytest

pytestmark = pytest.mark.killed_by("ignores-scopes")


@pytest.mark.requirement("AUTHZ-012")
@pytest.mark.killed_by("reads-with-a-scope-to-write")
def test_reading_with_a_scope_to_write_is_refused(route, storage, member, refused):
    """`storage.modify` does not permit reading data."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    refused(
        lambda token: file.get(by=token),
        good=file.area.token(member, "storage.read"),
        bad=file.area.token(member, "storage.modify"),
    )


@pytest.mark.requirement("AUTHZ-027")
@pytest.mark.killed_by("reads-with-a-scope-to-create")
def test_reading_with_a_scope_to_create_is_refused(route, storage, member, refused):
    """`storage.create` does not permit reading data."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    refused(
        lambda token: file.get(by=token),
        good=file.area.token(member, "storage.read"),
        bad=file.area.token(member, "storage.create"),
    )


@pytest.mark.requirement("AUTHZ-004", "AUTHZ-005")
@pytest.mark.killed_by("writes-with-a-scope-to-read")
def test_writing_with_a_scope_to_read_is_refused(route, storage, member, refused):
    """`storage.read` does not permit storing a file; `storage.create` does."""
    area = storage.at(route.resource)
    refused(
        lambda token: area.file().upload(by=token),
        good=area.token(member, "storage.create"),
        bad=area.token(member, "storage.read"),
    )


@pytest.mark.requirement("AUTHZ-004", "AUTHZ-007")
@pytest.mark.parametrize(
    "action",
    [
        pytest.param("storage.read", marks=pytest.mark.killed_by("deletes-with-a-scope-to-read")),
        pytest.param(
            "storage.create", marks=pytest.mark.killed_by("deletes-with-a-scope-to-create")
        ),
    ],
)
def test_deleting_with_a_lesser_scope_is_refused(route, storage, member, refused, action):
    """Neither `storage.read` nor `storage.create` permits deleting."""
    area = storage.at(route.resource)
    files = [area.put("1 KiB", by=member) for _ in range(2)]
    refused(
        lambda token: files.pop().delete(by=token),
        good=area.token(member, "storage.modify"),
        bad=area.token(member, action),
    )


@pytest.mark.requirement("AUTHZ-006")
@pytest.mark.killed_by("overwrites-with-a-scope-to-create")
def test_overwriting_with_a_scope_to_create_is_refused(route, storage, member, refused):
    """`storage.create` does not permit overwriting a file."""
    area = storage.at(route.resource)
    file = area.put("1 KiB", by=member)
    refused(
        lambda token: file.upload(by=token),
        good=area.token(member, "storage.modify"),
        bad=area.token(member, "storage.create"),
    )
