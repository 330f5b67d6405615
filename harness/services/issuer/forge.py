"""Tokens that no honest issuer gives, each right in everything but one flaw.

Where the flaw is not in the signature, the signature is valid: it is made with the testbed's own issuer
keys. The testbed does not have those of real sites, nor should it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from harness.answer import whole
from harness.errors import NoIssuerKey
from harness.model import Infrastructure
from harness.services.issuer.client import SCOPE
from harness.services.issuer.tokens import Token
from harness.services.issuer.user import User

_AN_HOUR = 3600


class Forge:
    """Forges tokens of the issuers whose keys are in a folder.

    They are `<infrastructure>.jwk.json`, and `<infrastructure>.next.jwk.json` for the key to come.
    """

    def __init__(self, issuer_keys: Path) -> None:
        self._issuer_keys = issuer_keys

    def token(
        self,
        user: User,
        *,
        audience: str | list[str] | None = None,
        scope: str = SCOPE,
        expired: bool = False,
        not_before: float | None = None,
        issuer: str | None = None,
        signed_by: Infrastructure | None = None,
        unknown_key: bool = False,
        next_key: bool = False,
        key: ECKey | RSAKey | None = None,
        algorithm: str | None = None,
        tampered: bool = False,
        without: Iterable[str] = (),
        claims: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
    ) -> Token:
        """Return the token that the user's issuer would issue, with the given flaws.

        Parameters
        ----------
        expired
            its life ended an hour ago.
        not_before
            seconds from now at which its life begins.
        issuer
            another `iss`, signed by the home issuer's key unless another is named.
        signed_by
            signed with the key of this infrastructure's issuer, and says so by its `kid`.
        unknown_key
            signed with a key that no issuer publishes, and says so by its `kid`.
        next_key
            signed with the key that the issuer publishes for use after the present one.
        key
            signed with this one, and says so by its `kid`.
        algorithm
            `none` (no signature), or `HS256` (the public key taken as shared secret; RFC 8725, 3.1).
        tampered
            a claim is altered after the signature was made.
        without
            claims that are left out.
        claims, header
            claims and fields of the header that are put in, over all others.

        Raises
        ------
        AssertionError
            where the issuer gives the user no token to start from, or an opaque one.
        NoIssuerKey
            where the testbed has no key of that issuer; nothing was asked of anybody by then.
        """
        signer = (signed_by or user.infrastructure).name
        if key is None:
            key = (
                _unpublished_key()
                if unknown_key
                else self._key(f"{signer}.next" if next_key else signer)
            )
        good = user.token(audience[0] if isinstance(audience, list) else audience, scope)
        now = int(time.time())
        body = dict(good.claims) | {"jti": secrets.token_hex(16)}
        if isinstance(audience, list):
            body["aud"] = audience
        if expired:
            body |= _life(body, starts=now - 2 * _AN_HOUR, ends=now - _AN_HOUR)
        if not_before is not None:
            start = now + round(not_before)
            body |= {"iat": now, "nbf": start, "exp": start + _AN_HOUR}
        if issuer is not None:
            body["iss"] = issuer
        body = {k: v for k, v in (body | dict(claims or {})).items() if k not in set(without)}
        head = dict(good.header) | {"kid": key.kid, "alg": _algorithm(key)} | dict(header or {})
        match algorithm:
            case "none":
                return Token(_unsigned(head | {"alg": "none"}, body) + ".")
            case "HS256":
                return Token(_shared_secret(head | {"alg": "HS256"}, body, key))
        value = jws.serialize_compact(head, json.dumps(body).encode(), key, [str(head["alg"])])
        return Token(tamper(value) if tampered else value)

    def _key(self, name: str) -> ECKey | RSAKey:
        path = self._issuer_keys / f"{name}.jwk.json"
        if not path.exists():
            raise NoIssuerKey(name.removesuffix(".next"))
        fields = json.loads(path.read_text())
        return RSAKey.import_key(fields) if fields["kty"] == "RSA" else ECKey.import_key(fields)


def tamper(value: str) -> str:
    """Alter a claim of a signed token and keep its signature: one second more of life."""
    head, body, signature = value.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    claims["exp"] = (whole(claims.get("exp")) or int(time.time()) + _AN_HOUR) + 1
    return f"{head}.{_encode(claims)}.{signature}"


def _life(claims: Mapping[str, Any], *, starts: int, ends: int) -> dict[str, int]:
    """Return the times of a life, for those claims that the issuer uses."""
    times = {"iat": starts, "nbf": starts, "auth_time": starts, "exp": ends}
    return {name: value for name, value in times.items() if name in claims}


def _unpublished_key() -> ECKey | RSAKey:
    return ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True)


def _algorithm(key: ECKey | RSAKey) -> str:
    return str(
        key.as_dict(private=False).get("alg") or ("RS256" if key.key_type == "RSA" else "ES256")
    )


def _shared_secret(head: Mapping[str, Any], body: Mapping[str, Any], key: ECKey | RSAKey) -> str:
    """Sign by HMAC with what everybody knows: the published key in PEM."""
    signed = _unsigned(head, body)
    mac = hmac.new(key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _unsigned(head: Mapping[str, Any], body: Mapping[str, Any]) -> str:
    return f"{_encode(head)}.{_encode(body)}"


def _encode(fields: Mapping[str, Any]) -> str:
    text = json.dumps(fields, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
