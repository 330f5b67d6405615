"""Before a run: the users whose tokens come from elsewhere must have them, and people are asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from harness.clients.workstations import Workstations
from harness.inventory import Inventory
from harness.model import Infrastructure, Route, Testbed
from harness.provision import vault
from harness.services.issuer import readiness
from harness.services.issuer.fixtures import Issuers
from harness.state import State


def make_ready(inventory: Inventory, routes: Iterable[Route]) -> list[str]:
    """Look that the users of some routes can act whose tokens come from elsewhere; return what to tell.

    Raises
    ------
    BadInput
        naming every member who cannot.
    """
    testbed = inventory.testbed
    names = {name for one in routes for name in (one.home.name, one.resource.infrastructure)}
    homes = [one for one in testbed.infrastructures if one.name in names]
    with _issuers(testbed) as issuers:
        return readiness.make_ready(issuers, homes, readiness.Terminal())


def ask_people(inventory: Inventory) -> None:
    """Ask people at the terminal, as far as that needs nothing that is yet to be provisioned.

    Raises
    ------
    SourceFailed
        where somebody did not agree, or there is no terminal.
    """
    testbed = inventory.testbed
    homes = [one for one in testbed.infrastructures if _is_there(one, testbed)]
    with _issuers(testbed) as issuers:
        for home in homes:
            readiness.prepare(issuers, home, readiness.Terminal())


def _is_there(home: Infrastructure, testbed: Testbed) -> bool:
    """Tell whether an issuer runs already, and is asked from this machine."""
    issuer = testbed.host(testbed.issuer_service(home.name).host)
    return not issuer.roles and testbed.workstation(home.name).connection == "local"


@contextmanager
def _issuers(testbed: Testbed) -> Iterator[Issuers]:
    state = State(testbed.name)
    workstations = Workstations(testbed, state)
    try:
        yield Issuers(testbed, vault.load(state), workstations, state)
    finally:
        workstations.close()
