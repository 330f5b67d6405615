"""Who may enter the cloud: members, on the word of their own issuer, and nobody else."""

import pytest

from harness.services.cloud.client import as_holder


@pytest.mark.requirement("CLOUD-002")
@pytest.mark.killed_by("ignores-membership")
def test_a_non_member_gets_no_project(route, cloud, member, outsider, refused):
    """A user of the home AAI who is not a member of the VO gets no Keystone token."""
    site = cloud.at(route.resource)
    refused(lambda user: site.login(by=user), good=member, bad=outsider)


@pytest.mark.requirement("AUTH-012")
@pytest.mark.killed_by("accepts-tokens-at-any-provider")
def test_a_token_is_refused_at_the_path_of_another_issuer(route, cloud, member, refused, elsewhere):
    """A member's token is refused where users of another infrastructure log in."""
    site = cloud.at(route.resource)
    refused(lambda of: site.login(by=member, of=of), good=route.home, bad=elsewhere)


@pytest.mark.requirement("AUTH-005", "AUTH-012")
@pytest.mark.killed_by("lets-issuers-sign-for-each-other")
def test_no_issuer_signs_for_another_at_the_cloud(route, cloud, member, forge, refused, elsewhere):
    """A token that names one trusted issuer but is signed by another is refused."""
    site = cloud.at(route.resource)
    refused(
        lambda token: site.login(by=token),
        good=forge.token(member, audience=site.audience),
        bad=forge.token(member, audience=site.audience, signed_by=elsewhere),
    )


def claims_as_headers(home):
    """The claims of a member, by the names under which Keystone reads them from its server."""
    claims = {"iss": home.issuer, "sub": "nobody", home.claims.entitlements: home.entitlement}
    return {f"OIDC-{name}": value for name, value in claims.items()}


@pytest.mark.requirement("AUTH-011")
@pytest.mark.killed_by("trusts-claims-in-headers")
def test_claims_in_headers_are_no_token(route, cloud, member, refused):
    """A log-in with a member's claims in HTTP headers, but without a token, is refused."""
    keystone, headers = cloud.at(route.resource).keystone, claims_as_headers(route.home)
    refused(
        lambda token: keystone.login(token, headers=headers, note="claims in headers"),
        good=member.token(keystone.service.audience),
        bad=None,
    )


@pytest.mark.requirement("AUTH-011")
@pytest.mark.killed_by("trusts-claims-in-headers")
def test_the_general_address_trusts_no_headers(route, cloud, member, refused):
    """The same headers are refused at Keystone's general token endpoint too."""
    site, headers = cloud.at(route.resource), claims_as_headers(route.home)
    refused(
        lambda identity: site.keystone.authenticate(identity, headers=headers),
        good=as_holder(site.login(by=member).token),
        bad=site.keystone.as_federated(),
    )
