"""Fixtures of information indexes and registries."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.clients.workstations import Workstations
from harness.model import Infrastructure, Route, Service, Site, Testbed
from harness.services.information.index import Index
from harness.services.information.kind import REGISTRY, SITE_INDEX, TOP_INDEX
from harness.services.information.registry import Registry


class Indexes:
    """The indexes of a route, queried from the workstation of the user's home."""

    def __init__(self, type_: str, connect: Callable[[Service], Index], home: Site) -> None:
        self._type, self._connect, self._home = type_, connect, home

    def at(self, where: Infrastructure | Site) -> Index:
        """Return the index of a site, or of the home site of the user's infrastructure.

        Raises
        ------
        LookupError
            where the site offers none.
        """
        site = self._home if isinstance(where, Infrastructure) else where
        return self._connect(site.service(self._type))


class Registries:
    """The registries of a route, queried from the workstation of the user's home."""

    def __init__(self, connect: Callable[[Service], Registry]) -> None:
        self._connect = connect

    def at(self, where: Site) -> Registry:
        """Return the registry in which a site is entered.

        Raises
        ------
        LookupError
            where the site offers none.
        """
        return self._connect(where.service(REGISTRY))


def _indexes(type_: str, testbed: Testbed, workstations: Workstations, route: Route) -> Indexes:
    workstation = workstations.at(route.home.name)
    # In a proof, the one of the route's user may be broken.
    home = route.home_site or testbed.home_site(route.home.name)
    return Indexes(type_, lambda service: Index(service.endpoint, workstation), home)


@pytest.fixture
def information(testbed: Testbed, workstations: Workstations, route: Route) -> Indexes:
    """The indexes of the sites: what a site publishes about itself."""
    return _indexes(SITE_INDEX, testbed, workstations, route)


@pytest.fixture
def discovery(testbed: Testbed, workstations: Workstations, route: Route) -> Indexes:
    """The top-level indexes, in which the users of an infrastructure find the services of all
    sites.
    """
    return _indexes(TOP_INDEX, testbed, workstations, route)


@pytest.fixture
def site_registry(workstations: Workstations, route: Route) -> Registries:
    """The registries, in which sites are entered with their contacts and downtimes."""
    return Registries(lambda service: Registry(service, workstations.http(route.home.name)))
