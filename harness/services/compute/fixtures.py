"""Fixtures of the compute services."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from harness.clients.workstations import Workstation, Workstations
from harness.model import Infrastructure, Route, Service, Site, Testbed
from harness.services.compute.arc import ArcElement
from harness.services.compute.arc_commands import ArcCommands
from harness.services.compute.client import ComputingElement
from harness.services.compute.htcondor import HTCondorElement
from harness.services.compute.kind import ARC, HTCONDOR


class ComputingElements:
    """The computing elements of a route, used from the workstation of the user's home."""

    def __init__(self, connect: Callable[[Site], ComputingElement], testbed: Testbed) -> None:
        self._connect, self._testbed = connect, testbed
        self._elements: list[ComputingElement] = []

    def at(self, where: Infrastructure | Site) -> ComputingElement:
        """Return the computing element of a site, or of the first site of an infrastructure.

        Raises
        ------
        LookupError
            where the site offers none.
        """
        site = self._testbed.home_site(where.name) if isinstance(where, Infrastructure) else where
        element = self._connect(site)
        self._elements.append(element)
        return element

    def close(self) -> None:
        """Remove the jobs that are still there."""
        for element in self._elements:
            element.close()


def element_of(
    service: Service, *, home: Infrastructure, workstations: Workstations
) -> ComputingElement:
    """Return a computing element, as it is reached from the workstation of a user's home."""
    audience = service.audience or service.origin
    if service.type == ARC:
        return ArcElement(
            endpoint=service.endpoint,
            audience=audience,
            connect=lambda: workstations.browser(home.name),
        )
    return HTCondorElement(
        endpoint=service.endpoint, audience=audience, workstation=workstations.at(home.name)
    )


@pytest.fixture
def compute(
    testbed: Testbed, workstations: Workstations, route: Route
) -> Iterator[ComputingElements]:
    """The computing elements. Jobs that a scenario leaves there are removed when it ends."""

    def connect(site: Site) -> ComputingElement:
        service = site.service(ARC, HTCONDOR)
        return element_of(service, home=route.home, workstations=workstations)

    made = ComputingElements(connect, testbed)
    yield made
    made.close()


@pytest.fixture
def element(compute: ComputingElements, route: Route) -> ComputingElement:
    """The computing element of the route's resource."""
    return compute.at(route.resource)


@pytest.fixture
def arc_commands(workstation: Workstation, route: Route) -> Iterator[ArcCommands]:
    """The computing element of the route's resource by ARC's own commands, where it is an ARC CE."""
    service = route.resource.service(ARC)
    made = ArcCommands(
        endpoint=service.endpoint,
        audience=service.audience or service.origin,
        workstation=workstation,
    )
    yield made
    made.close()
