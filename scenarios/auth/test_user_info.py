"""The issuer tells a client who its user is (OpenID Connect Core 1.0, section 5.3)."""

import pytest

pytestmark = pytest.mark.needs("egi.aai.oidc", "authorization-code")


@pytest.fixture
def issued(issuer, member, browser):
    """The tokens of a log-in at a client that asks who its user is, and nothing else."""
    authorization = issuer.authorize(scope="openid")
    return issuer.redeem(authorization, member.log_in(browser, authorization))


@pytest.mark.requirement("AUTH-056")
@pytest.mark.killed_by("names-no-user-info", "tells-of-another-user")
def test_the_issuer_tells_who_the_user_is(issuer, issued):
    """The UserInfo endpoint answers the token of a log-in with the `sub` of its ID token."""
    told = issuer.user_info(issued.token).expect_ok().json
    assert told["sub"] == issued.id_token.claims["sub"]


@pytest.mark.requirement("AUTH-057")
@pytest.mark.needs("egi.aai.oidc", "userinfo")
@pytest.mark.killed_by("tells-users-by-any-token")
def test_a_token_for_a_service_does_not_tell_who_its_user_is(
    issuer, issued, member, audience, refused
):
    """The UserInfo endpoint refuses a token whose audience is a service of a site."""
    refused(issuer.user_info, good=issued.token, bad=member.token(audience))
