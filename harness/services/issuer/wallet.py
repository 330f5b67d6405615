"""The tokens that a user holds, renewed in time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from harness.evidence import Remembered, remember
from harness.services.issuer.sources.base import Given
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
    get
        gets a new token for an audience and a scope.
    """

    def __init__(self, get: Callable[[str | None, str], Given]) -> None:
        self._get = get
        self._held: dict[tuple[str | None, str], _Held] = {}

    def token(self, audience: str | None, scope: str) -> Token:
        """Return a token with at least half of its life before it.

        Where it is held already, the test that asks is shown once how it was obtained.

        Raises
        ------
        AssertionError
            where the issuer gives none.
        BeyondSource, SourceFailed
            where another source gives none.
        """
        held = self._held.get((audience, scope))
        if held is not None and time.time() < held.until:
            held.steps.show()
            return held.token
        with remember() as steps:
            given = self._get(audience, scope)
        self._held[audience, scope] = _Held(given.token, _half_life(given), steps)
        return given.token


def _half_life(given: Given) -> float:
    """Return when half of a token's life is over; now, where nobody says how long it lives."""
    now = time.time()
    if given.token.expiry is not None:
        return now + (given.token.expiry - now) / 2
    return now + (given.lifetime or 0) / 2
