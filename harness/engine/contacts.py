"""Whom a scenario will ask, as far as that is known beforehand.

By it, what is down or missing is told once, before all scenarios find it out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

import pytest

from harness.engine import extents
from harness.engine.case import case_of, once_a_scenario
from harness.engine.needs import ALL_OF_THEM, Need, needs_of
from harness.extent import Extent, includes
from harness.model import MemberKind, Route, Service, Testbed

USERS = (*get_args(MemberKind), "peer")
"""Fixtures that are users, each with credentials of its own; `peer` is the member of another
infrastructure."""
_CLIENTS = frozenset({"issuer", "agent", *USERS})
"""Fixtures for which the users' tools need their own secret."""


@dataclass(frozen=True)
class Contacts:
    """Endpoints and users of one scenario on one route."""

    home: str
    """Infrastructure of the user, from whose workstation the endpoints are asked."""
    endpoints: tuple[str, ...]
    users: frozenset[str]
    """Kinds of the home's users that the scenario takes."""
    client: bool
    """True where the users' tools take part, which are a client of the issuer."""
    hosts: tuple[str, ...] = ()
    """Hosts of the endpoints."""


def contacts_of(item: pytest.Item, route: Route, testbed: Testbed) -> Contacts:
    """Return whom a scenario asks on a route: for each need the first service that meets it."""
    wanted = _wanted(item)
    services: list[Service] = []
    for need in wanted.needs:
        site = need.site(route, testbed)
        met = next((one for one in site.services if need.met_by(one)), None)
        if met is not None:
            services.append(met)
    return Contacts(
        home=route.home.name,
        endpoints=tuple(dict.fromkeys(service.endpoint for service in services)),
        users=wanted.users,
        client=wanted.client,
        hosts=tuple(dict.fromkeys(service.host for service in services)),
    )


def contacts(items: Iterable[pytest.Item], testbed: Testbed, extent: Extent) -> frozenset[Contacts]:
    """Return whom those ask that the extent includes, with all their hosts."""
    # Scenarios with the same needs share their cases, so few of all pairs are looked at.
    firsts = {
        (_wanted(item), id(case_of(item))): item
        for item in items
        if includes(extent, extents.of(item))
    }
    found = (contacts_of(item, case_of(item).narrowed, testbed) for item in firsts.values())
    return frozenset(one for one in found if not testbed.beyond(extent, one.hosts))


@dataclass(frozen=True)
class _Wanted:
    """What a scenario wants on any route."""

    needs: tuple[Need, ...]
    users: frozenset[str]
    client: bool


@once_a_scenario
def _wanted(item: pytest.Item) -> _Wanted:
    taken = frozenset(getattr(item, "fixturenames", ()))
    return _Wanted(
        # Of a scenario that takes whatever services are there, none must answer.
        needs=needs_of(item) if taken.isdisjoint(ALL_OF_THEM) else (),
        users=taken.intersection(USERS),
        client=not taken.isdisjoint(_CLIENTS),
    )
