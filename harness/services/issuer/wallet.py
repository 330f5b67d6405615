"""The tokens that a user holds, renewed in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from harness.evidence import Remembered, remember
from harness.services.issuer.answers import IssuerAnswer
from harness.services.issuer.tokens import Token


@dataclass(frozen=True)
class _Held:
    token: Token
    until: float
    """Seconds since the epoch at which a new one is fetched."""
    steps: Remembered
    """How it was obtained: evidence for every test that uses it."""


class Wallet:
    """One token for each audience and scope, renewed when half of its life is over.

    Parameters
    ----------
    ask
        gets a new token for an audience and a scope.
    """

    def __init__(self, ask: Callable[[str | None, str], IssuerAnswer]) -> None:
        self._ask = ask
        self._held: dict[tuple[str | None, str], _Held] = {}

    def token(self, audience: str | None, scope: str) -> Token:
        """Return a token with at least half of its life before it.

        Where it is held already, the test that asks is shown once how it was obtained.

        Raises
        ------
        AssertionError
            where the issuer gives none.
        """
        held = self._held.get((audience, scope))
        if held is not None and time.time() < held.until:
            held.steps.show()
            return held.token
        with remember() as steps:
            answer = self._ask(audience, scope)
            token = answer.token
        if token.granted is None:
            # RFC 6749, section 5.1: an issuer that names no scope has granted what was asked for.
            token = replace(token, granted=scope)
        self._held[audience, scope] = _Held(token, _half_life(token, answer), steps)
        return token


def _half_life(token: Token, answer: IssuerAnswer) -> float:
    """Return when half of a token's life is over; now, where nobody says how long it lives."""
    now = time.time()
    if token.expiry is not None:
        return now + (token.expiry - now) / 2
    return now + (answer.lifetime or 0) / 2
