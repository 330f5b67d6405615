"""The scenarios that judge issuers, against answers as real AAIs give them."""

from __future__ import annotations

import importlib.util
import json
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from joserfc import jwt as signing
from joserfc.jwk import OKPKey, RSAKey

from harness.answer import Answer
from harness.model import Infrastructure
from harness.services.issuer.client import Issuer
from harness.services.issuer.tokens import Token
from tests.unit.services.issuer.wire import jwt

AUTH = Path(__file__).resolve().parents[2] / "scenarios" / "auth"
SERVICE = "https://se.b.test"
LIFE = 3600


class Unmarked:
    """Leaves functions as they are: the marks of scenarios are known where a testbed is."""

    def __getattr__(self, name: str):
        return lambda *_, **__: lambda function: function


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, AUTH / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pytest, "mark", Unmarked())
        spec.loader.exec_module(module)
    return module


CLAIMS, METADATA = load("test_token_claims"), load("test_issuer_metadata")


@pytest.fixture
def home() -> Infrastructure:
    """An AAI that names its claims as RFC 9068 does, and whose name ends in a slash."""
    return Infrastructure.model_validate(
        {
            "name": "home", "title": "Home", "domain": "aai.test", "issuer": "https://aai.test/oidc/",
            "jwks_uri": "https://aai.test/keys", "signing_alg": "RS256", "subject_scope": "aai.test",
            "vo": "biomed", "entitlement": "urn:geant:aai.test:group:biomed:role=member#aai.test",
            "robot_entitlement": "urn:geant:aai.test:group:biomed:role=robot#aai.test",
            "other_entitlement": "urn:geant:aai.test:group:other:role=member#aai.test",
            "members": [{"name": "mei", "kind": "member"}],
            "claims": {"entitlements": "entitlements", "assurance": "acr_values", "user": "sub"},
        }
    )  # fmt: skip


def user(home, **changed):
    """A user whose issuer gives such tokens; what is changed to ... is left out."""
    now = int(time.time())
    claims = {
        "iss": home.issuer, "sub": "0f1e@aai.test", "jti": "7", "wlcg.ver": "1.2", "iat": now,
        "exp": now + LIFE, "aud": [SERVICE, "account"],
        "entitlements": [
            home.entitlement, "urn:mace:aai.test:registry:9:SITE:Operator@aai.test",
            "urn:geant:aai.test:res:disk#aai.test", "https://licence.test/7",
        ],
        "acr_values": [
            "https://aai.test/LoA#Low", "https://refeds.org/assurance/IAP/low",
            "https://aarc-community.org/policy/authn-assurance/assam",
        ],
    } | changed  # fmt: skip
    token = Token(jwt(**{name: value for name, value in claims.items() if value is not ...}))
    return SimpleNamespace(token=lambda *_, **__: token, name="mei")


def life(home, **changed):
    route, testbed = SimpleNamespace(home=home), SimpleNamespace(token_lifetime=LIFE)
    member = user(home, **changed)
    CLAIMS.test_a_token_names_issuer_audience_and_life(route, member, SERVICE, testbed)


def membership(home, outsider=None, **changed):
    route = SimpleNamespace(home=home)
    other = user(home, **(outsider or {"entitlements": [home.other_entitlement]}))
    CLAIMS.test_a_token_tells_membership(route, user(home, **changed), other, SERVICE)


def assurance(home, **changed):
    route = SimpleNamespace(home=home)
    CLAIMS.test_a_token_tells_how_well_a_user_is_known(route, user(home, **changed), SERVICE)


NOW = int(time.time())


@pytest.mark.parametrize(
    "changed",
    [{}, {"aud": SERVICE}, {"aud": [SERVICE]}, {"iat": NOW, "exp": NOW + LIFE - 2},
     {"iat": NOW + 0.4, "exp": NOW + LIFE + 0.1}],
)  # fmt: skip
def test_tokens_that_are_right(home, changed):
    life(home, **changed)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"aud": "https://se.b.test.evil.test"}, None),
        ({"aud": ...}, "missing"),
        ({"exp": str(NOW + LIFE)}, "`exp` is not a number of seconds"),
        ({"iat": NOW, "exp": NOW + LIFE - 60}, "the token's lifetime is 3540 s"),
        ({"iat": NOW, "exp": NOW + 7 * 24 * 3600}, "the token's lifetime is 604800 s"),
        ({"iss": "https://aai.test/oidc"}, None),
    ],
)
def test_tokens_that_are_wrong(home, changed, said):
    with pytest.raises(AssertionError, match=said):
        life(home, **changed)


def test_membership_is_read_beside_other_entitlements(home):
    membership(home)
    membership(home, entitlements=home.entitlement)
    membership(home, outsider={"entitlements": ...})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"entitlements": []}, None),
        ({"entitlements": ...}, "has no `entitlements`"),
        ({"entitlements": {"a": 1}}, "`entitlements` is not text"),
        ({"sub": "mei li@aai.test"}, "`sub` is 'mei li@aai.test'"),
        ({"sub": 7}, "`sub` is 7"),
    ],
)
def test_membership_that_is_told_wrongly(home, changed, said):
    with pytest.raises(AssertionError, match=said):
        membership(home, **changed)


def test_an_outsider_who_is_told_to_be_a_member(home):
    with pytest.raises(AssertionError):
        membership(home, outsider={"entitlements": home.entitlement})


def test_a_group_of_no_form_is_named(home):
    wrong = "urn:geant:aai.test:group:of two words"
    with pytest.raises(AssertionError, match=f"not in the form of AARC-G069: .*{wrong}"):
        membership(home, entitlements=[home.entitlement, wrong])


def test_assurance_needs_one_value_of_each(home):
    assurance(home)
    for kept in ("refeds", "aarc"):
        told = [one for one in user(home).token().claims["acr_values"] if kept in one]
        with pytest.raises(AssertionError, match=r"no agreed assurance profile|no REFEDS value"):
            assurance(home, acr_values=told)


RSA = RSAKey.generate_key(2048, {"use": "sig", "kid": "k7"})
PUBLIC = RSA.as_dict(private=False)
OTHER = OKPKey.generate_key("Ed25519", {"kid": "k8"}).as_dict(private=False)


class Wire:
    """An issuer's pages."""

    def __init__(self, document, keys):
        self.pages = {
            "https://aai.test/oidc/.well-known/openid-configuration": document,
            "https://aai.test/keys": {"keys": keys},
        }

    def request(self, method, url, **_):
        body = json.dumps(self.pages[url]).encode()
        return Answer(f"{method} {url}", 200, True, False, body)


DOCUMENT = {"issuer": "https://aai.test/oidc/", "jwks_uri": "https://aai.test/keys", "op_tos_uri": None,
            "op_policy_uri": "http://aai.test/policy", "token_endpoint": "https://aai.test/t"}  # fmt: skip


def issuer(home, document=None, keys=(PUBLIC, OTHER)):
    wire = Wire(DOCUMENT if document is None else document, list(keys))
    return Issuer(home, http=wire, client_id="c", client_secret="word-of-c")  # type: ignore[arg-type]


def test_metadata_and_keys_as_real_issuers_have_them(home):
    METADATA.test_the_discovery_document_names_its_issuer(issuer(home))
    METADATA.test_the_key_set_is_public_and_well_formed(issuer(home))
    for kid in ({"kid": "k7"}, {}):
        value = signing.encode({"alg": "RS256", **kid}, {"sub": "x", "exp": NOW + 99}, RSA)
        member = SimpleNamespace(token=lambda value=value: Token(value))
        key = PUBLIC if kid else {name: part for name, part in PUBLIC.items() if name != "kid"}
        METADATA.test_the_key_set_verifies_a_members_token(issuer(home, keys=[OTHER, key]), member)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "not with a discovery document"),
        (DOCUMENT | {"token_endpoint": "http://aai.test/t"}, "endpoints without TLS"),
        (DOCUMENT | {"issuer": "https://aai.test/oidc"}, None),
    ],
)
def test_metadata_that_are_wrong(home, document, said):
    with pytest.raises(AssertionError, match=said):
        METADATA.test_the_discovery_document_names_its_issuer(issuer(home, document))


def test_a_private_key_is_named(home):
    with pytest.raises(AssertionError, match=r"key 2 \(RSA, kid 'k7'\) is private"):
        METADATA.test_the_key_set_is_public_and_well_formed(
            issuer(home, keys=[OTHER, RSA.as_dict(private=True)])
        )
