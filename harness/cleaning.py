"""`testbed clean`: what a killed run has left at the sites is found by its name, and removed."""

from __future__ import annotations

import pkgutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness import names
from harness.clients import limits
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
    cleaning = _Cleaning(console, dry_run=dry_run)
    with lock.hold(state, "clean", containers=hosts.exist(testbed)):
        limits.forget(state.limits)
        with _ready(inventory, state, state.limits) as (workstations, users):
            for service in testbed.services():
                if not sites or service.site in sites:
                    for home in testbed.infrastructures:
                        cleaning.look(service, home, users, workstations)
            for home in testbed.infrastructures:
                workstation = workstations.at(home.name)
                if not sites or workstation.host.site in sites:
                    cleaning.look_at_home(workstation)
    return cleaning.count()


def clean_part(
    inventory: Inventory,
    *,
    homes: Collection[str],
    sites: Collection[str],
    folder: Path,
    console: Console,
) -> Cleaned:
    """Remove what an earlier try of the part of a run has left that this process runs.

    Files and containers bear the part's name, wherever they are. Jobs do not; but no other part submits
    any at its sites.

    Parameters
    ----------
    homes
        infrastructures whose users act in the part.
    sites
        the part's sites, which the caller holds.
    folder
        where the parts share what they have used of the sites' budgets.
    """
    testbed = inventory.testbed
    state = State(testbed.name)
    acting = [testbed.infrastructure(home) for home in homes]
    lent = {testbed.home_site(home).name for home in homes}
    cleaning = _Cleaning(console, dry_run=False, only=names.ours())
    with _ready(inventory, state, folder) as (workstations, users):
        for service in testbed.services():
            own = registry().of(service.type).name in _OWN
            if service.site in sites or (service.site in lent and not own):
                for home in acting:
                    cleaning.look(service, home, users, workstations)
        for home in acting:
            cleaning.look_at_home(workstations.at(home.name))
    return cleaning.count()


@contextmanager
def _ready(
    inventory: Inventory, state: State, folder: Path
) -> Iterator[tuple[Workstations, Issuers]]:
    """Let users log in, within the limits of the sites, of which the folder tells what is used."""
    testbed = inventory.testbed
    secrets = vault.load(state)
    vault.check(secrets, testbed, state)
    for own in secrets.values():
        for secret in own.values():
            redactor.remember(secret)
    workstations = Workstations(testbed, state)
    try:
        with limiting.kept(testbed, inventory.folder, folder=folder):
            yield workstations, Issuers(testbed, secrets, workstations, state)
    finally:
        workstations.close()


class _Cleaning:
    """Looks at one service after the other, and counts."""

    def __init__(self, console: Console, *, dry_run: bool, only: str = "") -> None:
        self._console, self._dry_run, self._only = console, dry_run, only
        self.found = self.removed = self.troubles = 0

    def count(self) -> Cleaned:
        """Tell how much there was, and return it."""
        self._console.print(
            f"found {self.found}, removed {self.removed}, could not be done {self.troubles}",
            highlight=False,
        )
        return Cleaned(self.found, self.removed, self.troubles)

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
                    if kind.name not in _OWN:
                        found = filter(self._is_ours, found)
                    self._remove_all(found, place)
            except BeyondSource:
                continue  # whoever gets no token for the service has left nothing there
            if kind.name not in _OWN:
                break

    def look_at_home(self, workstation: Workstation) -> None:
        """Look at a workstation, and remove what is there."""
        place = f"the workstation {workstation.host.name}"
        with self._told(place):
            self._remove_all(filter(self._is_ours, leftovers(workstation)), place)

    def _is_ours(self, one: Leftover) -> bool:
        """Tell whether it is not of another part of the run, which may be under way."""
        return any(name.startswith(self._only) for name in one.what.split("/"))

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
