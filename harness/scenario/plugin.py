"""The pytest plugin: `pytest -p harness.scenario.plugin --inventory inventories/twin scenarios/`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from harness import inventory
from harness.clients.http import Http
from harness.clients.workstation import Workstation
from harness.model import Route, Testbed
from harness.provision import vault as vaults
from harness.redaction import redactor
from harness.state import State

pytest_plugins = [
    "harness.scenario.refusal",
    "harness.scenario.identity",
    "harness.scenario.cloud",
    "harness.scenario.storage",
    "harness.scenario.compute",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the scenarios."""
    group = parser.getgroup("testbed", "interoperability scenarios")
    group.addoption("--inventory", type=Path, default=Path("inventories/twin"), help="the testbed")
    group.addoption(
        "--route", action="append", default=[], metavar="HOME:RESOURCE", help="only this route"
    )


@cache
def _testbed(path: Path) -> Testbed:
    return inventory.load(path).testbed


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marks."""
    config.addinivalue_line("markers", "requirement(*ids): what of the catalogue the test shows")
    config.addinivalue_line("markers", "needs(service, capability): not offered where not declared")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every scenario that takes `route` over all routes (or those of `--route`)."""
    if "route" in metafunc.fixturenames:
        routes = _testbed(metafunc.config.option.inventory).routes
        wanted = metafunc.config.option.route
        chosen = [r for r in routes if not wanted or r.id in wanted]
        metafunc.parametrize("route", chosen, ids=[r.id for r in chosen], scope="session")


@pytest.fixture(scope="session")
def testbed(pytestconfig: pytest.Config) -> Testbed:
    """The testbed that the inventory describes."""
    return _testbed(pytestconfig.option.inventory)


@pytest.fixture(scope="session")
def state(testbed: Testbed) -> State:
    """The testbed's own keys and secrets."""
    return State(testbed.name)


@pytest.fixture(scope="session")
def vault(state: State) -> vaults.Vault:
    """Passwords and client secrets, known to the redactor from now on."""
    loaded = vaults.load(state)
    for secrets in loaded.values():
        for secret in secrets.values():
            redactor.remember(secret)
    return loaded


class Workstations:
    """The workstations of all infrastructures: where commands run and requests start."""

    def __init__(self, testbed: Testbed, state: State) -> None:
        self._testbed, self._state = testbed, state
        self._http: dict[str, Http] = {}

    def at(self, infrastructure: str) -> Workstation:
        """Return the workstation of an infrastructure's users."""
        return Workstation(self._testbed.workstation(infrastructure))

    def http(self, infrastructure: str) -> Http:
        """Return an HTTP client whose requests start at that workstation and cross the WAN."""
        if infrastructure not in self._http:
            self._http[infrastructure] = self.browser(infrastructure)
        return self._http[infrastructure]

    def browser(self, infrastructure: str) -> Http:
        """Return a client with cookies of its own, for the caller to close."""
        host = self._testbed.workstation(infrastructure)
        proxy = None if host.connection == "local" else f"socks5h://{host.address}:1080"
        return Http(proxy=proxy, ca_bundle=self._state.ca_bundle)

    def close(self) -> None:
        """Close all connections."""
        for client in self._http.values():
            client.close()


@pytest.fixture(scope="session")
def workstations(testbed: Testbed, state: State) -> Iterator[Workstations]:
    """The users' workstations."""
    made = Workstations(testbed, state)
    yield made
    made.close()


@pytest.fixture
def workstation(workstations: Workstations, route: Route) -> Workstation:
    """The workstation of the user's home infrastructure."""
    return workstations.at(route.home.name)


@pytest.fixture
def http(workstations: Workstations, route: Route) -> Http:
    """HTTP from the workstation of the user's home infrastructure."""
    return workstations.http(route.home.name)
