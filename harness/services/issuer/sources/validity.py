"""Whether what a source gave makes sense as the access token that was wanted of it."""

from __future__ import annotations

import datetime as dt
import re
import time

from harness.model import Infrastructure
from harness.services.issuer.tokens import Token

_TOKEN68 = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""How a bearer token is written (RFC 6750, section 2.1)."""

_CAPABILITIES = ("storage.", "compute.")
"""Scopes that open services by themselves (WLCG Token Profile 1.3, section 2.2.1)."""

_OTHERS = {"id": "an ID token", "refresh": "a refresh token", "offline": "a refresh token"}
"""The claim `typ` by which Keycloak says that a token is no access token."""

_CLOCKS = 60
"""Seconds by which clocks may differ (WLCG Token Profile 1.3, section 4.3.1)."""


def written(text: str) -> str:
    """Return a token that somebody wrote or printed, without the blanks around it.

    Raises
    ------
    ValueError
        where it is none; shows nothing of it.
    """
    word = text.strip()
    if not word:
        raise ValueError("gave no output, so no token")
    if not _TOKEN68.fullmatch(word):
        lines = len(word.splitlines())
        shape = f"{lines} lines" if lines > 1 else "characters that cannot be part of a token"
        raise ValueError(
            f"gave {shape} ({len(word)} characters), but exactly one token is expected"
        )
    return word


def check(token: Token, *, of: Infrastructure) -> None:
    """Refuse a token that is over, or of another issuer; of an opaque one, nothing can be told.

    Raises
    ------
    ValueError
        which says what it is instead.
    """
    written(token.value)
    if token.is_opaque:
        return
    claims = token.claims
    if other := _OTHERS.get(str(claims.get("typ", "")).lower()):
        raise ValueError(f"gave {other}, but an access token is expected")
    issuer = claims.get("iss")
    if str(issuer).rstrip("/") != of.issuer.rstrip("/"):
        named = issuer or "an issuer that it does not name"
        raise ValueError(f"gave a token of {named}, but the member's issuer is {of.issuer}")
    if token.expiry is not None and token.expiry <= time.time():
        raise ValueError(f"gave a token that expired at {moment(token.expiry)}. Get another")
    begin = claims.get("nbf")
    if isinstance(begin, int | float) and begin > time.time() + _CLOCKS:
        raise ValueError(
            f"gave a token that is not valid before {moment(begin)}. Compare the clocks"
        )


def check_scopes(token: Token, asked: str, *, chosen: bool) -> None:
    """Refuse a token that permits less than was asked for, or more where the scopes could be chosen.

    Of an opaque one, what its source told of it counts. What a service then refuses, or lets in, would be
    blamed on its site.

    Raises
    ------
    ValueError
        naming the scopes, and what to do.
    """
    wanted = capabilities(asked)
    if not wanted:
        return
    permitted = capabilities(" ".join(token.scopes))
    if less := wanted - permitted:
        raise ValueError(
            f"gave a token that lacks {' '.join(sorted(less))}, which was requested. Allow them "
            "at the issuer for the client or its grant"
            if chosen
            else f"gave a token that lacks {' '.join(sorted(less))}, "
            "which it has according to the inventory (`scope`). Correct one of the two"
        )
    if chosen and (more := permitted - wanted):
        raise ValueError(
            f"was asked for {' '.join(sorted(wanted))}, and its token also permits "
            f"{' '.join(sorted(more))}. If the issuer does not narrow tokens, write `without: "
            "[scope]`, and put what its tokens permit into `scope`"
        )


def capabilities(scope: str) -> frozenset[str]:
    """Return those of some scopes that open services by themselves."""
    return frozenset(one for one in scope.split() if one.startswith(_CAPABILITIES))


def moment(seconds: float) -> str:
    """Return a time for people."""
    try:
        return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{seconds:g} s since 1970"
