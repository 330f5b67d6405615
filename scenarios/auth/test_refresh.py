"""A user's client renews a token without the user."""

import pytest

pytestmark = pytest.mark.needs("egi.aai.oidc", "refresh")
SCOPE = "openid offline_access profile entitlements storage.read:/"


@pytest.mark.requirement("AUTH-035")
@pytest.mark.killed_by(
    "repeats-token-ids",
    "changes-users-at-refresh",
    "widens-at-refresh",
    "issues-for-another-audience",
    "renews-once",
)
def test_a_refresh_token_renews_the_access_token(issuer, member, audience):
    """A refresh token gives a new access token with the same user, rights and audience, twice."""
    answer = member.ask(audience=audience, scope=SCOPE)
    first, refresh_token = answer.token, answer.refresh_token
    for _ in range(2):
        renewed = issuer.refresh(refresh_token, audience=audience).expect_ok()
        claims = renewed.token.claims
        assert claims["jti"] != first.claims["jti"]
        assert claims["sub"] == first.claims["sub"]
        assert audience in renewed.token.audiences
        assert renewed.token.scopes == first.scopes
        # A client that is given a new refresh token goes on with that one alone.
        refresh_token = renewed.json.get("refresh_token", refresh_token)


@pytest.mark.requirement("AUTH-034")
@pytest.mark.needs("egi.aai.oidc", "revocation")
@pytest.mark.killed_by("ignores-revocation", "accepts-revoked-refresh-tokens")
def test_a_revoked_refresh_token_gives_nothing(issuer, member, audience, refused):
    """A revoked refresh token gives no access token."""
    kept = member.ask(audience=audience, scope=SCOPE).refresh_token
    revoked = member.ask(audience=audience, scope=SCOPE).refresh_token
    issuer.revoke(revoked).expect_ok()
    refused(lambda token: issuer.refresh(token, audience=audience), good=kept, bad=revoked)


@pytest.mark.requirement("AUTH-034")
@pytest.mark.needs("egi.aai.oidc", "refresh-rotation")
@pytest.mark.killed_by("accepts-revoked-refresh-tokens", "spares-heirs-of-refresh-tokens")
def test_a_refresh_token_that_comes_twice_ends_its_family(issuer, member, audience, refused):
    """If refresh tokens rotate, reuse of an old one is refused and revokes its successor."""
    first, other, third = (
        member.ask(audience=audience, scope=SCOPE).refresh_token for _ in range(3)
    )
    heir = issuer.refresh(first, audience=audience).refresh_token
    refused(lambda token: issuer.refresh(token, audience=audience), good=other, bad=first)
    # Nobody knows whether the thief or the user came first (RFC 9700, section 4.14.2).
    refused(lambda token: issuer.refresh(token, audience=audience), good=third, bad=heir)
