"""Guards the forge: each token is right in everything but the fault that was asked for."""

import json
import time

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey, RSAKey

from harness.errors import NoIssuerKey
from harness.model import Infrastructure
from harness.services.issuer.answers import IssuerAnswer
from harness.services.issuer.forge import Forge
from tests.unit.services.issuer import people

AUDIENCE = "https://se.test"


class HonestIssuer:
    """Issues one kind of token, by the key in the folder."""

    def __init__(self, infrastructure: Infrastructure, key: ECKey) -> None:
        self.infrastructure, self.key = infrastructure, key

    def password(self, username, password, *, audience=None, scope=""):
        now = int(time.time())
        claims = {
            "iss": self.infrastructure.issuer,
            "sub": "s",
            "aud": audience,
            "scope": scope,
            "jti": "1",
        }
        times = {"iat": now, "nbf": now, "exp": now + 1200}
        head = {"alg": "ES256", "kid": self.key.kid, "typ": "at+jwt"}
        body = json.dumps({"access_token": jwt.encode(head, claims | times, self.key)}).encode()
        return IssuerAnswer(what="POST", status=200, ok=True, denied=False, body=body)


@pytest.fixture
def keys(tmp_path):
    made = {
        "home": ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True),
        "home.next": ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True),
        "other": RSAKey.generate_key(2048, {"alg": "RS256"}, auto_kid=True),
    }
    for name, key in made.items():
        (tmp_path / f"{name}.jwk.json").write_text(json.dumps(key.as_dict(private=True)))
    return made


@pytest.fixture
def user(home, keys):
    return people.user(home, HonestIssuer(home, keys["home"]))


@pytest.fixture
def forge(tmp_path, keys):
    return Forge(tmp_path)


def test_without_a_fault_the_token_is_the_issuers_but_for_its_id(forge, user, keys):
    good, forged = user.token(AUDIENCE, "a"), forge.token(user, audience=AUDIENCE, scope="a")

    assert forged.header == good.header
    assert {**forged.claims, "jti": "1"} == good.claims
    jwt.decode(forged.value, keys["home"], ["ES256"])


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ({"expired": True}, {"iat", "nbf", "exp"}),
        ({"not_before": 600}, {"iat", "nbf", "exp"}),
        ({"issuer": "https://aai.unknown.test"}, {"iss"}),
        ({"without": ("aud",)}, {"aud"}),
        ({"claims": {"wlcg.ver": "2.0"}}, {"wlcg.ver"}),
        ({"audience": [AUDIENCE, "https://b.test"]}, {"aud"}),
    ],
)
def test_a_fault_in_a_claim_leaves_all_others_and_the_signature(forge, user, keys, fault, changed):
    good = user.token(AUDIENCE, "a").claims
    forged = forge.token(user, **{"audience": AUDIENCE, "scope": "a", **fault})

    differing = {k for k in good.keys() | forged.claims if good.get(k) != forged.claims.get(k)}
    assert differing <= changed | {"jti"}
    assert differing & changed
    jwt.decode(forged.value, keys["home"], ["ES256"])


def test_life_is_over_or_not_begun(forge, user):
    now = time.time()

    assert forge.token(user, expired=True).claims["exp"] < now - 3000
    later = forge.token(user, not_before=600).claims
    assert later["iat"] <= now < later["nbf"] - 500 < later["exp"]


def test_tampering_keeps_the_signature_that_no_longer_fits(forge, user, keys):
    forged = forge.token(user, audience=AUDIENCE, tampered=True)

    with pytest.raises(BadSignatureError):
        jwt.decode(forged.value, keys["home"], ["ES256"])


def test_no_signature_and_a_shared_secret_are_named_in_the_header(forge, user):
    assert forge.token(user, algorithm="none").header["alg"] == "none"
    assert forge.token(user, algorithm="none").value.endswith(".")
    assert forge.token(user, algorithm="HS256").header["alg"] == "HS256"


def test_another_key_signs_and_says_so(forge, user, home, keys):
    other = home.model_copy(update={"name": "other"})
    by_other = forge.token(user, signed_by=other)
    unknown = forge.token(user, unknown_key=True)

    jwt.decode(forge.token(user, next_key=True).value, keys["home.next"], ["ES256"])
    assert (by_other.header["kid"], by_other.header["alg"]) == (keys["other"].kid, "RS256")
    jwt.decode(by_other.value, keys["other"], ["RS256"])
    assert unknown.header["kid"] not in {key.kid for key in keys.values()}


def test_without_keys_it_says_why(user, tmp_path):
    with pytest.raises(NoIssuerKey, match="no signing key of the issuer of home"):
        Forge(tmp_path / "nowhere").token(user)


def test_any_key_may_sign(forge, user):
    key = ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True)
    token = forge.token(user, audience=AUDIENCE, key=key)
    assert token.header["kid"] == key.kid
    assert jwt.decode(token.value, key).claims["aud"] == AUDIENCE
