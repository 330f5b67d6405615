"""A member whom the home's AAI suspends while the member holds tokens, and lets in again afterwards.

It is done at the AAI's own host, as whoever runs it would. Where the testbed may not disturb that host, the
scenario is not run.
"""

from __future__ import annotations

import fcntl
import shlex
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from harness.engine import disturbance
from harness.engine.not_shown import NotRun
from harness.errors import Unreachable
from harness.evidence import step
from harness.inventory import ROLES
from harness.journal import Entry, Journal
from harness.model import Host, Member, Route, Service, Testbed
from harness.services.issuer.fixtures import Issuers
from harness.services.issuer.user import User
from harness.shell import Shell
from harness.state import State

_PATIENCE = 600
"""Seconds to wait for a member whom no other scenario has: in a proof, several want one."""

_PROGRAMS: Mapping[str, Path] = {
    "oidc-provider": ROLES / "oidc_provider" / "files" / "suspend_in_users_file.py",
    "lemonldap": ROLES / "lemonldap" / "files" / "suspend_in_database.py",
}
"""Implementation of the AAI -> what its operator runs."""


class Suspension:
    """Suspends one member at the AAI."""

    def __init__(
        self, host: Host, *, implementation: str, member: Member, journal: Journal
    ) -> None:
        self._host, self._member, self._journal = host, member, journal
        program = _PROGRAMS[implementation].read_text(encoding="utf-8")
        self._script = shlex.join(["python3", "-c", program])
        self._undone = Entry(
            host.name,
            f"{member.name} is suspended",
            self._script,
            {"NAME": member.name, "SUSPENDED": "0"},
        )

    def begin(self) -> None:
        """Suspend the member."""
        self._journal.note(self._undone)
        with step(f"{self._host.name}: suspend {self._member.name}") as record:
            env = {"NAME": self._member.name, "SUSPENDED": "1"}
            done = Shell(self._host).run(self._script, env=env)
            record.receive(done.stdout + done.stderr)
            if done.code:
                raise Unreachable(f"suspend: {done.stderr.strip()[-200:]}", self._host.name)

    def end(self) -> None:
        """Let the member in again, whether suspended or not."""
        self._journal.undo(self._undone, self._host)


@pytest.fixture
def aai(testbed: Testbed, route: Route) -> Service:
    """The AAI of the user's home, if the testbed may act as its operator."""
    service = testbed.issuer_service(route.home.name)
    if service.implementation not in _PROGRAMS:
        raise NotRun(
            f"the testbed cannot control {service.host}, so it cannot suspend a user there."
        )
    disturbance.require(testbed.host(service.host), "so it cannot suspend a user there")
    return service


@pytest.fixture
def leaver(
    aai: Service, issuers: Issuers, testbed: Testbed, state: State, route: Route
) -> Iterator[User]:
    """A member whom no other test uses at the same time, with tokens that expire soon: for
    `suspension`.
    """
    members = [member for member in route.home.members if member.kind == "leaver"]
    client_id = testbed.brief_client_id
    if not members or client_id is None:
        raise NotRun(
            f"the inventory names no member of kind `leaver` at {aai.host}, or no `brief_client_id`"
        )
    with reserved(members, state.root / "leavers") as member:
        yield issuers.login(route.home, member, client_id=client_id)


@pytest.fixture
def suspension(
    aai: Service, testbed: Testbed, leaver: User, journal: Journal
) -> Iterator[Suspension]:
    """The suspension of `leaver` by the home's AAI. It begins with `begin()` and ends with the
    test.
    """
    host = testbed.host(aai.host)
    made = Suspension(
        host, implementation=aai.implementation, member=leaver.member, journal=journal
    )
    made.end()  # what a command has left that could not undo it
    yield made
    made.end()


@contextmanager
def reserved(members: list[Member], folder: Path) -> Iterator[Member]:
    """Take a member whom no other process has, and have the member until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:

        def take() -> Member | None:
            for member in members:
                file = (folder / member.name).open("w")
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    file.close()
                else:
                    held.callback(file.close)
                    return member
            return None

        found = Retrying(
            retry=retry_if_result(lambda one: one is None),
            wait=wait_fixed(1),
            stop=stop_after_delay(_PATIENCE),
            retry_error_callback=lambda _: None,
        )(take)
        if found is None:
            names = ", ".join(member.name for member in members)
            raise Unreachable(f"{names}: other scenarios used them for {_PATIENCE:g} s", "")
        yield found
