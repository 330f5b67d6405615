"""Fixtures of what services of every kind have in common."""

from __future__ import annotations

import pytest

from harness.clients.workstations import Workstation, Workstations
from harness.model import Route
from harness.services.trust.handshakes import SecureEndpoint
from harness.services.trust.kind import WEB_SERVICES


def _workstation(workstations: Workstations, route: Route) -> Workstation:
    return workstations.at(route.home.name)


@pytest.fixture
def secure_service(workstations: Workstations, route: Route) -> SecureEndpoint:
    """A service of the resource that speaks HTTPS: each of them in turn."""
    service = route.resource.service(*WEB_SERVICES)
    return SecureEndpoint(service.endpoint, _workstation(workstations, route))


@pytest.fixture
def secure_issuer(workstations: Workstations, route: Route) -> SecureEndpoint:
    """The issuer of the user's home, as a server that speaks HTTPS."""
    return SecureEndpoint(
        route.home.address or route.home.issuer, _workstation(workstations, route)
    )
