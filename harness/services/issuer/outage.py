"""What a service finds where the home's issuer should be: nothing, or another endpoint of its name.

All of it is done at hosts that the testbed runs and may disturb, and undone when the block ends that asked
for it. Elsewhere the scenario is not run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import ECKey

from harness.engine import disturbance
from harness.engine.not_shown import NotRun
from harness.errors import Unreachable
from harness.evidence import step
from harness.journal import Journal
from harness.model import Host, Route, Service, Testbed
from harness.mutants import routes
from harness.services.issuer.client import Issuer
from harness.shell import Shell
from harness.state import State

_READ_NAMES = "cat /etc/hosts"
_WRITE_NAMES = 'printf %s "$NAMES" > /etc/hosts'  # a mount: it can be written, and not replaced
_RESTORE_NAMES = f'! grep -qxF "$LINE" /etc/hosts || {_WRITE_NAMES}'
"""Undoes a change of names that is still there; a host that was made anew has its own."""


def _program(name: str) -> str:
    """Return a program that runs at a host."""
    return files(__package__).joinpath(f"programs/{name}").read_text(encoding="utf-8")


class CutIssuer(Protocol):
    """Cuts the host of a service off from the issuer of the user's home, while a block lasts."""

    def __call__(self, service: Service) -> AbstractContextManager[None]:
        """Cut on entry, mend on exit."""
        ...


class StandIn(Protocol):
    """Lets a service find another endpoint by the name of the home's issuer, while a block lasts.

    It tells what the issuer does, and publishes one key more, which the block is given.
    """

    def __call__(self, service: Service, *, named: bool = True) -> AbstractContextManager[ECKey]:
        """Stand in on entry, with the issuer's own certificate or (`named=False`) with another."""
        ...


class KeptKeys(Protocol):
    """The keys of the home's issuer that a service keeps."""

    def make_due(self) -> None:
        """Make the service fetch the keys again at the next token."""
        ...


class KeyCaches(Protocol):
    """What the fixture `key_caches` gives: the kind of service that keeps keys brings it."""

    def of(self, service: Service) -> KeptKeys:
        """Return the keys that a service keeps."""
        ...


@pytest.fixture
def cut_issuer(testbed: Testbed, route: Route, journal: Journal) -> CutIssuer:
    """Cut the host of a service off from the issuer of the user's home. The scenario needs the mark
    `alone`.
    """
    name = str(urlsplit(route.home.issuer).hostname)

    @contextmanager
    def cut(service: Service) -> Iterator[None]:
        with ExitStack() as mending:
            for host in _ours(service, testbed):
                change = f"it is cut off from {name}"
                mending.enter_context(journal.changed(host, change, _program("mend.sh"), NAME=name))
                with step(f"cut {host.name} off from {name}") as record:
                    record.receive(_run(host, _program("cut.sh"), NAME=name))
            yield

    return cut


@pytest.fixture
def stand_in(
    *,
    testbed: Testbed,
    state: State,
    route: Route,
    issuer: Issuer,
    key_caches: KeyCaches,
    journal: Journal,
) -> StandIn:
    """Put another endpoint in the place of the home's issuer, for one service. The scenario needs
    the mark `alone`.
    """
    name = str(urlsplit(route.home.issuer).hostname)
    place = testbed.workstation(route.resource.infrastructure)

    @contextmanager
    def stand(service: Service, *, named: bool = True) -> Iterator[ECKey]:
        hosts = _ours(service, testbed)
        disturbance.require(place, f"which would stand in for {name}")
        if place.address is None:
            raise NotRun(
                f"the inventory has no `address` of {place.name}, at which it would act in place of {name}."
            )
        own = state.pki / str(place.infrastructure) / f"{place.name}.pem"
        shown = state.pki / route.home.name / f"{name}.pem" if named else own
        if not shown.exists():
            raise NotRun(
                f"the testbed has no certificate for {name}, so it cannot act in its place."
            )
        key = ECKey.generate_key("P-256", {"alg": "ES256", "use": "sig"}, auto_kid=True)
        with ExitStack() as undoing:
            with step(f"{place.name} stands in for {name}, as {shown.stem}") as record:
                record.send(f"one key more than the issuer: {key.kid}")
                change = f"it stands in for {name}"
                undoing.enter_context(journal.changed(place, change, _program("stop_stand_in.sh")))
                _start(place, _pages(issuer, key), certificate=shown)
                for host in hosts:
                    names = _run(host, _READ_NAMES)
                    change = f"it takes {place.name} for {name}"
                    line = f"{place.address} {name}"
                    undoing.enter_context(
                        journal.changed(host, change, _RESTORE_NAMES, NAMES=names, LINE=line)
                    )
                    _run(host, _WRITE_NAMES, NAMES=renamed(names, name, str(place.address)))
            # Whoever looks for new keys from time to time only, looks now.
            key_caches.of(service).make_due()
            yield key

    return stand


def _ours(service: Service, testbed: Testbed) -> Sequence[Host]:
    """Return the hosts that answer for a service, where the testbed may disturb them."""
    hosts = routes.answering(service, testbed)
    for host in hosts:
        disturbance.require(host, "or its network")
    return hosts


def _pages(issuer: Issuer, key: ECKey) -> dict[str, object]:
    """Return what an issuer publishes, by path, with one key more."""
    metadata = dict(issuer.discover().expect_ok().json)
    published = issuer.key_set()
    base = urlsplit(issuer.infrastructure.issuer).path.rstrip("/")
    return {
        f"{base}/.well-known/openid-configuration": metadata,
        urlsplit(issuer.endpoint("jwks_uri")).path: {
            "keys": [*published, key.as_dict(private=False)]
        },
    }


def _start(place: Host, pages: dict[str, object], *, certificate: Path) -> None:
    _run(
        place,
        _program("start_stand_in.sh"),
        PROGRAM=_program("stand_in.py"),
        PAGES=json.dumps(pages),
        CERTIFICATE=certificate.read_text(),
        KEY=certificate.with_suffix(".key").read_text(),
    )


def renamed(names: str, name: str, address: str) -> str:
    """Return the content of a hosts file in which a name has another address."""
    kept = [line for line in names.splitlines() if name not in line.partition("#")[0].split()[1:]]
    return "\n".join([*kept, f"{address} {name}", ""])


def _run(host: Host, script: str, **env: str) -> str:
    """Run a script at a host and return its output.

    Raises
    ------
    Unreachable
        where it fails.
    """
    done = Shell(host).run(script, env=env)
    if done.code:
        said = (done.stderr or done.stdout).strip()
        what = script.splitlines()[0].removeprefix("# ")
        raise Unreachable(f"{what[:60]}: {said[-200:]}", host.name)
    return done.stdout
