"""The gateway finds each fault of a token by itself, and mends nothing but that."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from gateway.settings import Endpoint, Home, Settings
from gateway.tokens import Token, Tokens
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

AUDIENCE = "https://se.cstcloud.test"
ANY = "https://wlcg.cern.ch/jwt/v1/any"


def key(kind: str) -> dict[str, Any]:
    made = RSAKey.generate_key(2048) if kind == "RS256" else ECKey.generate_key("P-256")
    return dict(made.as_dict(private=True)) | {"kid": made.thumbprint(), "alg": kind}


def home(name: str, algorithm: str) -> Home:
    scope = f"{name}.test"
    return Home(
        name=name,
        issuer=f"https://aai.{scope}",
        key=key(algorithm),
        subject=f"somebody@{scope}",
        subject_scope=scope,
        entitlement=f"urn:mace:{scope}:group:vo:role=member#{scope}",
    )


EGI, CSTCLOUD = home("egi", "ES256"), home("cstcloud", "RS256")


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(
        Settings(
            certificate="",
            key="",
            authorities="",
            any_audience=ANY,
            infrastructure="cstcloud",
            homes={"egi": EGI, "cstcloud": CSTCLOUD},
            endpoints={("se", 443): Endpoint("se", 443, "webdav", AUDIENCE)},
        )
    )


def good_claims() -> dict[str, Any]:
    now = int(time.time())
    return {
        "iss": EGI.issuer,
        "sub": "alice@egi.test",
        "aud": AUDIENCE,
        "exp": now + 6 * 3600,  # past the end of these tests, which a busy machine may reach late
        "nbf": now,
        "iat": now,
        "wlcg.ver": "1.0",
        "scope": "storage.read:/",
    }


def sign(claims: dict[str, Any], by: Home = EGI) -> str:
    fields = dict(by.key)
    made = RSAKey.import_key(fields) if fields["kty"] == "RSA" else ECKey.import_key(fields)
    head = {"alg": fields["alg"], "kid": fields["kid"]}
    return jws.serialize_compact(head, json.dumps(claims).encode(), made, [fields["alg"]])


def encode(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any]) -> str:
    return f"{encode({'alg': 'none'})}.{encode(claims)}."


def by_public_key(claims: dict[str, Any]) -> str:
    signed = f"{encode({'alg': 'HS256'})}.{encode(claims)}"
    public = ECKey.import_key(dict(EGI.key)).as_pem(private=False)
    mac = hmac.new(public, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def without(*names: str) -> dict[str, Any]:
    return {k: v for k, v in good_claims().items() if k not in names}


def tampered() -> str:
    head, _, signature = sign(good_claims()).split(".")
    return f"{head}.{encode(good_claims() | {'scope': 'storage.modify:/'})}.{signature}"


NOW = time.time()
CASES = {
    "unsigned": unsigned(good_claims()),
    "shared secret": by_public_key(good_claims()),
    "signature": tampered(),
    "another issuer's signature": sign(good_claims(), CSTCLOUD),
    "unknown issuer": sign(good_claims() | {"iss": "https://issuer.invalid"}),
    "expired": sign(good_claims() | {"exp": NOW - 3600}),
    "endless": sign(without("exp")),
    "not yet valid": sign(good_claims() | {"nbf": NOW + 3600}),
    "another audience": sign(good_claims() | {"aud": ["https://another.invalid"]}),
    "audience in other letters": sign(good_claims() | {"aud": AUDIENCE.upper()}),
    "no audience": sign(without("aud")),
    "unknown version": sign(good_claims() | {"wlcg.ver": "99.0"}),
}


def parse(value: str) -> Token:
    token = Token.parse(value)
    assert token is not None
    return token


@pytest.mark.parametrize("audience", [AUDIENCE, ANY, ["https://another.invalid", AUDIENCE]])
def test_a_good_token_has_no_fault(tokens: Tokens, audience: Any) -> None:
    assert tokens.good(sign(good_claims() | {"aud": audience}), AUDIENCE) is not None


@pytest.mark.parametrize("fault", CASES)
def test_one_fault_is_found_and_no_other(tokens: Tokens, fault: str) -> None:
    assert tokens.faults(parse(CASES[fault]), AUDIENCE) == {fault}


@pytest.mark.parametrize("fault", CASES)
def test_a_mended_token_is_good_and_of_the_same_user_and_rights(tokens: Tokens, fault: str) -> None:
    broken = parse(CASES[fault])
    mended = tokens.good(tokens.renewed(broken, AUDIENCE), AUDIENCE)
    assert mended is not None
    assert mended.claims["sub"] == "alice@egi.test"
    assert mended.claims["iss"] == EGI.issuer
    assert mended.scopes == broken.scopes


def test_several_faults_are_all_found(tokens: Tokens) -> None:
    value = sign(good_claims() | {"exp": NOW - 3600, "aud": "https://another.invalid"})
    assert tokens.faults(parse(value), AUDIENCE) == {"expired", "another audience"}


def test_the_gateway_s_own_member_comes_from_the_other_infrastructure(tokens: Tokens) -> None:
    token = tokens.good(tokens.of_member(AUDIENCE), AUDIENCE)
    assert token is not None
    assert token.claims["sub"] == EGI.subject
    assert token.claims["eduperson_entitlement"] == [EGI.entitlement]


@pytest.mark.parametrize("value", [None, "", "opaque", "a.b", "a.b.c", "e30.W10."])
def test_what_is_no_token_is_none(value: str | None) -> None:
    assert Token.parse(value) is None
