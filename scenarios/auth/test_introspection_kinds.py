"""A site asks about revoked tokens and ID tokens (RFC 7662)."""

import pytest

pytestmark = pytest.mark.needs("egi.aai.oidc", "introspection")


@pytest.mark.requirement("AUTH-041")
@pytest.mark.needs("egi.aai.oidc", "revocation")
@pytest.mark.killed_by("ignores-revocation", "introspects-all-as-active")
@pytest.mark.parametrize("kind", ["token", "refresh_token"])
def test_a_revoked_token_is_inactive(issuer, member, audience, kind):
    """A revoked access token is inactive, and so is a revoked refresh token."""
    token = getattr(member.ask(audience=audience, scope="openid offline_access"), kind)
    assert issuer.introspect(token).active, "the control"
    issuer.revoke(token).expect_ok()
    assert not issuer.introspect(token).active


@pytest.mark.requirement("AUTH-041")
@pytest.mark.needs("egi.aai.oidc", "authorization-code")
@pytest.mark.killed_by("introspects-id-tokens-as-active", "introspects-all-as-active")
def test_an_id_token_is_inactive(issuer, member, browser, audience):
    """An ID token is inactive, while the access token of the same log-in is active."""
    authorization = issuer.authorize(audience=audience)
    issued = issuer.redeem(authorization, member.log_in(browser, authorization))
    assert issuer.introspect(issued.token).active, "the control"
    assert not issuer.introspect(issued.id_token).active
