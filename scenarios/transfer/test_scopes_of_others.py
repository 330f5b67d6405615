"""Scopes that do not permit reading data: for tape, for computing, for groups."""

import pytest

pytestmark = pytest.mark.needs("webdav", "read")


STAGING = pytest.mark.requirement("AUTHZ-013"), pytest.mark.killed_by("reads-with-a-scope-to-stage")
POLLING = pytest.mark.requirement("AUTHZ-015"), pytest.mark.killed_by("reads-with-a-scope-to-poll")


@pytest.mark.parametrize(
    ("action", "version"),
    [
        pytest.param("storage.stage", "1.0", id="storage.stage of 1.0", marks=STAGING),
        pytest.param("storage.stage", "1.3", id="storage.stage of 1.3", marks=STAGING),
        pytest.param("storage.poll", "1.0", id="storage.poll", marks=POLLING),
    ],
)
def test_scopes_for_tape_do_not_read(route, storage, member, forge, refused, action, version):
    """Neither `storage.stage`, in any version of the profile, nor `storage.poll` permits reading."""
    area = storage.at(route.resource)
    file = area.put("1 KiB", by=member)
    refused(
        lambda action: file.get(
            by=forge.token(
                member,
                audience=area.audience,
                claims={"scope": area.scope(action), "wlcg.ver": version},
            )
        ),
        good="storage.read",
        bad=action,
    )


@pytest.mark.requirement("AUTHZ-014")
@pytest.mark.killed_by("hides-sizes-from-stagers")
def test_size_may_be_asked_with_a_scope_to_stage(route, storage, member):
    """`storage.stage` permits asking for the size of a file on its path."""
    area = storage.at(route.resource)
    file = area.put("4 KiB", by=member)
    answer = file.stat(by=area.token(member, "storage.stage")).expect_ok()
    assert answer.headers["content-length"] == str(file.data.size)


@pytest.mark.requirement("AUTHZ-024")
@pytest.mark.killed_by("reads-with-a-scope-to-compute", "ignores-scopes")
def test_scopes_to_compute_do_not_read(route, storage, member, refused):
    """A token with all compute scopes cannot read a file."""
    area = storage.at(route.resource)
    file = area.put("1 KiB", by=member)
    compute = "compute.read compute.create compute.modify compute.cancel"
    refused(
        lambda token: file.get(by=token),
        good=area.token(member, "storage.read"),
        bad=member.token(area.audience, compute),
    )


@pytest.mark.requirement("AUTHZ-020")
@pytest.mark.killed_by("lets-groups-in", "ignores-paths-of-scopes")
def test_groups_add_nothing_to_a_capability(route, storage, member, refused):
    """A token for one folder does not permit reading another, even with a group claim."""
    area, elsewhere = (storage.at(route.resource) for _ in range(2))
    file = area.put("1 KiB", by=member)
    bad = member.token(area.audience, f"entitlements {elsewhere.scope('storage.read')}")
    assert route.home.entitlement in bad.told(route.home.claims.entitlements)
    refused(lambda token: file.get(by=token), good=area.token(member, "storage.read"), bad=bad)
