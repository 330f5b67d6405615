"""The keys that an issuer publishes (RFC 7517)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from joserfc.jwk import ECKey, RSAKey

PRIVATE_PARTS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
"""Members of a key that nobody but its owner may know (RFC 7518, section 6; RFC 9964, section 3)."""

_CURVES = frozenset({"P-256", "P-384", "P-521", "secp256k1"})

Key = Mapping[str, Any]


def faults(keys: Sequence[Key]) -> list[str]:
    """Return what is wrong with a key set, a sentence each that names the key; none is right.

    Keys of a type or on a curve that the reader does not know are passed over (RFC 7517, section 5), but
    may not be private either. A key needs no `kid`; those that have one, share it with no other.
    """
    known = [key for key in keys if _is_known(key)]
    found = [] if known else ["it holds no RSA or EC key"]
    found += [
        f"{_named(keys, key)} is private: it has {', '.join(sorted(PRIVATE_PARTS & key.keys()))}"
        for key in keys
        if PRIVATE_PARTS & key.keys()
    ]
    found += [
        f"{_named(keys, key)} has a `kid` that is not text"
        for key in keys
        if "kid" in key and not isinstance(key["kid"], str)
    ]
    kids = Counter(key["kid"] for key in keys if isinstance(key.get("kid"), str))
    found += [f"{times} keys have the kid {kid!r}" for kid, times in kids.items() if times > 1]
    found += [f"{_named(keys, key)} cannot be read: {why}" for key in known if (why := _why(key))]
    return found


def of_kid(keys: Sequence[Key], kid: object) -> list[Key]:
    """Return the keys of that `kid`; where a token names none, the keys that have none."""
    return [key for key in keys if key.get("kid") == kid]


def _is_known(key: Key) -> bool:
    return key.get("kty") == "RSA" or (key.get("kty") == "EC" and _curve_is_known(key.get("crv")))


def _curve_is_known(curve: object) -> bool:
    # A curve that is missing, or no text, is no curve of the future, but a fault.
    return not isinstance(curve, str) or curve in _CURVES


def _why(key: Key) -> str:
    """Return why an RSA or EC key cannot be imported; empty where it can."""
    # What it is for, and its certificates, are no part of the key: others than we know are allowed there.
    members = ("kty", "n", "e") if key["kty"] == "RSA" else ("kty", "crv", "x", "y")
    public = {name: key[name] for name in members if name in key}
    try:
        (RSAKey if key["kty"] == "RSA" else ECKey).import_key(public)
    except Exception as error:  # noqa: BLE001, whatever the library makes of it
        return f"{type(error).__name__}: {error}"[:200]
    return ""


def _named(keys: Sequence[Key], key: Key) -> str:
    number = next(place for place, one in enumerate(keys, 1) if one is key)
    kid = f", kid {str(key['kid'])[:80]!r}" if "kid" in key else ""
    return f"key {number} ({str(key.get('kty'))[:20]}{kid})"
