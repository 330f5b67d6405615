"""What is found out before a run: missing secrets and tokens, silent services, issuers that let nobody in.

Each would make hundreds of cells inconclusive, minutes later and each for itself. Only what the scenarios
of the run will ask is looked at.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from rich.console import Console
from rich.markup import escape

from harness.clients import limits, socks
from harness.clients.http import CONNECT, Http
from harness.clients.outages import log_ins, origin, outages
from harness.clients.workstations import Workstations
from harness.conformance.verdicts import HostFault
from harness.engine import limiting
from harness.engine.contacts import Contacts
from harness.errors import BadInput, NotAllowed, TestbedError, Unreachable
from harness.inventory import Inventory
from harness.kinds import WEB
from harness.model import Infrastructure, Member, MemberKind, Route, Testbed
from harness.printable import printable
from harness.provision import vault as vaults
from harness.redaction import redactor
from harness.services.issuer import readiness, sources
from harness.services.issuer.fixtures import Issuers
from harness.services.issuer.sources.holding import Ability
from harness.state import State

_PATIENCE = 30.0
"""Seconds that a service gets to answer: what is on a busy machine is slow, and not down. A connection
comes sooner (`harness.clients.http.CONNECT`), so that many sites that are down cost seconds."""
_AT_ONCE = 96
"""Services that are asked at a time; a client has 100 connections."""
_ADMITTED: tuple[MemberKind, ...] = ("member", "second", "robot")
"""Users whom their issuer should let in; of others nothing is known."""
_REFUSALS = (400, 401, 403)
"""Answers of a token endpoint to a log-in that it will not take the next time either (RFC 6749, 5.2)."""


def require_secrets(testbed: Testbed, state: State, contacts: Iterable[Contacts]) -> None:
    """Check that there is a secret of each user and client that the scenarios take.

    Raises
    ------
    BadInput
        naming all that are missing, and the file.
    """
    vault = vaults.load(state)
    missing = [
        f"{home}.{name}"
        for home, name in sorted(_secrets(testbed, contacts))
        if not vault.get(home, {}).get(name)
    ]
    if missing:
        raise BadInput(
            f"{state.vault}: secrets of users are missing: {', '.join(missing)}. Write them there "
            "(docs/sites.md, Secrets); where the testbed provisions the issuer, `testbed up` makes them."
        )


def _secrets(testbed: Testbed, contacts: Iterable[Contacts]) -> set[tuple[str, str]]:
    """Return infrastructure and name of each secret that is needed."""
    found: set[tuple[str, str]] = set()
    for home, kinds, client in {(one.home, one.users, one.client) for one in contacts}:
        infrastructure = testbed.infrastructure(home)
        for member in infrastructure.members:
            if member.kind in kinds and _asks(testbed, infrastructure, member):
                found.add((home, vaults.of_member(member)))
        if client:
            found.add((home, vaults.key(f"client_{testbed.client_id}")))
    return found


def _asks(testbed: Testbed, home: Infrastructure, member: Member) -> bool:
    """Tell whether the testbed asks the issuer for a user's tokens by a secret of the vault.

    Where the inventory chooses another source, `make_ready` looks at that.
    """
    held = sources.holding(member, testbed.issuer_service(home.name))
    return member.credentials is None and not held.lacks(Ability.TOKEN)


def ask_people(inventory: Inventory) -> None:
    """Ask people at the terminal, as far as that needs nothing that is yet to be provisioned.

    Raises
    ------
    SourceFailed
        where somebody did not agree, or there is no terminal.
    """
    testbed = inventory.testbed
    homes = [one for one in testbed.infrastructures if _is_there(one, testbed)]
    with (
        limiting.kept(testbed, inventory.folder),
        _issuers(testbed, State(testbed.name)) as issuers,
    ):
        for home in homes:
            with suppress(NotAllowed):  # not now; what needs these people is not run, and says why
                readiness.prepare(issuers, home, readiness.Terminal())


def _is_there(home: Infrastructure, testbed: Testbed) -> bool:
    """Tell whether an issuer runs already, and is asked from this machine."""
    issuer = testbed.host(testbed.issuer_service(home.name).host)
    return not issuer.roles and testbed.workstation(home.name).connection == "local"


def make_ready(testbed: Testbed, state: State, routes: Iterable[Route]) -> list[str]:
    """Look that the users of some routes can act whose tokens come from elsewhere; return what to tell.

    People are asked.

    Raises
    ------
    BadInput
        naming every member who cannot.
    """
    names = {name for one in routes for name in (one.home.name, one.resource.infrastructure)}
    homes = [one for one in testbed.infrastructures if one.name in names]
    with _issuers(testbed, state) as issuers:
        return readiness.make_ready(issuers, homes, readiness.Terminal())


@contextmanager
def _issuers(testbed: Testbed, state: State) -> Iterator[Issuers]:
    workstations = Workstations(testbed, state)
    try:
        yield Issuers(testbed, vaults.load(state), workstations, state)
    finally:
        workstations.close()


def look(
    testbed: Testbed, state: State, contacts: Iterable[Contacts], *, console: Console
) -> tuple[HostFault, ...]:
    """Ask each service once from the workstation of each home, and let each issuer give one token.

    What does not answer is told, noted among the run's outages, and returned as a fault of its host.
    """
    wanted = tuple(contacts)
    workstations = Workstations(testbed, state)
    try:
        faults = [
            *_silent(testbed, wanted, workstations),
            *_closed(testbed, state, wanted, workstations),
        ]
    finally:
        workstations.close()
    for fault in faults:
        console.print(f"[yellow]{escape(printable(str(fault)))}[/]", highlight=False)
    return tuple(faults)


def _silent(
    testbed: Testbed, contacts: Iterable[Contacts], workstations: Workstations
) -> Iterator[HostFault]:
    """Yield a fault for each endpoint from which nothing came."""
    asked = sorted({(one.home, endpoint) for one in contacts for endpoint in one.endpoints})
    clients = {home: workstations.http(home) for home, _ in asked}
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = list(pool.map(lambda pair: _silence(clients[pair[0]], pair[1]), asked))
    silent: dict[str, dict[str, str]] = {}
    for (home, endpoint), why in zip(asked, found, strict=True):
        silent.setdefault(endpoint, {})[home] = why
        if why:
            clients[home].note(endpoint, why)
            # Commands keep an account of their own: they may fail where a request is answered.
            outages.note(endpoint, why, via=workstations.at(home).host.name)
    for endpoint, by_home in silent.items():
        if all(by_home.values()):  # else it is not down: what fails then arises from crossing
            host = next(one.host for one in testbed.services() if one.endpoint == endpoint)
            why = next(iter(by_home.values()))
            what = f"{origin(endpoint)} does not answer: {why}"
            yield HostFault(host=host, when="before", what=redactor.redact(what))


def _silence(http: Http, endpoint: str) -> str:
    """Return why nothing came from an endpoint; empty where something did, or where nobody can tell."""
    parts = urlsplit(endpoint)
    if parts.scheme in WEB:
        return http.silence(endpoint, patience=_PATIENCE)
    if not (parts.hostname and parts.port):
        return ""
    at = (parts.hostname, parts.port)
    try:
        limits.before("HEAD", endpoint)
        if http.proxy:
            socks.connect(http.proxy, *at, patience=CONNECT)
        else:
            socket.create_connection(at, timeout=CONNECT).close()
    except NotAllowed:
        return ""
    except Unreachable as error:
        return str(error)
    except OSError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _closed(
    testbed: Testbed, state: State, contacts: Iterable[Contacts], workstations: Workstations
) -> Iterator[HostFault]:
    """Yield a fault for each issuer that refuses all whom it should let in."""
    taken: dict[str, set[str]] = {}
    for one in contacts:
        taken.setdefault(one.home, set()).update(one.users)
    issuers = Issuers(testbed, vaults.load(state), workstations, state)
    for home, kinds in sorted(taken.items()):
        infrastructure = testbed.infrastructure(home)
        asking = [
            member
            for member in infrastructure.members
            if member.kind in kinds.intersection(_ADMITTED)
            and _asks(testbed, infrastructure, member)
        ]
        refusals = []
        for member in asking:
            refusal = _refusal(issuers, infrastructure, member.kind)
            refusals.append(f"{member.name}: {refusal}" if refusal else "")
            if not refusal:
                break
        if refusals and all(refusals):
            service = testbed.issuer_service(home)
            what = f"{infrastructure.issuer} refuses all log-ins ({'; '.join(refusals)})"
            outages.note(log_ins(home), what, host=service.host, lasting=True)
            yield HostFault(host=service.host, when="before", what=redactor.redact(what))


def _refusal(issuers: Issuers, home: Infrastructure, kind: MemberKind) -> str:
    """Return how an issuer refuses a user; empty where it does not, or where that is not known."""
    try:
        answer = issuers.user(home, kind).ask()
    except Unreachable:
        return ""  # told already, as a service that does not answer
    except NotAllowed:
        return ""  # a downtime: what would ask it is not run, and says why
    except (TestbedError, AssertionError) as error:
        return str(error).splitlines()[0]
    if answer.ok or answer.status not in _REFUSALS:
        return ""
    return f"HTTP {answer.status} {answer.error or ''}".strip()
