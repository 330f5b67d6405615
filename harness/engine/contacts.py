"""Whom a scenario will ask, as far as that is known beforehand.

By it, what is down or missing is told once, before all scenarios find it out.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from harness.engine.needs import ALL_OF_THEM, needs_of
from harness.model import Route, Testbed

_USERS = frozenset("member second outsider suspended robot monitor leaver peer".split())
"""Fixtures of people and robots; each needs a secret of theirs."""
_CLIENTS = frozenset({"issuer", "agent", *_USERS})
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


def contacts_of(item: pytest.Item, route: Route, testbed: Testbed) -> Contacts:
    """Return whom a scenario asks on a route: for each need the first service that meets it."""
    taken = frozenset(getattr(item, "fixturenames", ()))
    endpoints: dict[str, None] = {}
    # Of a scenario that takes whatever services are there, none must answer.
    for need in needs_of(item) if taken.isdisjoint(ALL_OF_THEM) else ():
        site = need.site(route, testbed)
        met = next((one for one in site.services if need.met_by(one)), None)
        if met is not None:
            endpoints[met.endpoint] = None
    return Contacts(
        home=route.home.name,
        endpoints=tuple(endpoints),
        users=taken & _USERS,
        client=not taken.isdisjoint(_CLIENTS),
    )
