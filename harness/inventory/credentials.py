"""How members hold their tokens: refused where the source, a key of it, or the choice makes no sense."""

from __future__ import annotations

import pkgutil
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

from harness.errors import InventoryError
from harness.inventory.records import told
from harness.kinds import registry
from harness.model import ISSUER, Infrastructure, Member


def check(path: Path, infrastructures: Iterable[Infrastructure]) -> None:
    """Refuse credentials that cannot be used, and those of which two members would be one user.

    Raises
    ------
    InventoryError
        naming the members, and what to do.
    """
    holders: dict[Hashable, str] = {}
    for infrastructure in infrastructures:
        for member in infrastructure.members:
            if member.credentials is None:  # what a member has by default needs no keys
                continue
            where = f"infrastructures.{infrastructure.name}.members: {member.name}: credentials"
            holder = _settings(path, where, member).holder
            key = (member.credentials.source, holder)
            if holder is not None and key in holders:
                raise InventoryError(
                    f"{path}: {where}: {holders[key]} has the same, so the two would be one "
                    "user. Give each member its own credentials, or write `none` if there are "
                    "none."
                )
            holders[key] = f"{member.name} of {infrastructure.name}"


def _settings(path: Path, where: str, member: Member) -> Any:
    read = pkgutil.resolve_name(registry().of(ISSUER).credentials)
    with told(path, f"{where} ({member.held_by.source})"):
        try:
            return read(member.held_by.source, member.held_by.data)
        except LookupError as error:
            raise InventoryError(f"{path}: {where}: {error}.") from error
