"""The pytest plugin: `pytest -p harness.engine.plugin --inventory inventories/twin scenarios/`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from harness import inventory, names
from harness.clients import tunnels
from harness.clients.http import Http
from harness.clients.workstations import Workstation, Workstations
from harness.errors import BadInput, InventoryError
from harness.journal import Journal
from harness.kinds import registry
from harness.model import Route, Testbed
from harness.provision import vault as vaults
from harness.redaction import redactor
from harness.state import State

pytest_plugins = [
    "harness.engine.extents",
    "harness.engine.limiting",
    "harness.engine.offer",
    "harness.engine.parametrize",
    "harness.engine.pairs",
    "harness.engine.marks",
    "harness.engine.choice",
    "harness.engine.recording",
    "harness.engine.pool",
    "harness.engine.allure_labels",
    "harness.engine.refusal",
    "harness.engine.host_logs",
    "harness.engine.site_records",
    "harness.engine.measure",
    "harness.engine.containment",
    *registry().plugins,
    "harness.science.fixtures",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the scenarios."""
    group = parser.getgroup("testbed", "interoperability scenarios")
    group.addoption("--inventory", type=Path, default=Path("inventories/twin"), help="the testbed")
    group.addoption(
        "--part",
        default="",
        metavar="NAME",
        help="name of this part of a run, which marks what it creates",
    )


def testbed_of(config: pytest.Config) -> Testbed:
    """Return the testbed that the inventory describes."""
    return _loaded(config.option.inventory)


@cache
def _loaded(path: Path) -> Testbed:
    try:
        return inventory.load(path).testbed
    except InventoryError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_configure(config: pytest.Config) -> None:
    """Set what scenarios need of pytest, whatever configuration file it found."""
    # Middleware's clients warn of much; only the project's own tests take warnings as errors.
    config.addinivalue_line("filterwarnings", "default")
    names.run_part(config.option.part)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Make every secret of the testbed known to the redactor before anything is said."""
    testbed = testbed_of(session.config)
    state = State(testbed.name)
    vault = vaults.load(state)
    try:
        vaults.check(vault, testbed, state)
    except BadInput as error:
        raise pytest.UsageError(str(error)) from error
    _remember(vault)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Reach the workstations behind SSH once, for all workers that are forked afterwards."""
    if not session.config.option.collectonly:
        tunnels.open_all(testbed_of(session.config))


def _remember(vault: vaults.Vault) -> vaults.Vault:
    for secrets in vault.values():
        for secret in secrets.values():
            redactor.remember(secret)
    return vault


@pytest.fixture(scope="session")
def testbed(pytestconfig: pytest.Config) -> Testbed:
    """The testbed that the inventory describes."""
    return testbed_of(pytestconfig)


@pytest.fixture(scope="session")
def state(testbed: Testbed) -> State:
    """The testbed's own keys and secrets."""
    return State(testbed.name)


@pytest.fixture(scope="session")
def journal(state: State, pytestconfig: pytest.Config) -> Journal:
    """A list of changes to the testbed's hosts. Each is written down, with what undoes it, before
    it is made.
    """
    return Journal(state.make().journal_of(pytestconfig.option.part))


@pytest.fixture(scope="session")
def vault(state: State) -> vaults.Vault:
    """Passwords and client secrets, which the redactor knows."""
    return _remember(vaults.load(state))


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
