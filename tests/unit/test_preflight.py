"""What is wrong with all cells alike is told before the run, once."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console

from harness import inventory, preflight
from harness.clients import limits
from harness.clients.limits import Limits
from harness.clients.outages import log_ins, outages
from harness.conformance.verdicts import HostFault
from harness.engine.contacts import Contacts
from harness.errors import BadInput, Unreachable
from harness.inventory import Inventory
from harness.model import ISSUER, Host, Infrastructure, Service, Site, Testbed
from harness.provision import vault
from harness.state import State
from tests.unit.serving import Asked, Reply, serving

NOBODY = "http://127.0.0.1:1"
"""Nothing listens there."""


@dataclass
class Issuer:
    """An issuer that lets in whom it knows, by their passwords."""

    url: str = ""
    admitted: set[str] = field(default_factory=set)

    def __call__(self, asked: Asked) -> Reply:
        if asked.target.endswith("openid-configuration"):
            told = {"issuer": self.url, "token_endpoint": f"{self.url}/token"}
            return 200, {}, json.dumps(told).encode()
        if any(f"username={name}".encode() in asked.body for name in self.admitted):
            return 200, {}, b'{"access_token": "a"}'
        return 401, {}, b'{"error": "invalid_grant"}'


@dataclass
class Bed:
    """A testbed of which all workstations are this machine."""

    testbed: Testbed
    state: State
    said: io.StringIO = field(default_factory=io.StringIO)

    def look(self, *contacts: Contacts) -> tuple[HostFault, ...]:
        console = Console(file=self.said, width=300)
        return preflight.look(self.testbed, self.state, contacts, console=console)


def endpoint_of(testbed: Testbed, type_: str, infrastructure: str) -> str:
    return testbed.home_site(infrastructure).service(type_).endpoint


@pytest.fixture
def loaded(inventory_folder: Path) -> Inventory:
    return inventory.load(inventory_folder)


@pytest.fixture
def bed(loaded: Inventory, tmp_path: Path) -> Iterator[Callable[[str, str], Bed]]:
    """Return a testbed with EGI's issuer and all else of EGI's site at these addresses."""
    state = State("unit", root=tmp_path / "state" / "unit").make()
    vault.ensure(loaded, state)

    def make(issuer: str, elsewhere: str) -> Bed:
        def here(host: Host) -> Host:
            return host.model_copy(update={"connection": "local", "address": None})

        def moved(service: Service) -> Service:
            url = issuer if service.type == ISSUER else f"{elsewhere}/{service.type}"
            return service.model_copy(update={"endpoint": url})

        def at(site: Site) -> Site:
            if site.infrastructure != "egi":
                return site
            return site.model_copy(update={"services": tuple(map(moved, site.services))})

        def of(one: Infrastructure) -> Infrastructure:
            return one.model_copy(update={"issuer": issuer}) if one.name == "egi" else one

        testbed = loaded.testbed.model_copy(
            update={
                "hosts": tuple(map(here, loaded.testbed.hosts)),
                "sites": tuple(map(at, loaded.testbed.sites)),
                "infrastructures": tuple(map(of, loaded.testbed.infrastructures)),
            }
        )
        return Bed(testbed, state)

    outages.keep(tmp_path / "outages")
    yield make
    outages.keep(None)


def contacts(home: str, *endpoints: str, users: tuple[str, ...] = ()) -> Contacts:
    return Contacts(home=home, endpoints=endpoints, users=frozenset(users), client=bool(users))


def test_a_service_that_does_not_answer_is_told_once(bed: Callable[[str, str], Bed]) -> None:
    """However many scenarios of however many homes would ask it."""
    with serving(lambda asked: (404, {}, b"")) as server:
        made = bed(server.url, NOBODY)
        url = endpoint_of(made.testbed, "webdav", "egi")
        faults = made.look(contacts("egi", url, server.url), contacts("cstcloud", url))
    assert [(fault.host, fault.when) for fault in faults] == [("se.egi.test", "before")]
    assert faults[0].what.startswith(f"{NOBODY} does not answer: HEAD {NOBODY}/: ConnectError")
    assert made.said.getvalue().count("does not answer") == 1
    with pytest.raises(Unreachable, match="ConnectError"):
        outages.require(url, lambda: False)


def test_a_name_that_means_nothing_is_told(bed: Callable[[str, str], Bed]) -> None:
    made = bed(NOBODY, "https://se.nowhere.invalid")
    (fault,) = made.look(contacts("egi", endpoint_of(made.testbed, "webdav", "egi")))
    assert fault.what.startswith("https://se.nowhere.invalid does not answer: ")


def test_an_issuer_that_lets_nobody_in_is_told_once(bed: Callable[[str, str], Bed]) -> None:
    issuer = Issuer()
    with serving(issuer) as server:
        issuer.url = server.url
        made = bed(server.url, NOBODY)
        (fault,) = made.look(contacts("egi", users=("member", "second", "outsider")))
    assert fault.host == "aai.egi.test"
    assert fault.what == (
        f"{server.url} refuses all log-ins (alice: HTTP 401 invalid_grant; "
        "amelie: HTTP 401 invalid_grant)"
    )
    with pytest.raises(Unreachable, match="refuses all log-ins"):
        outages.require(log_ins("egi"))


def test_an_issuer_that_lets_one_in_is_asked(bed: Callable[[str, str], Bed]) -> None:
    """Who of the others may not is a matter of scenarios."""
    issuer = Issuer(admitted={"amelie"})
    with serving(issuer) as server:
        issuer.url = server.url
        made = bed(server.url, NOBODY)
        assert made.look(contacts("egi", users=("member", "second"))) == ()
    outages.require(log_ins("egi"))


def test_nobody_logs_in_where_no_scenario_takes_a_user(bed: Callable[[str, str], Bed]) -> None:
    with serving(lambda asked: (500, {}, b"")) as server:
        made = bed(server.url, NOBODY)
        assert made.look(contacts("egi", server.url)) == ()
    assert {asked.method for asked in server.asked} == {"HEAD"}


def test_what_is_in_downtime_is_not_asked_and_is_no_fault(
    bed: Callable[[str, str], Bed], tmp_path: Path
) -> None:
    """Else its cells would be inconclusive for a silence that was announced."""
    with serving(lambda asked: (500, {}, b"")) as server:
        made = bed(server.url, NOBODY)
        wanted = (
            contacts("egi", endpoint_of(made.testbed, "webdav", "egi"), server.url),
            contacts("egi", endpoint_of(made.testbed, "XRootD", "egi"), users=("member",)),
        )
        closed = Limits(made.testbed, closed=lambda one: "down" if one.site == "EGI-TWIN" else "")
        limits.keep(closed)
        try:
            assert made.look(*wanted) == ()
        finally:
            limits.keep(None)
        assert server.asked == []
        assert {fault.host for fault in made.look(*wanted)} == {"se.egi.test", "aai.egi.test"}
    outages.require(log_ins("cstcloud"))


def test_secrets_that_the_scenarios_need_are_named_all_at_once(
    loaded: Inventory, tmp_path: Path
) -> None:
    state = State("unit", root=tmp_path / "unit").make()
    wanted = contacts("egi", users=("member", "robot"))
    with pytest.raises(BadInput) as caught:
        preflight.require_secrets(loaded.testbed, state, [wanted])
    for name in ("egi.client_testbed_cli", "egi.client_testbed_robot", "egi.password_alice"):
        assert name in str(caught.value)
    assert "cstcloud" not in str(caught.value)
    assert str(state.vault) in str(caught.value)
    vault.ensure(loaded, state)
    preflight.require_secrets(loaded.testbed, state, [wanted])
