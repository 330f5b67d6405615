"""The faults of a token, found one by one, and the same token without them.

What a service that ignores a fault would do is what the real service does with the token mended.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from gateway.settings import Home, Settings

Fault = Literal[
    "unsigned",
    "shared secret",
    "signature",
    "another issuer's signature",
    "unknown issuer",
    "expired",
    "endless",
    "not yet valid",
    "another audience",
    "audience in other letters",
    "no audience",
    "unknown version",
    "no access token",
]

_SKEW = 60
"""Seconds by which clocks may differ."""

_LIFE = 600

FULL_SCOPE = (
    "openid storage.read:/ storage.create:/ storage.modify:/ "
    "compute.read compute.create compute.modify compute.cancel"
)


@dataclass(frozen=True)
class Token:
    """A token as it came, taken apart; nothing is believed yet."""

    value: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @classmethod
    def parse(cls, value: str | None) -> Token | None:
        """Take a value apart; None where it is no JSON Web Token."""
        parts = (value or "").split(".")
        if value is None or len(parts) != 3:
            return None
        try:
            header, claims = (json.loads(_decoded(part)) for part in parts[:2])
        except ValueError:
            return None
        return cls(value, header, claims) if isinstance(claims, dict) else None

    @property
    def scopes(self) -> list[str]:
        """The single scopes."""
        return str(self.claims.get("scope", "")).split()


class Tokens:
    """Inspects tokens, and signs others with the issuers' own keys."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _keys(self) -> dict[str, ECKey | RSAKey]:
        return {name: _key(home.key) for name, home in self._settings.homes.items()}

    def home(self, token: Token) -> Home | None:
        """Return whose user a token speaks of, by its subject's scope; None of nobody we know."""
        _, _, scope = str(token.claims.get("sub", "")).rpartition("@")
        named = [h for h in self._settings.homes.values() if h.subject_scope == scope]
        return named[0] if named else self._issuer(token)

    def _issuer(self, token: Token) -> Home | None:
        issuers = {home.issuer: home for home in self._settings.homes.values()}
        return issuers.get(str(token.claims.get("iss")))

    def faults(self, token: Token, audience: str) -> set[Fault]:
        """Return what is wrong with a token that is shown to a service of this audience."""
        return {*self._faults_of_signature(token), *self._faults_of_claims(token, audience)}

    def good(self, value: str | None, audience: str) -> Token | None:
        """Return the token where nothing is wrong with it."""
        token = Token.parse(value)
        return token if token is not None and not self.faults(token, audience) else None

    def _faults_of_signature(self, token: Token) -> Iterable[Fault]:
        home = self.home(token)
        algorithm = str(token.header.get("alg", "none"))
        if algorithm == "none":
            yield "unsigned"
        elif algorithm.startswith("HS"):
            yield "shared secret" if self._by_public_key(token) else "signature"
        elif home is None or not self._signed_by(token, home):
            others = [h for h in self._settings.homes.values() if h is not home]
            foreign = any(self._signed_by(token, other) for other in others)
            yield "another issuer's signature" if foreign else "signature"

    def _signed_by(self, token: Token, home: Home) -> bool:
        key = self._keys[home.name]
        try:
            jws.deserialize_compact(token.value.encode(), key, ["ES256", "RS256"])
        except (JoseError, ValueError):
            return False
        return True

    def _by_public_key(self, token: Token) -> bool:
        signed, _, signature = token.value.rpartition(".")
        for key in self._keys.values():
            mac = hmac.new(key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
            if hmac.compare_digest(_encoded(mac), signature):
                return True
        return False

    def _faults_of_claims(self, token: Token, audience: str) -> Iterable[Fault]:
        claims, now = token.claims, time.time()
        if self._issuer(token) is None:
            yield "unknown issuer"
        if "exp" not in claims:
            yield "endless"
        elif float(claims["exp"]) < now - _SKEW:
            yield "expired"
        if float(claims.get("nbf", 0)) > now + _SKEW:
            yield "not yet valid"
        if str(claims.get("wlcg.ver", "1.0")).partition(".")[0] != "1":
            yield "unknown version"
        if "wlcg.ver" not in claims and "scope" not in claims:
            yield "no access token"
        yield from self._faults_of_audience(claims.get("aud"), audience)

    def _faults_of_audience(self, named: Any, audience: str) -> Iterable[Fault]:
        several = [named] if isinstance(named, str) else list(named or ())
        accepted = {audience, self._settings.any_audience}
        if not several:
            yield "no audience"
        elif not accepted & set(several):
            same = {one.lower() for one in accepted} & {str(one).lower() for one in several}
            yield "audience in other letters" if same else "another audience"

    def renewed(self, token: Token, audience: str, **claims: Any) -> str:
        """Return a good token of the same user and rights, with these claims laid over it."""
        home = self.home(token) or self._settings.visitor
        kept = {k: v for k, v in token.claims.items() if k not in ("nonce", "at_hash", "s_hash")}
        return self.signed(home, {**kept, "aud": audience, "wlcg.ver": "1.0", **claims})

    def of_member(self, audience: str, home: Home | None = None, **claims: Any) -> str:
        """Return a token of the member whose rights the gateway may use."""
        home = home or self._settings.visitor
        return self.signed(
            home,
            {
                "sub": home.subject,
                "aud": audience,
                "wlcg.ver": "1.0",
                "scope": FULL_SCOPE,
                "eduperson_entitlement": [home.entitlement],
                "voperson_id": home.subject,
                **claims,
            },
        )

    def signed(self, home: Home, claims: Mapping[str, Any]) -> str:
        """Sign claims as an issuer does, with a life that begins now."""
        now = int(time.time())
        life = {"iat": now, "nbf": now, "exp": now + _LIFE, "jti": secrets.token_hex(16)}
        return self.signed_as_is(home, {**claims, "iss": home.issuer, **life})

    def signed_as_is(self, home: Home, claims: Mapping[str, Any]) -> str:
        """Sign these claims and no others with an issuer's key."""
        head = {"typ": "JWT", "alg": str(home.key["alg"]), "kid": str(home.key["kid"])}
        key = self._keys[home.name]
        return jws.serialize_compact(head, json.dumps(claims).encode(), key, [head["alg"]])


def _key(fields: Mapping[str, Any]) -> ECKey | RSAKey:
    known = dict(fields)
    return RSAKey.import_key(known) if known["kty"] == "RSA" else ECKey.import_key(known)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
