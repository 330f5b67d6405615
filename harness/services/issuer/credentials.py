"""A scenario is not run where the credentials of its users cannot give what it demands of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pytest

from harness.engine import uses
from harness.engine.not_shown import NotRun
from harness.kinds import registry
from harness.model import Infrastructure, Member, MemberKind, Route, Site, Testbed
from harness.routes import Side
from harness.services.issuer.demands import Demand, Wanted, wanted
from harness.services.issuer.fixtures import audience_of, elsewhere_of
from harness.services.issuer.stand_in import ACTING, Held, acting, held_in


@pytest.fixture(autouse=True)
def _credentials(
    request: pytest.FixtureRequest, _offered: None, route: Route, testbed: Testbed
) -> None:
    """Run the scenario only where its users' credentials give what it demands."""
    item, held = request.node, held_in(testbed)
    users = list(demands(item, wanted(item), route, testbed, held))
    item.stash[ACTING] = {one.home.name: (one.member, one.why) for one in users if one.acts}
    if why := _shortfall(users, testbed, held):
        raise NotRun(why)


@dataclass(frozen=True)
class User:
    """One of a test's users, and what the test demands of the credentials."""

    home: Infrastructure
    member: Member
    demand: Demand
    acts: bool = False
    """Whether it acts for the home's members."""
    why: str = ""
    """Why it is the robot that does."""


def shortfall(item: pytest.Item, route: Route, testbed: Testbed, held: Held) -> str:
    """Return what a test's users lack on a route, as a sentence; nothing where they lack nothing.

    A user whom the inventory does not have is none: the scenario itself says so.
    """
    users = demands(item, wanted(item), route, testbed, held)
    return _shortfall(users, testbed, held)


def _shortfall(users: Iterable[User], testbed: Testbed, held: Held) -> str:
    for one in users:
        holding = held(one.home, one.member)
        if lacked := one.demand.lacked(holding, any_audience=testbed.any_audience):
            return f"{one.member.name} of {one.home.name}: {lacked}"
    return ""


def demands(
    item: pytest.Item, found: Wanted, route: Route, testbed: Testbed, held: Held
) -> Iterator[User]:
    """Yield the users of a test on a route, and what it demands of each.

    A robot that stands in for a member is its user then.
    """
    audiences = frozenset(_audiences(item, found, route, testbed))
    for name, abilities in found.abilities.items():
        demand = Demand(abilities, audiences, found.scope)
        for home, kind in _who(name, found, route, testbed):
            if kind == "member":
                any_ = testbed.any_audience
                member, why = acting(item, home, demand, held, any_audience=any_)
                yield User(home, member, demand, acts=True, why=why)
                continue
            for member in [one for one in home.members if one.kind == kind][:1]:
                yield User(home, member, demand)


def _who(
    name: str, found: Wanted, route: Route, testbed: Testbed
) -> Iterator[tuple[Infrastructure, MemberKind]]:
    if name == "peer":
        yield elsewhere_of(route, testbed), "member"
        return
    kind: MemberKind = name  # type: ignore[assignment]  # other users are fixtures of their kind's name
    yield route.home, kind
    if found.everywhere and kind == "member":
        yield from ((home, kind) for home in testbed.infrastructures if home != route.home)


def _audiences(item: pytest.Item, found: Wanted, route: Route, testbed: Testbed) -> Iterator[str]:
    """Yield the names of the services for which a test's users need tokens."""
    fixtures = getattr(item, "fixturenames", ())
    if found.for_any:
        yield testbed.any_audience
    if "audience" in fixtures:
        yield audience_of(route.resource, testbed)
    at: Mapping[Side, Site] = {
        "resource": route.resource,
        "home": testbed.home_site(route.home.name),
    }
    ends = uses.of(item.function, fixtures)  # type: ignore[attr-defined]  # every scenario is a function
    for name, sides in ends.items():
        reach = registry().reaches[name]
        types = {*reach.types, *reach.also} - registry().home_types
        yield from (
            service.audience
            for side in sides
            for service in at[side].services
            if service.type in types and service.audience
        )
