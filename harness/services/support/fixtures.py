"""Fixtures of user support: the helpdesks of a route, and who writes to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from harness import names
from harness.answer import Answer
from harness.clients.http import Http
from harness.clients.workstations import Workstation, Workstations
from harness.engine.not_shown import NotRun
from harness.errors import PreconditionError
from harness.evidence import step
from harness.model import Infrastructure, Route, Service, Site, Testbed
from harness.provision.vault import Vault
from harness.services.support.helpdesk import Helpdesk
from harness.services.support.kind import HELPDESK, REQUEST_TRACKER, ROUNDUP
from harness.services.support.mail import Attachment, Mail, send
from harness.services.support.request_tracker import RequestTracker
from harness.services.support.roundup import Roundup
from harness.shell import Shell

CLIENTS: Mapping[str, Callable[[Service, Http, str], Helpdesk]] = {
    REQUEST_TRACKER: RequestTracker,
    ROUNDUP: Roundup,
}
"""Implementation -> by what its agents use it."""
_SECRETS: Mapping[str, str] = {
    REQUEST_TRACKER: "request_tracker_agent_password",
    ROUNDUP: "roundup_agent_password",
}
"""Implementation -> the secret of its role with the agents' password."""


class Helpdesks:
    """The helpdesks of a route, each used by its own agents from its own infrastructure."""

    def __init__(
        self, testbed: Testbed, vault: Vault, workstations: Workstations, route: Route
    ) -> None:
        self._testbed, self._vault, self._workstations = testbed, vault, workstations
        # In a proof, the one of the route's user may be broken.
        self._home = route.home_site or testbed.home_site(route.home.name)

    def at(self, where: Infrastructure | Site) -> Helpdesk:
        """Return the helpdesk of a site, or of the home site of the user's infrastructure.

        Raises
        ------
        NotRun
            where the testbed does not run it, so that it is no agent there.
        LookupError
            where the site offers none.
        """
        site = self._home if isinstance(where, Infrastructure) else where
        service = site.service(HELPDESK)
        if not self._testbed.host(service.host).roles or service.implementation not in CLIENTS:
            raise NotRun(f"the testbed has no agent at the helpdesk {service.endpoint}")
        try:
            password = self._vault[service.infrastructure][_SECRETS[service.implementation]]
        except KeyError:
            raise PreconditionError(
                f"the secret `{_SECRETS[service.implementation]}` of {service.infrastructure} is "
                "missing. `testbed up --extent full` creates it."
            ) from None
        http = self._workstations.http(service.infrastructure)
        return CLIENTS[service.implementation](service, http, password)


@pytest.fixture
def helpdesks(
    testbed: Testbed, vault: Vault, workstations: Workstations, route: Route
) -> Helpdesks:
    """The helpdesks of the user's home and of the site, as their agents see them."""
    return Helpdesks(testbed, vault, workstations, route)


@dataclass(frozen=True)
class Correspondent:
    """Somebody who writes mail from a workstation, and has a mail server."""

    address: str
    server: str
    workstation: Workstation
    mailbox: Callable[[], str]
    """Returns what mail there is for them."""

    def write(
        self,
        to: str,
        subject: str,
        text: str = "No job starts.",
        *,
        attachments: tuple[Attachment, ...] = (),
        sender: str = "",
        envelope: str = "",
        server: str = "",
    ) -> Answer:
        """Send a mail, by their own mail server unless another is named.

        `sender` in the header, and `envelope`, are their own address unless another is claimed.
        """
        mail = Mail(
            sender=sender or self.address,
            to=to,
            subject=subject,
            text=text,
            attachments=attachments,
            envelope=envelope or sender or self.address,
        )
        return send(mail, self.workstation, server=server or self.server)


@pytest.fixture
def correspondent(testbed: Testbed, workstations: Workstations, route: Route) -> Correspondent:
    """The member of the user's home, as one who writes mail."""
    return _correspondent(testbed, workstations, route.home)


@pytest.fixture
def stranger(testbed: Testbed, workstations: Workstations, route: Route) -> Correspondent:
    """A member of another infrastructure than the user's home, as one who writes mail."""
    other = next(one for one in testbed.infrastructures if one.name != route.home.name)
    return _correspondent(testbed, workstations, other)


def _correspondent(
    testbed: Testbed, workstations: Workstations, home: Infrastructure
) -> Correspondent:
    server = testbed.home_site(home.name).service(HELPDESK).host
    name = home.member("member").name

    def mailbox() -> str:
        with step(f"read the mail of {name} at {server}") as record:
            done = Shell(testbed.host(server)).run(["cat", f"/var/mail/{name}"])
            record.receive(done.stdout[-2000:])
        return done.stdout

    return Correspondent(f"{name}@{server}", server, workstations.at(home.name), mailbox)


@pytest.fixture
def mark() -> str:
    """Words that no other ticket has in its subject."""
    return names.fresh()
