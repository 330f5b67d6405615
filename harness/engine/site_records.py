"""Who did something, by a site's own records alone, read at its host as its administrator reads them.

What a trace must name is what identifies a token anywhere: issuer, subject and identifier (WLCG Token
Profile 1.3, section 2.1.1; Sirtfi 1.0, TR1). The virtual organisation follows from the issuer, which serves
one alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pytest

from harness.errors import NoWayIn, Unreachable
from harness.evidence import step
from harness.model import Host, Service, Testbed
from harness.mutants import routes
from harness.shell import Shell

_TIMEOUT = 60
"""Seconds that a search of records may take."""


@dataclass(frozen=True)
class Trace:
    """What a record says of who did something; a field is empty where the record does not say it."""

    issuer: str = ""
    subject: str = ""
    token_id: str = ""
    """`jti` of the token (RFC 7519, section 4.1.7)."""
    address: str = ""
    """IP address of the client."""

    @property
    def user(self) -> tuple[str, str]:
        """Issuer and subject: together they name one user."""
        return self.issuer, self.subject

    def __str__(self) -> str:
        said = {
            "issuer": self.issuer,
            "subject": self.subject,
            "jti": self.token_id,
            "address": self.address,
        }
        return ", ".join(f"{name} {value or 'not recorded'}" for name, value in said.items())


def told(traces: Iterable[Trace]) -> str:
    """Return traces for people."""
    return "; ".join(map(str, traces)) or "no record"


class SiteRecords:
    """The records at the hosts of services, where the testbed has made them."""

    def __init__(self, testbed: Testbed) -> None:
        self._testbed = testbed

    def host(self, service: Service) -> Host:
        """Return the host that keeps the records of a service.

        Raises
        ------
        NoWayIn
            where the testbed did not make the host, and so does not read its records.
        """
        host = routes.answering(service, self._testbed)[0]
        if not host.roles:
            raise NoWayIn(host.name)
        return host

    def addresses(self, service: Service, *, of: Host) -> frozenset[str]:
        """Return the addresses from which a service sees the requests of a workstation.

        In a proof, a gateway stands between them.
        """
        between = routes.answering(service, self._testbed)[1:]
        return frozenset(str(host.address) for host in (of, *between) if host.address)

    def read(
        self, service: Service, command: str, *, sought: str, env: Mapping[str, str] | None = None
    ) -> str:
        """Run a command at the host of a service, and return what it prints.

        Parameters
        ----------
        sought
            what the command looks for, for people.

        Raises
        ------
        NoWayIn
            where the testbed did not make the host.
        Unreachable
            where the command fails.
        """
        host = self.host(service)
        with step(f"{host.name}: records of {sought}") as record:
            record.send(command)
            try:
                done = Shell(host).run(command, env=env, timeout=_TIMEOUT)
            except TimeoutError as error:
                raise Unreachable(str(error), host.name) from error
            record.receive(f"{done.stdout}{done.stderr}")
            if done.code:
                raise Unreachable(f"the records cannot be read: {done.stderr.strip()}", host.name)
            return done.stdout


@pytest.fixture
def site_records(testbed: Testbed) -> SiteRecords:
    """The records at the hosts of services."""
    return SiteRecords(testbed)
