"""A scope covers its path and everything below it, and nothing else."""

from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.needs("webdav", "read")


@pytest.mark.requirement("AUTHZ-003", "AUTHZ-022")
@pytest.mark.killed_by("ignores-paths-of-scopes", "ignores-scopes")
def test_a_path_outside_the_scope_is_refused(route, storage, member, refused):
    """A scope for one folder does not cover another folder."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    elsewhere = storage.at(route.resource)
    refused(
        lambda token: file.get(by=token),
        good=file.area.token(member, "storage.read"),
        bad=elsewhere.token(member, "storage.read"),
    )


@pytest.mark.requirement("AUTHZ-016")
@pytest.mark.needs("webdav", "scope-prefix")
@pytest.mark.killed_by("takes-paths-of-urls-for-scopes", "ignores-paths-of-scopes")
def test_the_path_of_a_scope_begins_at_the_issuer_s_prefix(route, storage, member, refused):
    """With the prefix `/vo`, `storage.read:/x` covers `/vo/x`, and `storage.read:/vo/x` does not."""
    area = storage.at(route.resource, capability="scope-prefix")
    file = area.put("1 KiB", by=member)
    refused(
        lambda token: file.get(by=token),
        good=area.token(member, "storage.read", path=file.name),
        bad=member.token(area.audience, f"storage.read:{urlsplit(file.url).path}"),
    )
    file.get(by=member.token(area.audience, "storage.read:/")).expect_ok()


@pytest.mark.requirement("AUTHZ-002")
@pytest.mark.killed_by("compares-paths-by-letters", "ignores-paths-of-scopes")
def test_a_scope_for_the_beginning_of_a_name_is_refused(route, storage, member, refused):
    """`storage.read:/a` does not cover `/ab`: paths are compared by component."""
    area = storage.at(route.resource)
    file = area.put("1 KiB", by=member, name="results")
    refused(
        lambda token: file.get(by=token),
        good=area.token(member, "storage.read", path="results"),
        bad=area.token(member, "storage.read", path="result"),
    )


@pytest.mark.requirement("AUTHZ-002", "AUTHZ-009")
@pytest.mark.killed_by("compares-paths-by-letters", "ignores-paths-of-scopes")
def test_a_scope_to_create_beside_its_path_is_refused(route, storage, member, refused):
    """`storage.create:/a` does not permit storing `/ab`."""
    area = storage.at(route.resource)
    file = area.file("results")
    refused(
        lambda token: file.upload(by=token),
        good=area.token(member, "storage.modify", path="results"),
        bad=area.token(member, "storage.modify", path="result"),
    )


@pytest.mark.requirement("AUTHZ-019")
@pytest.mark.killed_by("honours-one-path-of-a-scope")
def test_every_path_of_a_scope_is_honoured(route, storage, member):
    """A token with two `storage.read` paths covers both."""
    first, second = (storage.at(route.resource).put("1 KiB", by=member) for _ in range(2))
    scope = f"{first.area.scope('storage.read')} {second.area.scope('storage.read')}"
    token = member.token(first.area.audience, scope)
    for file in (first, second):
        assert file.get(by=token).expect_ok().body == file.data.content
