"""Fixtures of suspension: the list of the user's home, and a member who may be put on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.engine import disturbance
from harness.engine.measure import Measure
from harness.engine.not_shown import NotRun
from harness.journal import Journal
from harness.model import Route, Service, Testbed
from harness.services.issuer.fixtures import Issuers
from harness.services.issuer.suspension import reserved
from harness.services.issuer.user import User
from harness.services.suspension.ban_list import BanList
from harness.services.suspension.kind import BAN_LIST
from harness.state import State


@pytest.fixture
def suspect(issuers: Issuers, state: State, route: Route) -> Iterator[User]:
    """A member whom nobody else uses meanwhile, to be banned; the issuer goes on giving tokens."""
    members = [member for member in route.home.members if member.kind == "leaver"]
    if not members:
        raise NotRun(f"the inventory names no member of kind `leaver` of {route.home.name}")
    with reserved(members, state.root / "leavers") as member:
        yield issuers.login(route.home, member)


@pytest.fixture
def ban_list(
    *,
    testbed: Testbed,
    route: Route,
    state: State,
    journal: Journal,
    measure: Measure,
    suspect: User,  # noqa: ARG001, let go of only when no site refuses the member any more
) -> Iterator[BanList]:
    """The list of users whom the home bans everywhere, in the hands of its security team."""
    service = _published_by(route.home.name, testbed)
    host = testbed.host(service.host)
    disturbance.require(host, "so it cannot ban a user there")
    made = BanList(
        host,
        find=testbed.host,
        sites=[one for one in testbed.hosts if "bans" in one.roles],
        publisher=route.home.name,
        key=state.publisher_key(route.home.name),
        lock=state.root / f"ban-list-{route.home.name}.lock",
        journal=journal,
        measure=measure,
    )
    yield made
    made.settle()


def _published_by(infrastructure: str, testbed: Testbed) -> Service:
    """Return the service by which an infrastructure publishes its list."""
    for site in testbed.sites_of(infrastructure):
        for service in site.services:
            if service.type == BAN_LIST:
                return service
    raise NotRun(f"{infrastructure} publishes no list of banned users (`{BAN_LIST}`)")
