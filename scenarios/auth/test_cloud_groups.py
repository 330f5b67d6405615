"""A token without any capability: groups decide at a cloud (WLCG Token Profile, section 2.2.3)."""

import pytest

PLAIN = "openid entitlements"


@pytest.mark.requirement("AUTHZ-021")
@pytest.mark.killed_by("ignores-membership")
def test_groups_decide_where_a_token_has_no_capability(route, cloud, member, outsider, refused):
    """A member enters with a token that has no capability, and a user of another VO does not."""
    site = cloud.at(route.resource)
    one, other = (user.token(site.audience, PLAIN) for user in (member, outsider))
    assert not one.capabilities | other.capabilities, (
        "a token has a capability that nobody asked for"
    )
    refused(lambda token: site.login(by=token), good=one, bad=other)
