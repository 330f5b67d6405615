"""A user logs in with a browser: authorization code with PKCE."""

import pytest

pytestmark = pytest.mark.needs("egi.aai.oidc", "authorization-code")


@pytest.fixture
def authorization(issuer, audience):
    """A log-in for a service of the resource, not yet begun."""
    return issuer.authorize(audience=audience)


@pytest.mark.requirement("AUTH-043")
@pytest.mark.killed_by(
    "issues-in-another-name",
    "issues-for-another-audience",
    "changes-subjects",
    "issues-without-entitlements",
)
def test_a_log_in_gives_a_token(route, issuer, member, browser, authorization):
    """The authorization code and its PKCE verifier are exchanged for the member's token."""
    code = member.log_in(browser, authorization)
    token = issuer.redeem(authorization, code).token
    assert token.claims["iss"] == route.home.issuer
    assert authorization.audience in token.audiences
    assert token.claims["sub"] == member.token().claims["sub"]
    assert route.home.entitlement in token.told(route.home.claims.entitlements)


VERIFIERS = {
    "of another log-in": lambda issuer, _: issuer.authorize().verifier,
    "none": lambda _, __: "",
    "what all see of it": lambda _, authorization: authorization.challenge,
}


@pytest.mark.requirement("AUTH-043")
@pytest.mark.killed_by("ignores-verifiers")
@pytest.mark.parametrize("wrong", VERIFIERS.values(), ids=VERIFIERS.keys())
def test_a_code_without_its_verifier_is_refused(
    issuer, member, browser, authorization, refused, wrong
):
    """An intercepted code is refused without its PKCE verifier (RFC 7636, section 4.6)."""
    refused(
        lambda verifier: issuer.redeem(
            authorization, member.log_in(browser, authorization), verifier=verifier
        ),
        good=authorization.verifier,
        bad=wrong(issuer, authorization),
    )


@pytest.mark.requirement("AUTH-043")
@pytest.mark.killed_by("redeems-codes-twice")
def test_a_code_is_redeemed_once(issuer, member, browser, authorization, refused):
    """A code is refused when it is used a second time (RFC 6749, section 4.1.2)."""
    used = member.log_in(browser, authorization)
    issuer.redeem(authorization, used).expect_ok()
    refused(
        lambda code: issuer.redeem(authorization, code),
        good=member.log_in(browser, authorization),
        bad=used,
    )
