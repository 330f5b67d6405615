"""A faulty token is refused at the cloud; the same token without the fault is accepted."""

import pytest

from harness.services.issuer.forged_tokens import Flaw, cases

VERSION = Flaw(
    "of an unknown major version",
    {"claims": {"wlcg.ver": "99.0"}},
    "AUTH-027",
    "ignores-profile-version",
)


@pytest.mark.parametrize("flaw", cases(VERSION))
def test_a_faulty_token_is_refused_at_the_cloud(route, cloud, member, forge, refused, flaw):
    """A token with one fault is refused at the remote cloud."""
    site = cloud.at(route.resource)
    refused(
        lambda token: site.login(by=token),
        good=forge.token(member, audience=site.audience),
        bad=forge.token(member, audience=site.audience, **flaw),
    )


@pytest.mark.requirement("AUTH-022")
@pytest.mark.killed_by("ignores-case-of-audience")
def test_an_audience_is_compared_letter_by_letter(route, cloud, member, forge, refused):
    """A token is refused if its audience differs from the cloud's in upper and lower case."""
    site = cloud.at(route.resource)
    refused(
        lambda token: site.login(by=token),
        good=forge.token(member, audience=site.audience),
        bad=forge.token(member, audience=site.audience, claims={"aud": site.audience.upper()}),
    )


@pytest.mark.requirement("AUTH-050")
@pytest.mark.killed_by("accepts-id-tokens")
@pytest.mark.needs("egi.aai.oidc", "authorization-code")
def test_an_id_token_is_refused(route, cloud, member, issuer, browser, forge, refused):
    """An ID token is refused at the cloud, even if it shows membership."""
    site = cloud.at(route.resource)
    authorization = issuer.authorize(audience=site.audience)
    issued = issuer.redeem(authorization, member.log_in(browser, authorization))
    # Not every issuer tells entitlements in ID tokens, and without them any token is refused.
    id_token = forge.token(
        member, claims=issued.id_token.claims, without=("scope", "wlcg.ver"), header={"typ": "JWT"}
    )
    refused(lambda token: site.login(by=token), good=issued.token, bad=id_token)
