"""A scope for data without a path grants nothing (WLCG Token Profile, section 2.2.1)."""

import pytest


@pytest.mark.needs("webdav", "read")
@pytest.mark.requirement("AUTHZ-001")
@pytest.mark.killed_by("takes-no-path-for-all-paths")
def test_a_scope_without_a_path_grants_nothing(route, storage, member, forge, refused):
    """`storage.read` without a path gives no access; with the path `/` it does."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    audience = file.area.audience
    refused(
        lambda token: file.get(by=token),
        good=forge.token(member, audience=audience, claims={"scope": "storage.read:/"}),
        bad=forge.token(member, audience=audience, claims={"scope": "storage.read"}),
    )
