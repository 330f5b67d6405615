"""How a cloud reads the entitlements of a token (AARC-G069): who is a member, and who is not."""

import pytest


@pytest.fixture
def group(route):
    """The group of the virtual organisation, without role and authority."""
    return route.home.entitlement.partition("#")[0].partition(":role=")[0]


@pytest.fixture
def token(route, cloud, forge, member):
    """A member's token for the cloud with another entitlement instead of the member's own."""
    audience = cloud.at(route.resource).audience
    return lambda entitlement: forge.token(
        member, audience=audience, claims={route.home.claims.entitlements: [entitlement]}
    )


@pytest.mark.requirement("IDN-005")
@pytest.mark.killed_by(
    "refuses-entitlements-with-authority", "refuses-entitlements-without-authority"
)
def test_an_entitlement_is_understood_in_both_forms(route, cloud, token):
    """Entitlements are accepted with the authority (as in G002) and without it (as in G069)."""
    membership, _, authority = route.home.entitlement.partition("#")
    site = cloud.at(route.resource)
    site.login(by=token(f"{membership}#{authority}")).expect_ok()
    site.login(by=token(membership)).expect_ok()


@pytest.mark.requirement("IDN-006")
@pytest.mark.killed_by("compares-urns-by-letters")
def test_the_namespace_is_compared_in_either_case(route, cloud, token):
    """An entitlement with the prefix `URN:MACE` is accepted like one with `urn:mace`."""
    urn, namespace, rest = route.home.entitlement.split(":", 2)
    spelled = f"{urn.upper()}:{namespace.upper()}:{rest}"
    cloud.at(route.resource).login(by=token(spelled)).expect_ok()


OTHERS = {
    "a role in a subgroup": (
        "{group}:analysis:role=member#authority",
        [pytest.mark.requirement("IDN-007"), pytest.mark.killed_by("takes-roles-for-parents")],
    ),
    "a subgroup": (
        "{group}:analysis#authority",
        [pytest.mark.requirement("IDN-008"), pytest.mark.killed_by("takes-children-for-parents")],
    ),
    "the group without a role": (
        "{group}#authority",
        [pytest.mark.requirement("IDN-007"), pytest.mark.killed_by("takes-groups-for-roles")],
    ),
}


@pytest.mark.parametrize(
    "held", [pytest.param(held, id=name, marks=marks) for name, (held, marks) in OTHERS.items()]
)
def test_what_is_held_elsewhere_gives_nothing_here(route, cloud, token, group, refused, held):
    """A user who is only in a subgroup, or does not have the role, is refused."""
    site = cloud.at(route.resource)
    refused(
        lambda entitlement: site.login(by=token(entitlement)),
        good=route.home.entitlement,
        bad=held.format(group=group),
    )


@pytest.mark.requirement("IDN-006")
@pytest.mark.killed_by("ignores-case-of-groups")
def test_the_name_of_a_group_is_compared_by_letters(route, cloud, token, group, refused):
    """A group name in capital letters is a different group (RFC 8141, section 3.1)."""
    site, name = cloud.at(route.resource), group.rpartition(":")[2]
    refused(
        lambda entitlement: site.login(by=token(entitlement)),
        good=route.home.entitlement,
        bad=route.home.entitlement.replace(f":{name}:", f":{name.upper()}:"),
    )
