"""What a service must tolerate: a small clock skew, and either signature algorithm."""

import pytest

from harness.services.storage.client import FULL_SCOPE

EARLY = {"nbf": ("nbf",), "all times": ("nbf", "iat")}
CLOCKS = pytest.mark.parametrize("early", EARLY.values(), ids=EARLY.keys())


@pytest.fixture
def ahead(forge, early):
    """A member's token of an issuer whose clock is half a minute ahead."""

    def made(member, audience, scope):
        now = forge.token(member, audience=audience, scope=scope, not_before=0).claims
        later = dict.fromkeys(early, now["iat"] + 30)
        return forge.token(member, audience=audience, scope=scope, claims=later)

    return made


@pytest.mark.requirement("AUTH-019")
@pytest.mark.killed_by("allows-no-skew")
@CLOCKS
def test_a_cloud_allows_for_clocks_that_differ(route, cloud, member, ahead):
    """The cloud accepts a token that becomes valid in half a minute (clock skew)."""
    site = cloud.at(route.resource)
    site.login(by=ahead(member, site.audience, "openid entitlements")).expect_ok()


@pytest.mark.requirement("AUTH-019")
@pytest.mark.killed_by("allows-no-skew")
@pytest.mark.needs("webdav", "read")
@CLOCKS
def test_a_storage_allows_for_clocks_that_differ(route, storage, member, ahead):
    """The storage accepts a token that becomes valid in half a minute (clock skew)."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    file.get(by=ahead(member, file.area.audience, FULL_SCOPE)).expect_ok()


@pytest.fixture
def both(issuers, testbed):
    """A member for each algorithm by which issuers sign; where all sign with one, nothing is shown."""
    members = [issuers.user(home, "member") for home in testbed.infrastructures]
    found = {user.token().header["alg"]: user for user in members}
    assert found.keys() == {"RS256", "ES256"}, f"the issuers sign with {sorted(found)}"
    return tuple(found.values())


@pytest.mark.requirement("AUTH-029")
@pytest.mark.killed_by("refuses-es256", "refuses-rs256")
def test_a_cloud_accepts_both_algorithms(route, cloud, both):
    """The cloud accepts tokens signed with RS256 and with ES256."""
    site = cloud.at(route.resource)
    for user in both:
        site.login(by=user, of=user.infrastructure).expect_ok()


@pytest.mark.requirement("AUTH-029")
@pytest.mark.killed_by("refuses-es256", "refuses-rs256")
@pytest.mark.needs("webdav", "read")
def test_a_storage_accepts_both_algorithms(route, storage, member, both):
    """The storage accepts tokens signed with RS256 and with ES256."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    for user in both:
        file.get(by=user).expect_ok()
