"""What tokens say of users, whoever issued them; what nobody asked for is passed over."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from harness.clients.addresses import comparable

ANY = "https://wlcg.cern.ch/jwt/v1/any"
"""The audience that stands for every service (WLCG Token Profile 1.3, section 2.1.1)."""

GROUP = re.compile(
    r"(?i:urn):(?i:[a-z0-9][a-z0-9-]{1,31})(?::[^:#\s]+)+:group(?::[^:#=\s]+)+(?::role=[^:#\s]+)?(?:#\S+)?"
)
"""Membership of a group (AARC-G069, section 2); `urn` and namespace in either case (RFC 8141, 3.1)."""

REFEDS = re.compile(r"https://refeds\.org/(?:assurance(?:/[A-Za-z0-9./-]+)?|profile/(?:sfa|mfa))")
"""REFEDS Assurance Framework, sections 2 and 3."""

COMMON = re.compile(
    r"https://igtf\.net/ap/authn-assurance/(?:birch|dogwood)"
    r"|https://(?:aarc-project\.eu|aarc-community\.org)/policy/authn-assurance/assam"
)
"""Profiles on which infrastructures agreed (AARC-G021); AARC has moved since."""


def texts(value: object) -> list[str]:
    """Return the texts of a claim: of a list, or the single one; what is no text is left out."""
    found = value if isinstance(value, list | tuple) else [value]
    return [one for one in found if isinstance(one, str)]


def told(claims: Mapping[str, Any], name: str) -> list[str]:
    """Return the values of a claim that the requirement asks for.

    Raises
    ------
    AssertionError
        where the token has no such claim, or one that holds no text.
    """
    found = texts(claims[name])
    if not found and claims[name] != []:
        raise AssertionError(f"the token's `{name}` is not text, but {claims[name]!r}")
    return found


def number(claims: Mapping[str, Any], name: str) -> float:
    """Return a claim that is a time in seconds (RFC 7519, section 2, NumericDate).

    Raises
    ------
    AssertionError
        where the token has none, or it is no number.
    """
    found = claims[name]
    if isinstance(found, int | float) and not isinstance(found, bool) and math.isfinite(found):
        return found
    raise AssertionError(f"the token's `{name}` is not a number of seconds, but {found!r}")


def is_for(claims: Mapping[str, Any], audience: str) -> bool:
    """Tell whether a token opens a service of this name: it names it, however spelt, or every service.

    Issuers write audiences without the default port and a slash at the end (WLCG Token Profile, 2.1.1).
    """
    wanted = comparable(audience).rstrip("/")
    named = texts(claims.get("aud"))
    return any(one == ANY or comparable(one).rstrip("/") == wanted for one in named)


def malformed_groups(entitlements: list[str]) -> list[str]:
    """Return the entitlements that mean a group and are not written so (AARC-G069, section 2).

    Others may stand beside them: roles of other registries, capabilities (AARC-G027), licences, URLs.
    """
    return [one for one in entitlements if ":group:" in one and not GROUP.fullmatch(one)]
