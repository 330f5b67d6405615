"""Whom a notice concerns: the contacts that the agreement names for its sites and infrastructures."""

from __future__ import annotations

from collections.abc import Sequence

from harness.conformance import agreement
from harness.conformance.agreement import Agreement
from harness.errors import BadInput
from harness.inventory import Inventory
from harness.notice.delivery import Undelivered


class People:
    """The contacts of a testbed's agreement."""

    def __init__(self, found: Agreement, owners: dict[str, str]) -> None:
        self._of: dict[str, list[tuple[str, str]]] = {}
        for party in found.parties:
            self._of[f"{party.infrastructure or party.site}"] = [
                (contact.name, contact.email) for contact in party.contacts
            ]
        self._owners = owners

    def of(self, parties: Sequence[str]) -> list[tuple[str, str]]:
        """Return name and address of each contact once.

        A site that is no party is told by its infrastructure.

        Raises
        ------
        Undelivered
            where nobody is named.
        """
        found: dict[str, tuple[str, str]] = {}
        for party in parties:
            for name, address in self._of.get(party) or self._of.get(
                self._owners.get(party, ""), []
            ):
                found.setdefault(address.casefold(), (name, address))
        if not found:
            raise Undelivered(
                f"{agreement.FILE} names no contact of {', '.join(parties) or 'anybody'}. Enter one.",
                lasting=True,
            )
        return list(found.values())


def load(inventory: Inventory) -> People:
    """Read the contacts as they are today; people change.

    Raises
    ------
    BadInput
        where there is no agreement, or it is broken.
    """
    path = inventory.folder / agreement.FILE
    found = agreement.load(path, inventory.testbed)
    if found is None:
        raise BadInput(
            f"{path}: there is no such file, and `mail` notifies the contacts that it names. Write it "
            "(docs/sites.md), or set `contacts: false` under `mail`."
        )
    return People(found, {site.name: site.infrastructure for site in inventory.testbed.sites})
