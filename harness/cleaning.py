"""`testbed clean`: what a killed run has left at the sites is found by its name, and removed."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from harness.clients.leftovers import leftovers
from harness.clients.workstations import Workstation, Workstations
from harness.engine import limiting
from harness.errors import BadInput, BeyondSource, TestbedError
from harness.inventory import Inventory
from harness.kinds import Leftover, registry
from harness.model import Infrastructure, MemberKind, Service
from harness.printable import printable
from harness.provision import hosts, lock, vault
from harness.redaction import redactor
from harness.services.issuer.fixtures import Issuers
from harness.state import State

_USERS: tuple[MemberKind, ...] = ("member", "second", "robot", "monitor")
"""Whose things scenarios leave behind; what the VO shares is found by the first of them who can look."""
_OWN = frozenset({"compute"})
"""Kinds whose services show to each user what is the user's own."""


@dataclass(frozen=True)
class Cleaned:
    """What was found, what is gone, and where nobody could look."""

    found: int
    removed: int
    troubles: int


def clean(
    inventory: Inventory, *, sites: Sequence[str] = (), dry_run: bool, console: Console
) -> Cleaned:
    """Remove what bears the testbed's name at the sites, and tell of each.

    Raises
    ------
    BadInput
        where a site is not there.
    Busy
        where another process works on the testbed: what it made is in use.
    """
    testbed = inventory.testbed
    known = {site.name for site in testbed.sites}
    for name in sites:
        if name not in known:
            raise BadInput(f"unknown site {name!r}; there are {', '.join(sorted(known))}.")
    state = State(testbed.name)
    with (
        lock.hold(state, "clean", containers=hosts.exist(testbed)),
        _ready(inventory, state) as issuers,
    ):
        workstations, users = issuers
        cleaning = _Cleaning(console, dry_run=dry_run)
        for service in testbed.services():
            if not sites or service.site in sites:
                for home in testbed.infrastructures:
                    cleaning.look(service, home, users, workstations)
        for home in testbed.infrastructures:
            workstation = workstations.at(home.name)
            if not sites or workstation.host.site in sites:
                cleaning.look_at_home(workstation)
    console.print(
        f"found {cleaning.found}, removed {cleaning.removed}, could not be done {cleaning.troubles}",
        highlight=False,
    )
    return Cleaned(cleaning.found, cleaning.removed, cleaning.troubles)


@contextmanager
def _ready(inventory: Inventory, state: State) -> Iterator[tuple[Workstations, Issuers]]:
    """Let users log in, within the limits of the sites."""
    testbed = inventory.testbed
    secrets = vault.load(state)
    vault.check(secrets, testbed, state)
    for own in secrets.values():
        for secret in own.values():
            redactor.remember(secret)
    workstations = Workstations(testbed, state)
    try:
        with limiting.kept(testbed, inventory.folder):
            yield workstations, Issuers(testbed, secrets, workstations, state)
    finally:
        workstations.close()


class _Cleaning:
    """Looks at one service after the other, and counts."""

    def __init__(self, console: Console, *, dry_run: bool) -> None:
        self._console, self._dry_run = console, dry_run
        self.found = self.removed = self.troubles = 0

    def look(
        self, service: Service, home: Infrastructure, issuers: Issuers, workstations: Workstations
    ) -> None:
        """Look at a service as the users of an infrastructure, and remove what is there."""
        kind = registry().of(service.type)
        if not kind.leftovers:
            return
        listing = pkgutil.resolve_name(kind.leftovers)
        there = {member.kind for member in home.members}
        for user in [one for one in _USERS if one in there]:
            place = f"{service.type} at {service.host} ({service.site}), as {user} of {home.name}"
            try:
                with self._told(place):
                    found = listing(
                        service,
                        user=issuers.user(home, user),
                        home=home,
                        workstations=workstations,
                    )
                    self._remove_all(found, place)
            except BeyondSource:
                continue  # whoever gets no token for the service has left nothing there
            if kind.name not in _OWN:
                break

    def look_at_home(self, workstation: Workstation) -> None:
        """Look at a workstation, and remove what is there."""
        place = f"the workstation {workstation.host.name}"
        with self._told(place):
            self._remove_all(leftovers(workstation), place)

    def _remove_all(self, found: Iterable[Leftover], place: str) -> None:
        for one in found:
            self.found += 1
            with self._told(f"{one.what}: {place}"):
                self._remove(one, place)

    def _remove(self, one: Leftover, place: str) -> None:
        if not self._dry_run:
            one.remove()
            self.removed += 1
        self._say(f"{'found' if self._dry_run else 'removed'} {one.what}: {place}")

    @contextmanager
    def _told(self, place: str) -> Iterator[None]:
        """Tell what could not be done, and go on with the next."""
        try:
            yield
        except BeyondSource:
            raise
        except (TestbedError, AssertionError, LookupError) as error:
            self.troubles += 1
            first = (str(error).strip() or type(error).__name__).splitlines()[0]
            self._say(f"not done: {place}: {redactor.redact(first)}")

    def _say(self, text: str) -> None:
        self._console.print(Text(printable(text)), soft_wrap=True)
