"""What a source of credentials can do, and what a scenario lacks by it, as a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from harness.services.issuer import claims
from harness.services.issuer.sources.validity import capabilities


class Ability(StrEnum):
    """What a source can do; the value is the word of the inventory and of reports."""

    TOKEN = "token"  # noqa: S105, a word for it
    """Gives tokens at all."""
    AUDIENCE = "audience"
    """Gives a token for the service that is named."""
    SCOPE = "scope"
    """Gives a token with the scopes that are named, and with no others."""
    REFRESH = "refresh"
    """Gives another token by itself when one is over."""
    ANSWER = "answer"
    """The testbed itself asks the issuer as new, and so sees how it answers; a refusal too."""
    REFRESH_TOKEN = "refresh-token"  # noqa: S105, a word for it
    """A scenario gets refresh tokens of its own, which it may use up."""
    LOG_IN = "log-in"
    """The user can log in with a browser."""


_LACKS = {
    Ability.TOKEN: "gives no tokens",
    Ability.AUDIENCE: "gives no tokens for an audience that a scenario chooses",
    Ability.SCOPE: "gives no tokens with scopes that a scenario chooses",
    Ability.REFRESH: "gives no new token when one has expired",
    Ability.ANSWER: "shows no new answer of the issuer to a request",
    Ability.REFRESH_TOKEN: "gives no refresh tokens that a scenario may use up",
    Ability.LOG_IN: "allows no log-in with a browser",
}


@dataclass(frozen=True)
class Holding:
    """What a source gives at an issuer."""

    source: str
    abilities: frozenset[Ability]
    audience: tuple[str, ...] = ()
    """Whom the tokens are for, where none can be chosen."""
    scope: str = ""
    """What the tokens permit, where nothing can be chosen."""
    undeclared: str = ""
    """A capability without which it gives no token, and which the issuer does not declare."""

    def lacks(self, ability: Ability) -> str:
        """Return what to say where it cannot do something; nothing where it can."""
        if ability in self.abilities:
            return ""
        why = (
            f": the issuer does not declare `{self.undeclared}` in its `capabilities`"
            if self.undeclared
            else ""
        )
        return f"`{self.source}` {_LACKS[ability]}{why}"

    def lacks_audience(self, audience: str, *, any_audience: str) -> str:
        """Return what to say where it gives no token for an audience; nothing where it does."""
        if Ability.AUDIENCE in self.abilities or any_audience in self.audience:
            return ""
        if claims.is_for({"aud": [*self.audience]}, audience):
            return ""
        known = (
            ", ".join(self.audience) or "no audience, because the inventory names none (`audience`)"
        )
        return f"`{self.source}` gives tokens for {known}, but not for {audience}"

    def lacks_scope(self, scope: str) -> str:
        """Return what to say where its tokens do not permit all of a scope; nothing where they do."""
        missing = capabilities(scope) - capabilities(self.scope)
        if Ability.SCOPE in self.abilities or not missing:
            return ""
        known = self.scope or "nothing, because the inventory names no `scope`"
        return (
            f"`{self.source}` gives tokens that permit {known}, and not {' '.join(sorted(missing))}"
        )
