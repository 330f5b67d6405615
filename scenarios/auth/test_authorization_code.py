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
    """A code and the verifier of its own log-in give the member's token for the resource."""
    code = member.log_in(browser, authorization)
    token = issuer.redeem(authorization, code).token
    assert token.claims["iss"] == route.home.issuer
    assert token.claims["aud"] in (authorization.audience, [authorization.audience])
    assert token.claims["sub"] == member.token().claims["sub"]
    assert route.home.entitlement in token.claims["eduperson_entitlement"]


@pytest.mark.requirement("AUTH-043")
@pytest.mark.killed_by("ignores-verifiers")
def test_a_code_without_its_verifier_is_refused(issuer, member, browser, authorization, refused):
    """Whoever intercepts a code cannot redeem it: the verifier is missing (RFC 7636, section 4.6)."""
    refused(
        lambda verifier: issuer.redeem(
            authorization, member.log_in(browser, authorization), verifier=verifier
        ),
        good=authorization.verifier,
        bad=issuer.authorize().verifier,
    )


@pytest.mark.requirement("AUTH-044")
@pytest.mark.killed_by("redeems-codes-for-any-address")
def test_a_code_is_redeemed_for_its_own_address(issuer, member, browser, authorization, refused):
    """Whoever names another address than the code was sent to gets no token (RFC 6749, section 4.1.3)."""
    refused(
        lambda address: issuer.redeem(
            authorization, member.log_in(browser, authorization), redirect_uri=address
        ),
        good=authorization.redirect_uri,
        bad=authorization.redirect_uri + "/elsewhere",
    )


@pytest.mark.requirement("AUTH-044")
@pytest.mark.killed_by("sends-codes-anywhere")
def test_an_unregistered_redirect_uri_gets_no_code(issuer, member, browser, authorization):
    """The issuer sends no code to an address that its client has not registered."""
    assert member.log_in(browser, authorization), "the control: the registered address gets one"
    elsewhere = authorization.redirect_uri + "/elsewhere"
    page = member.go_through(browser, issuer.authorize(redirect_uri=elsewhere))
    assert page.answer is not None, f"the browser was sent to {page.url.split('?')[0]}"
