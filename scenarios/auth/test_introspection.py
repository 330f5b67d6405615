"""A site asks the home issuer whether a token is active (RFC 7662)."""

import pytest

pytestmark = pytest.mark.needs("egi.aai.oidc", "introspection")


@pytest.mark.requirement("AUTH-041")
@pytest.mark.killed_by("introspects-all-as-active")
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("expired", marks=pytest.mark.killed_by("introspects-expired-as-active")),
        pytest.param("tampered", marks=pytest.mark.killed_by("introspects-altered-as-active")),
        pytest.param("unsigned", marks=pytest.mark.killed_by("introspects-unsigned-as-active")),
        pytest.param(
            "of another signer",
            marks=pytest.mark.killed_by("introspects-others-signatures-as-active"),
        ),
        pytest.param(
            "of another issuer",
            marks=pytest.mark.killed_by("introspects-unknown-issuers-as-active"),
        ),
        "malformed",
    ],
)
def test_a_bad_token_is_inactive(issuer, member, peer, forge, audience, fault):
    """A valid token is active; one that is expired, altered, unsigned or malformed is not."""
    bad = {
        "expired": lambda: forge.token(member, audience=audience, expired=True),
        "tampered": lambda: forge.token(member, audience=audience, tampered=True),
        "unsigned": lambda: forge.token(member, audience=audience, algorithm="none"),
        "of another signer": lambda: forge.token(
            member, audience=audience, signed_by=peer.infrastructure
        ),
        "of another issuer": lambda: forge.token(
            member, audience=audience, issuer="https://issuer.invalid"
        ),
        "malformed": lambda: "not-a-token",
    }[fault]()
    assert issuer.introspect(member.token(audience)).active, "the control"
    assert not issuer.introspect(bad).active


@pytest.mark.requirement("IDN-015")
@pytest.mark.killed_by("introspects-all-as-inactive")
def test_the_issuer_of_a_site_knows_the_tokens_of_visitors(
    route, testbed, issuers, member, audience
):
    """A visitor's token is active when a service asks its own infrastructure's issuer about it."""
    own = issuers.issuer(testbed.infrastructure(route.resource.infrastructure))
    assert own.introspect(member.token(audience)).active


@pytest.mark.requirement("AUTH-042")
@pytest.mark.killed_by("introspects-for-anybody")
def test_a_stranger_may_not_introspect(issuer, member, audience, refused):
    """Only an authenticated client may ask about a token."""
    token = member.token(audience)
    refused(
        lambda asker: asker.introspect(token),
        good=issuer,
        bad=issuer.of_impostor(),
    )
