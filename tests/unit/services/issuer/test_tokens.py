"""What a token says; an opaque one says nothing, which is no crash."""

import math

import pytest

from harness.redaction import redactor
from harness.services.issuer.tokens import Token
from tests.unit.services.issuer.wire import jwt


def test_a_token_shows_its_claims_and_never_its_value(home):
    token = Token(jwt(iss=home.issuer, aud="https://se.test", scope="openid a"))

    assert token.claims["aud"] == "https://se.test"
    assert token.header == {"alg": "ES256"}
    assert token.scopes == {"openid", "a"}
    assert token.value not in f"{token} {token!r}"
    assert redactor.redact(f"sent {token.value}") == "sent [redacted]"


OPAQUE = ["an-opaque-token", "a.b.c", "e30", "W10.W10.c2ln", "..", "é.é.é", "e30.MQ.x"]


@pytest.mark.parametrize("value", OPAQUE)
def test_an_opaque_token_has_no_claims_and_says_so(value):
    """RFC 6749, section 1.4: an access token is a string that means nothing to the client."""
    token = Token(value)
    assert token.is_opaque
    assert token.expiry is None
    assert value not in str(token)
    for read in ("claims", "header"):
        with pytest.raises(AssertionError, match="the token is opaque"):
            getattr(token, read)


def test_a_claim_that_is_missing_is_a_failed_assertion():
    with pytest.raises(AssertionError, match="the token's claims has no `exp`; it has: iss, aud"):
        _ = Token(jwt(iss="a", aud="b")).claims["exp"]


def test_what_an_opaque_token_permits_its_issuer_says():
    assert Token("opaque-1", granted="a b").scopes == {"a", "b"}
    with pytest.raises(AssertionError, match="names no `scope`"):
        _ = Token("opaque-1").scopes


def test_a_token_is_the_same_whatever_was_said_beside_it():
    assert Token("opaque-1", granted="a") == Token("opaque-1")


@pytest.mark.parametrize("exp", [None, "soon", True, 1e999, 10**400, [1], math.nan])
def test_an_end_that_is_no_time_is_none(exp):
    assert Token(jwt(exp=exp)).expiry is None
