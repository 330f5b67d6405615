"""Who gets a token for the resource, and with which rights."""

import pytest

SCOPE = "openid storage.read:/ compute.create"


@pytest.mark.requirement("IDN-017")
@pytest.mark.killed_by("keeps-suspended-users")
def test_a_suspended_user_gets_no_token(member, suspended, audience, refused):
    """The home issuer gives a token to a member, but not to a suspended user."""
    refused(lambda user: user.ask(audience=audience), good=member, bad=suspended)


@pytest.mark.requirement("AUTH-051", "AUTH-052")
@pytest.mark.killed_by("gives-capabilities-to-outsiders", "hides-what-it-grants")
def test_capabilities_are_for_members(member, outsider, audience):
    """A non-member who requests storage and compute scopes gets neither, and is told so."""
    assert {"storage.read:/", "compute.create"} <= member.token(audience, SCOPE).scopes
    answer = outsider.ask(audience=audience, scope=SCOPE)
    granted = answer.token.scopes
    assert not {"storage.read:/", "compute.create"} & granted, granted
    assert set(answer.json["scope"].split()) == granted, (
        "the answer does not name the granted scope"
    )


@pytest.mark.requirement("IDN-004")
@pytest.mark.killed_by(
    "issues-without-entitlements",
    "issues-entitlements-to-all",
    "issues-for-another-audience",
    "issues-in-another-name",
    "grants-more-than-was-asked",
)
def test_a_robot_gets_a_token_of_its_own(route, robot, audience):
    """A robot authenticates as a client, and its token holds the VO's entitlement for robots."""
    token = robot.token(audience, "storage.read:/", as_given=True)
    assert token.claims["iss"] == route.home.issuer
    assert audience in token.audiences
    held = token.told(route.home.claims.entitlements)
    assert route.home.robot_entitlement in held
    assert route.home.entitlement not in held
    assert token.scopes == {"storage.read:/"}
