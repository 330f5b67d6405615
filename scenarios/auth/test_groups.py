"""The groups in a token's `wlcg.groups` claim (WLCG Token Profile)."""

import re

import pytest

pytestmark = pytest.mark.needs("egi.aai.oidc", "groups")
NAME = re.compile(r"(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")


@pytest.fixture
def vo(route):
    """The group of the virtual organisation itself, which every member's token lists."""
    return f"/{route.home.vo}"


def asking(groups):
    """The scope that asks for groups."""
    return " ".join(["openid", *(f"wlcg.groups:{group}" for group in groups)])


@pytest.mark.requirement("AUTH-053")
@pytest.mark.killed_by("sorts-groups", "repeats-groups", "hides-default-groups")
def test_groups_come_in_the_order_of_the_request(route, member, audience, vo):
    """Groups are listed once each, in the order of the request; the VO's own group comes last."""
    down, up = sorted(route.home.groups, reverse=True), sorted(route.home.groups)
    for asked, told in (
        (down, [*down, vo]),
        ([*up, up[0]], [*up, vo]),
        ([vo, *down], [vo, *down]),
    ):
        assert (
            member.ask(audience=audience, scope=asking(asked)).token.claims["wlcg.groups"] == told
        )


@pytest.mark.requirement("IDN-009")
@pytest.mark.killed_by("names-groups-without-slash", "names-groups-of-others")
def test_groups_are_those_of_the_virtual_organisation(route, member, audience, vo):
    """Group names follow the grammar, and begin with the name of the VO."""
    told = member.token(audience, asking(route.home.groups)).claims["wlcg.groups"]
    assert told
    assert all(NAME.fullmatch(group) for group in told), told
    assert all(f"{group}/".startswith(f"{vo}/") for group in told), told


@pytest.mark.requirement("AUTH-052")
@pytest.mark.killed_by("gives-any-group", "hides-what-it-grants")
def test_an_outsider_is_told_of_no_group(route, member, outsider, audience):
    """A non-member who requests a group is refused, or is told that the token does not have it."""
    scope = asking(route.home.groups)
    assert member.token(audience, scope).claims["wlcg.groups"], "the control"
    answer = outsider.ask(audience=audience, scope=scope)
    if answer.error != "access_denied":
        assert not answer.token.claims.get("wlcg.groups")
        assert "wlcg.groups" not in answer.json["scope"], (
            "the answer does not name the granted scope"
        )


@pytest.mark.requirement("AUTH-052")
@pytest.mark.killed_by("gives-any-group", "hides-what-it-grants")
def test_a_member_is_told_of_no_group_of_others(member, audience, vo):
    """A member who requests a group of another VO is refused, or is told which groups were granted."""
    unknown = f"{vo}/unknown"
    answer = member.ask(audience=audience, scope=asking([vo, unknown]))
    if answer.error != "access_denied":
        assert answer.token.claims["wlcg.groups"] == [vo]
        assert asking([unknown]).split()[-1] not in answer.json["scope"].split()
