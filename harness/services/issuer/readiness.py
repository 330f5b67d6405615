"""Before anything runs: users whose tokens come from elsewhere must have them; people are asked now."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import segno

from harness.errors import BadInput, NotAllowed, PreconditionError, SourceFailed, Unreachable
from harness.model import Infrastructure, Member
from harness.services.issuer.client import SCOPE
from harness.services.issuer.fixtures import Issuers
from harness.services.issuer.sources.base import Ask, Source
from harness.services.issuer.sources.holding import Ability
from harness.services.issuer.sources.validity import moment
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
    for member in _chosen(home):
        issuers.login(home, member).source.prepare(ask)


def make_ready(issuers: Issuers, homes: Iterable[Infrastructure], ask: Ask) -> list[str]:
    """Get a token of every member for whom the inventory chooses a source, and look at it.

    Those without such a choice are asked of the issuer in the scenarios. Return what to tell the user:
    which tokens end, and nobody renews them.

    Raises
    ------
    BadInput
        naming every member whose source gives none, or two members who are one user.
    """
    troubles: list[str] = []
    notices: list[str] = []
    for home in homes:
        subjects: dict[str, str] = {}
        for member in _chosen(home):
            source = issuers.login(home, member).source
            try:
                token = _token(source, ask, issuers.usual_audience(home))
            except (SourceFailed, PreconditionError) as error:
                troubles.append(str(error))
                continue
            if token is None or token.is_opaque:
                continue
            other = subjects.setdefault(str(token.claims.get("sub", member.name)), member.name)
            if other != member.name:
                troubles.append(
                    f"{source.owner}: its token belongs to the same user as that of {other} "
                    "(`sub`). Give each "
                    "member credentials of its own, or write `none`"
                )
            if token.expiry is not None and Ability.REFRESH not in source.abilities:
                notices.append(
                    f"{source.owner}: the token of `{source.name}` ends at "
                    f"{moment(token.expiry)}; scenarios that need it later are inconclusive, "
                    "unless it is renewed by then."
                )
    if troubles:
        raise BadInput(
            "\n".join(
                [
                    "These members have no usable credentials, so nothing was run:",
                    *(f"  {one}." for one in troubles),
                    "Correct this, or write `credentials: none` for a member: then scenarios "
                    "that need the member are not run (docs/sites.md).",
                ]
            )
        )
    return notices


def _chosen(home: Infrastructure) -> list[Member]:
    """Return the members whose source the inventory chooses; of a suspended one, nothing is expected."""
    return [one for one in home.members if one.credentials is not None and one.kind != "suspended"]


def _token(source: Source, ask: Ask, audience: str) -> Token | None:
    """Return a member's token; None where the issuer must say in the scenarios why there is none.

    Some issuers give tokens for a named audience alone (RFC 8707, section 2.2). One in a downtime is not
    asked.
    """
    try:
        source.prepare(ask)  # nobody is asked twice
        if Ability.TOKEN not in source.abilities:
            return None
        chosen = audience if Ability.AUDIENCE in source.abilities else None
        return source.get(chosen, SCOPE).token
    except (Unreachable, NotAllowed, AssertionError):
        return None
