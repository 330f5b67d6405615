"""Before anything runs: users whose tokens come from elsewhere must have them; people are asked now."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import segno

from harness.errors import BadInput, PreconditionError, SourceFailed, Unreachable
from harness.model import Infrastructure, Member
from harness.services.issuer.client import SCOPE
from harness.services.issuer.fixtures import Issuers
from harness.services.issuer.sources.base import Ask
from harness.services.issuer.sources.holding import Ability
from harness.services.issuer.tokens import Token


class Terminal(Ask):
    """The terminal at which the command was typed: standard error, since output may go elsewhere."""

    @property
    def there(self) -> bool:
        """Whether standard error is a terminal."""
        return sys.stderr.isatty()

    def show(self, message: str, *, url: str) -> None:
        """Show a message, and the address as a QR code."""
        print(f"\n{message}\n", file=sys.stderr)
        segno.make(url, error="l").terminal(out=sys.stderr, compact=True)


def prepare(issuers: Issuers, home: Infrastructure, ask: Ask) -> None:
    """Let the members' sources get ready; people are asked.

    Raises
    ------
    SourceFailed
        where one cannot.
    """
    for member in home.members:
        if member.credentials is not None:
            issuers.login(home, member).source.prepare(ask)


def make_ready(issuers: Issuers, homes: Iterable[Infrastructure], ask: Ask) -> None:
    """Get a token of every member for whom the inventory chooses a source, and look at it.

    Those without such a choice are asked of the issuer in the scenarios, as it has always been.

    Raises
    ------
    BadInput
        naming every member whose source gives none, or two members who are one user.
    """
    troubles: list[str] = []
    for home in homes:
        subjects: dict[str, str] = {}
        for member in home.members:
            if member.credentials is None:
                continue
            try:
                token = _token(issuers, home, member, ask)
            except (SourceFailed, PreconditionError) as error:
                troubles.append(str(error))
                continue
            subject = None if token is None or token.is_opaque else token.claims.get("sub")
            if isinstance(subject, str):
                other = subjects.setdefault(subject, member.name)
                if other != member.name:
                    troubles.append(
                        f"{member.name} of {home.name}: its token is of the same user as that of {other} "
                        "(`sub`). Give each member credentials of its own, or write `none`"
                    )
    if troubles:
        raise BadInput(
            "\n".join(
                [
                    "These members cannot act, so nothing was run:",
                    *(f"  {one}." for one in troubles),
                    "Mend that, or write `credentials: none` for a member: then what needs the member is "
                    "not run (docs/sites.md).",
                ]
            )
        )


def _token(issuers: Issuers, home: Infrastructure, member: Member, ask: Ask) -> Token | None:
    """Return a member's token; None where the issuer must say in the scenarios why there is none."""
    source = issuers.login(home, member).source
    source.prepare(ask)  # nobody is asked twice
    if Ability.TOKEN not in source.abilities or member.kind == "suspended":
        return None
    try:
        return source.get(None, SCOPE).token
    except (Unreachable, AssertionError):
        return None
