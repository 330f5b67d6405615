"""One round of a site: fetch each publisher's list, take those that may be taken, apply all of them."""

from __future__ import annotations

import hashlib
import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bans.lists import LONGEST, NotTaken, User, checked
from bans.means import Means

_PATIENCE = 20
"""Seconds that a publisher may take to answer."""

Fetch = Callable[[str], bytes]


@dataclass(frozen=True)
class Publisher:
    """Whose list the site takes."""

    name: str
    url: str
    key: Path
    """File with its public key."""


def fetch(url: str) -> bytes:
    """Return what a publisher serves.

    Raises
    ------
    OSError
        where it does not answer.
    """
    with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310, a setting of the role
        content: bytes = answer.read(LONGEST + 1)
    return content


class Site:
    """What a host remembers between two rounds, and what it does in one.

    `status` is a file that the host's administrators read. It tells for each publisher the list that was
    taken (serial, end, users), the digest of the document that came last, and why that was not taken; and
    what was applied when, with what was ended by it.
    """

    def __init__(
        self, status: Path, publishers: list[Publisher], means: Mapping[str, Means]
    ) -> None:
        self._status, self._publishers, self._means = status, publishers, means

    def round(self, *, always: bool = False, fetch: Fetch = fetch) -> bool:
        """Do one round; return whether all lists could be fetched and applied.

        A list that is not taken changes nothing: who was suspended by the last one stays so, also when that
        has expired meanwhile. Where nothing has changed, services are left alone, unless `always`.
        """
        known = self._known()
        lists: dict[str, Any] = known.get("lists", {})
        seen = {
            one.name: self._look(one, lists.get(one.name, {}), fetch) for one in self._publishers
        }
        users = sorted({User(*pair) for one in seen.values() for pair in one.get("users", ())})
        wanted = [[one.issuer, one.subject] for one in users]
        applied = known.get("applied", {})
        # What failed is tried again at each round.
        due = always or applied.get("users") != wanted or bool(applied.get("failed"))
        if due:
            applied = {"users": wanted, **self._apply(users), "at": time.time()}
        self._write({"lists": seen, "applied": applied})
        return not applied.get("failed") and all(not one.get("unreached") for one in seen.values())

    def _look(self, publisher: Publisher, known: Mapping[str, Any], fetch: Fetch) -> dict[str, Any]:
        """Return what is known of a publisher's list after a look at it."""
        kept = {name: known[name] for name in ("serial", "ends", "users") if name in known}
        try:
            document = fetch(publisher.url)
        except OSError as error:
            return {**kept, "digest": known.get("digest", ""), "unreached": str(error)}
        digest = hashlib.sha256(document).hexdigest()
        if digest == known.get("digest"):
            return {**known, "unreached": ""}
        try:
            found = checked(
                document,
                publisher=publisher.name,
                key=publisher.key,
                newest=int(known.get("serial", 0)),
                now=time.time(),
            )
        except NotTaken as error:
            print(f"{publisher.url}: not taken: {error}", flush=True)
            return {**kept, "digest": digest, "not_taken": str(error), "unreached": ""}
        print(f"{publisher.url}: serial {found.serial}, users: {len(found.users)}", flush=True)
        return {
            "serial": found.serial,
            "ends": found.ends,
            "users": [[one.issuer, one.subject] for one in sorted(found.users)],
            "digest": digest,
            "not_taken": "",
            "unreached": "",
        }

    def _apply(self, users: list[User]) -> dict[str, Any]:
        """Apply by every means; return what was ended, and what went wrong, each by its means."""
        ended, failed = {}, {}
        for name, means in self._means.items():
            try:
                ended[name] = list(means.apply(users))
            except (RuntimeError, OSError, KeyError, ValueError) as error:
                failed[name] = f"{type(error).__name__}: {error}"
                print(f"{name}: {failed[name]}", flush=True)
        return {"ended": ended, "failed": failed}

    def _known(self) -> dict[str, Any]:
        try:
            found = json.loads(self._status.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, status: Mapping[str, Any]) -> None:
        new = self._status.with_name(f".{self._status.name}.new")
        new.write_text(json.dumps(status, indent=1) + "\n", encoding="utf-8")
        new.replace(self._status)
