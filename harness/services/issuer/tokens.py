"""Tokens as a user holds them: what they say, and never their value."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from harness.answer import Fields
from harness.redaction import redactor
from harness.services.issuer import claims

_HEADER, _CLAIMS = 0, 1
"""Where they stand in a JSON Web Token (RFC 7515, section 3.1)."""


@dataclass(frozen=True)
class Token:
    """A token. Printing it shows its claims, never its value.

    An access token may be opaque (RFC 6749, section 1.4): it works as any other, but has no claims.
    """

    value: str = field(repr=False)
    granted: str | None = field(default=None, repr=False, compare=False)
    """The scope in the issuer's answer, beside the token (RFC 6749, section 5.1)."""

    def __post_init__(self) -> None:
        redactor.remember(self.value)

    @cached_property
    def header(self) -> Mapping[str, Any]:
        """The JOSE header.

        Raises
        ------
        AssertionError
            where the token is opaque.
        """
        return self._part(_HEADER, "JOSE header")

    @cached_property
    def claims(self) -> Mapping[str, Any]:
        """The claims, unverified; to read one that is missing raises an AssertionError.

        Raises
        ------
        AssertionError
            where the token is opaque.
        """
        return self._part(_CLAIMS, "claims")

    @cached_property
    def is_opaque(self) -> bool:
        """True where it is no JSON Web Token."""
        return any(_part(self.value, number) is None for number in (_HEADER, _CLAIMS))

    @property
    def capabilities(self) -> frozenset[str]:
        """Those of its scopes that are capabilities: for data and for jobs (WLCG profile, section 2.2.1).

        Raises
        ------
        AssertionError
            as `scopes` does.
        """
        return frozenset(one for one in self.scopes if one.startswith(("storage.", "compute.")))

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes of the claim `scope` or `scp`; of an opaque token, those that its issuer
        named.

        Raises
        ------
        AssertionError
            where the token is opaque, and its issuer named none.
        """
        if not self.is_opaque:
            told = (scopes(self.claims.get(name)) for name in ("scope", "scp"))
            return frozenset(next(filter(None, told), "").split())
        if self.granted is None:
            raise AssertionError(
                "the access token is opaque, and the issuer's answer names no `scope`: "
                "so its scopes are not known"
            )
        return frozenset(self.granted.split())

    def told(self, claim: str) -> list[str]:
        """Return the values of a claim, one or several.

        Raises
        ------
        AssertionError
            where the token is opaque, or has no such claim, or one without any text.
        """
        return claims.told(self.claims, claim)

    @property
    def audiences(self) -> frozenset[str]:
        """The audiences of the token: one or several (RFC 7519, section 4.1.3).

        Raises
        ------
        AssertionError
            where the token is opaque, or names none.
        """
        return frozenset(self.told("aud"))

    def is_for(self, audience: str) -> bool:
        """Whether the token is for this audience. Of an opaque token, only its issuer knows."""
        return self.is_opaque or claims.is_for(self.claims, audience)

    @property
    def expiry(self) -> float | None:
        """The claim `exp`, in seconds since the epoch; None where none can be read."""
        return None if self.is_opaque else seconds(self.claims.get("exp"))

    def __str__(self) -> str:
        if self.is_opaque:
            return f"[opaque token, {self.granted}]"
        audience = self.claims.get("aud")
        return f"[token of {self.claims.get('iss')} for {audience}, {self.claims.get('scope')}]"

    def _part(self, number: int, what: str) -> Mapping[str, Any]:
        found = _part(self.value, number)
        if found is None or self.is_opaque:
            raise AssertionError(
                f"the token is opaque ({len(self.value)} characters, no JSON Web Token), "
                f"so it has no {what} to read"
            )
        return Fields(found, of=f"the token's {what}")


def _part(value: str, number: int) -> dict[str, Any] | None:
    """Return a part of a JSON Web Token; None where the value is none."""
    parts = value.split(".")
    if len(parts) <= number:
        return None
    part = parts[number]
    try:
        decoded = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None


def scopes(value: object) -> str | None:
    """Return scopes as one text with blanks between them, also of a list; None where it is neither."""
    if isinstance(value, list):
        return " ".join(claims.texts(value))
    return value if isinstance(value, str) else None


def seconds(value: object) -> float | None:
    """Return a number of seconds, also where it is written as text; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
