"""A token without any capability: groups decide (WLCG Token Profile, section 2.2.3)."""

import pytest

PLAIN = "openid entitlements"


@pytest.mark.requirement("AUTHZ-021")
@pytest.mark.needs("webdav", "read")
@pytest.mark.needs("webdav", "groups")
@pytest.mark.killed_by("lets-groups-in")
def test_groups_decide_where_a_token_has_no_capability(route, storage, member, outsider, refused):
    """A member reads a file with a token that has no capability, and a user of another VO does not."""
    file = storage.at(route.resource).put("1 KiB", by=member)
    member_s, outsider_s = (user.token(file.area.audience, PLAIN) for user in (member, outsider))
    assert not member_s.capabilities | outsider_s.capabilities, "a token has a capability unasked"
    refused(lambda token: file.get(by=token), good=member_s, bad=outsider_s)
