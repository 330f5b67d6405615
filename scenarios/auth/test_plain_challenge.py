"""A log-in in which the PKCE verifier is there for all to see (RFC 7636, section 7.2)."""

import pytest

pytestmark = pytest.mark.needs("egi.aai.oidc", "authorization-code")


@pytest.mark.requirement("AUTH-058")
@pytest.mark.killed_by("accepts-plain-challenges")
def test_a_log_in_with_a_plain_challenge_gets_no_code(issuer, member, browser):
    """The issuer sends no code where the PKCE method is `plain`, and sends one where it is `S256`."""
    assert member.log_in(browser, issuer.authorize()), "the control failed: S256 got no code"
    page = member.go_through(browser, issuer.authorize(method="plain"))
    assert "code=" not in page.url, "a code was sent, although the challenge was plain"
