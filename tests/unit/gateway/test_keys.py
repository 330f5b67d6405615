"""Faults with the keys of issuers: too often fetched, too long kept, taken from anybody."""

from __future__ import annotations

import json
from typing import Any

import pytest
from gateway.exchange import Request, Response
from gateway.faults.keys import _DISCOVERY
from joserfc import jws
from joserfc.jwk import ECKey

from tests.unit.gateway.fakes import KEYSTONE, Behind, ask, parsed, served

ISSUER = "https://aai.b.test"
LOGIN = "/v3/auth"


class Cloud(Behind):
    """A service that knows some keys, and what it finds at the issuer's address."""

    def __init__(self) -> None:
        super().__init__(self.answer)
        self.key = ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True)
        self.known = {self.key.kid, *(str(h.key["kid"]) for h in self.settings.homes.values())}
        self.issuer_answers = True
        self.certificate_fits = True

    def answer(self, request: Request) -> Response:
        known = parsed(request.bearer).header["kid"] in self.known
        return Response.of(200, b"served") if known else Response.of(401)

    async def look_up(self, url: str, *, check_name: bool = True) -> dict[str, Any] | None:
        if not self.issuer_answers or (check_name and not self.certificate_fits):
            return None
        if url == ISSUER + _DISCOVERY:
            return {"jwks_uri": f"{ISSUER}/jwks"}
        return {"keys": [self.key.as_dict(private=False)]} if url == f"{ISSUER}/jwks" else None

    def token_by(self, key: ECKey) -> str:
        """Return a member's token that another key signed."""
        claims = json.dumps(dict(parsed(self.token(KEYSTONE.audience)).claims)).encode()
        return jws.serialize_compact({"alg": "ES256", "kid": key.kid}, claims, key, ["ES256"])

    def ask(self, fault: str, token: str) -> int:
        asked = ask("GET", LOGIN, of=KEYSTONE, Authorization=f"Bearer {token}")
        return served(fault, asked, self).status


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.mark.parametrize(("answers", "status"), [(True, 200), (False, 401)])
def test_without_the_issuer_no_token_is_good(cloud: Cloud, answers: bool, status: int) -> None:
    cloud.issuer_answers = answers
    assert cloud.ask("forgets-keys", cloud.token(KEYSTONE.audience)) == status


def test_a_key_that_was_good_once_is_good_for_ever(cloud: Cloud) -> None:
    assert cloud.ask("keeps-withdrawn-keys", cloud.token_by(cloud.key)) == 200
    cloud.known.discard(cloud.key.kid)
    assert cloud.ask("keeps-withdrawn-keys", cloud.token_by(cloud.key)) == 200
    stranger = ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True)
    assert cloud.ask("keeps-withdrawn-keys", cloud.token_by(stranger)) == 401


def test_who_was_served_is_served_without_keys(cloud: Cloud) -> None:
    fault = "keeps-keys-for-ever"
    token, stranger = cloud.token(KEYSTONE.audience), cloud.token_by(cloud.key)
    assert cloud.ask(fault, token) == 200
    cloud.known.clear()
    assert cloud.ask(fault, token) == 200
    assert cloud.ask(fault, stranger) == 401


def test_keys_are_taken_under_any_name(cloud: Cloud) -> None:
    fault = "ignores-names-of-certificates"
    cloud.certificate_fits = False
    assert cloud.ask(fault, cloud.token(KEYSTONE.audience)) == 200
    cloud.known.clear()
    assert cloud.ask(fault, cloud.token_by(cloud.key)) == 200
    assert cloud.ask("faultless", cloud.token_by(cloud.key)) == 401
    stranger = ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True)
    assert cloud.ask(fault, cloud.token_by(stranger)) == 401
