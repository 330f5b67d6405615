"""Fixtures of the accounting services."""

from __future__ import annotations

import pytest

from harness.clients.workstations import Workstations
from harness.engine.not_shown import NotRun
from harness.errors import PreconditionError
from harness.model import Infrastructure, Route, Site, Testbed
from harness.provision.vault import Vault
from harness.services.accounting import messages
from harness.services.accounting.client import Repository
from harness.services.accounting.kind import KEY, REPOSITORY
from harness.services.accounting.messages import Message
from harness.state import State


class Repositories:
    """The repositories of a route, seen from the workstation of the user's home.

    Each gives out the records of the route's resource: of what the users of the home have used there.
    """

    def __init__(
        self, testbed: Testbed, route: Route, vault: Vault, workstations: Workstations
    ) -> None:
        self._testbed, self._route, self._vault = testbed, route, vault
        self._http = workstations.http(route.home.name)

    def at(self, where: Infrastructure | Site) -> Repository:
        """Return the repository of a site, or of the home site of an infrastructure.

        Raises
        ------
        LookupError
            where the site has none.
        PreconditionError
            where the testbed has no key of it.
        """
        if isinstance(where, Infrastructure):
            site = self._route.home_site or self._testbed.home_site(where.name)
        else:
            site = where
        service = site.service(REPOSITORY)
        key = self._vault.get(service.infrastructure, {}).get(KEY)
        if key is None:
            raise PreconditionError(
                f"the testbed's secrets lack `{KEY}` of {service.infrastructure}, which opens "
                f"{service.endpoint} to readers. Add it to vault.json (docs/sites.md); `testbed up` makes "
                "those of its own hosts."
            )
        return Repository(
            service.endpoint, http=self._http, key=key, site=self._route.resource.name
        )


class Sender:
    """Signs messages with the keys of hosts, as sites do.

    The keys are the testbed's own; a real site gives its keys to nobody.
    """

    def __init__(self, testbed: Testbed, state: State, site: Site) -> None:
        self._testbed, self._state, self._site = testbed, state, site

    def message(self, *, by: Site | None = None, **changes: str) -> Message:
        """Return a message with one record of the site, signed by a host of that site or of another.

        `changes` are fields of the record, by APEL's names.
        """
        fields = messages.record(self._site.name, **changes)
        signer = by or self._site
        for host in self._testbed.hosts:
            folder = self._state.pki / str(host.infrastructure)
            certificate, key = folder / f"{host.name}.pem", folder / f"{host.name}.key"
            if host.site == signer.name and certificate.exists() and key.exists():
                return messages.signed(fields, certificate=certificate, key=key)
        raise NotRun(f"the testbed has no key of a host of {signer.name}, so it cannot sign for it")

    def other_site(self) -> Site:
        """Return a site other than this one.

        Raises
        ------
        LookupError
            where the testbed has no other.
        """
        for site in self._testbed.sites:
            if site.name != self._site.name:
                return site
        raise LookupError("the testbed has one site only")


@pytest.fixture
def accounting(
    testbed: Testbed, route: Route, vault: Vault, workstations: Workstations
) -> Repositories:
    """The accounting repositories of both ends of the route."""
    return Repositories(testbed, route, vault, workstations)


@pytest.fixture
def sender(testbed: Testbed, state: State, route: Route) -> Sender:
    """Signs messages in the name of the resource's hosts, and of others'."""
    return Sender(testbed, state, route.resource)
