"""A revoked Keystone token is refused, at Keystone and at the services behind it."""

import pytest


@pytest.mark.requirement("CLOUD-003")
@pytest.mark.killed_by("ignores-revocation")
def test_a_revoked_token_is_refused(route, cloud, member, refused):
    """Keystone refuses a token that its owner revoked."""
    site = cloud.at(route.resource)
    living, revoked = site.enter(by=member), site.enter(by=member)
    site.keystone.revoke(revoked).expect_ok()
    refused(site.keystone.show, good=living, bad=revoked)
