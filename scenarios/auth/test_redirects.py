"""An authorization code is sent only to a registered redirect URI."""

import pytest

pytestmark = [
    pytest.mark.needs("egi.aai.oidc", "authorization-code"),
    pytest.mark.requirement("AUTH-044"),
]


@pytest.fixture
def authorization(issuer, audience):
    """A log-in for a service of the resource, not yet begun."""
    return issuer.authorize(audience=audience)


@pytest.mark.killed_by("redeems-codes-for-any-address")
def test_a_code_is_redeemed_for_its_own_address(issuer, member, browser, authorization, refused):
    """A code is refused with a redirect URI other than its own (RFC 6749, section 4.1.3)."""
    refused(
        lambda address: issuer.redeem(
            authorization, member.log_in(browser, authorization), redirect_uri=address
        ),
        good=authorization.redirect_uri,
        bad=authorization.redirect_uri + "/elsewhere",
    )


@pytest.mark.killed_by("sends-codes-anywhere")
def test_an_unregistered_redirect_uri_gets_no_code(issuer, member, browser, authorization):
    """The issuer sends no code to an unregistered redirect URI."""
    assert member.log_in(browser, authorization), (
        "the control failed: the registered redirect URI got no code"
    )
    elsewhere = authorization.redirect_uri + "/elsewhere"
    page = member.go_through(browser, issuer.authorize(redirect_uri=elsewhere))
    assert page.answer is not None, f"the browser was redirected to {page.url.split('?')[0]}"
