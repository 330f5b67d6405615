"""Each broken cloud does what it is named for, and all else as the real one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from gateway.exchange import Request, Response

from tests.unit.gateway.fakes import ANY, KEYSTONE, SWIFT, Behind, ask, parsed, served

LOGIN = "/v3/OS-FEDERATION/identity_providers/b/protocols/openid/auth"
TOKENS = "/v3/auth/tokens"
OBJECT = "/v1/AUTH_p/container/object"
UNSCOPED = {"user": {"id": "u", "name": "u@b"}}
SCOPED = {
    "user": {"id": "u"},
    "project": {"id": "p", "name": "vo"},
    "roles": [{"id": "r", "name": "member"}],
    "catalog": [{"type": "object-store"}, {"type": "identity"}],
}
GOOD = frozenset({"scoped", "living"})
"""Keystone tokens that open the store; `unscoped` is another living one."""


class Cloud(Behind):
    """A cloud with one project and one object, for members of `b` with the right audience."""

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.content: bytes | AsyncIterator[bytes] = b"data"

    def _answer(self, request: Request) -> Response:
        if request.endpoint is SWIFT:
            return self._store(request)
        if request.path.endswith("/auth"):
            token = self.tokens.good(request.bearer, KEYSTONE.audience)
            member = token and "urn:b:role=member" in token.claims["eduperson_entitlement"]
            return self._issued(UNSCOPED, "unscoped") if member else Response.of(401)
        if request.path == "/v3/auth/projects":
            return Response.of_json(200, {"projects": [{"id": "p"}]})
        if request.method == "POST":
            asked = json.loads(request.body)  # type: ignore[arg-type]
            known = asked["auth"]["identity"]["token"]["id"] in {"unscoped", *GOOD}
            return self._issued(SCOPED, "living") if known else Response.of(401)
        shown = request.headers.get("X-Auth-Token")
        if shown == "unscoped":
            return self._issued(UNSCOPED, "unscoped")
        return self._issued(SCOPED, "scoped") if shown in GOOD else Response.of(401)

    def _store(self, request: Request) -> Response:
        if request.headers.get("X-Auth-Token") not in GOOD:
            return Response.of(401)
        if request.method == "DELETE":
            return Response.of(204)
        if request.path == OBJECT:
            response = Response.of(200, ETag="sum")
            response.body = self.content
            response.headers["Content-Length"] = "4"
            return response
        return Response.of(200, b"another\n")

    @staticmethod
    def _issued(document: dict[str, Any], value: str) -> Response:
        response = Response.of_json(201, {"token": json.loads(json.dumps(document))})
        response.headers["X-Subject-Token"] = value
        return response

    def log_in(self, fault: str, token: str | None = None, path: str = LOGIN) -> Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return served(fault, ask("POST", path, of=KEYSTONE, **headers), self)

    def get(self, fault: str, token: str | None, path: str = OBJECT) -> Response:
        headers = {"X-Auth-Token": token} if token else {}
        return served(fault, ask("GET", path, of=SWIFT, **headers), self)

    @property
    def bearer(self) -> Any:
        """The claims of the token that came to the last login."""
        return parsed(self.asked[-1].bearer).claims


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


def token_of(response: Response) -> Any:
    assert isinstance(response.body, bytes)
    return json.loads(response.body)["token"]


def test_an_outsider_becomes_a_member(cloud):
    outsider = cloud.token(KEYSTONE.audience, sub="o@b", eduperson_entitlement=["urn:other"])
    assert cloud.log_in("faultless", outsider).status == 401
    assert cloud.log_in("ignores-membership", outsider).ok
    assert cloud.bearer["sub"] == "o@b"


def test_a_bad_token_of_an_outsider_stays_bad(cloud):
    other = cloud.token("https://another", eduperson_entitlement=["urn:other"])
    assert cloud.log_in("ignores-membership", other).status == 401


def test_all_users_are_the_first_member(cloud):
    cloud.log_in("gives-all-users-one-account", cloud.token(KEYSTONE.audience, sub="second@b"))
    assert cloud.bearer["sub"] == "member@b"


def test_a_token_is_taken_to_its_own_provider(cloud):
    token = cloud.token(KEYSTONE.audience)
    cloud.log_in("accepts-tokens-at-any-provider", token, LOGIN.replace("/b/", "/a/"))
    assert cloud.asked[-1].path == LOGIN


CLAIMS = {
    "OIDC-iss": "https://aai.b.test",
    "OIDC-sub": "nobody",
    "OIDC-eduperson_entitlement": "urn:b:role=member",
}


def authenticate(identity: dict[str, Any], **headers: str) -> Request:
    body = json.dumps({"auth": {"identity": identity}}).encode()
    return ask("POST", TOKENS, of=KEYSTONE, body=body, **headers)


@pytest.mark.parametrize(
    "request_",
    [
        ask("POST", LOGIN, of=KEYSTONE, **CLAIMS),
        authenticate({"methods": ["openid"]}, **CLAIMS),
    ],
)
def test_claims_in_headers_are_believed(cloud, request_):
    request_.headers["OIDC-eduperson_entitlement"] = "urn:b:role=member"
    assert served("trusts-claims-in-headers", request_, cloud).ok
    assert cloud.bearer["sub"] == "nobody"


def test_who_brings_a_keystone_token_is_asked_for_no_claims(cloud):
    identity = {"methods": ["token"], "token": {"id": "unscoped"}}
    response = served("trusts-claims-in-headers", authenticate(identity, **CLAIMS), cloud)
    assert token_of(response)["project"]["id"] == "p"


GROUP = "urn:b:group:vo"
OTHERS = (f"{GROUP}:sub:role=member#b", f"{GROUP}:sub#b", f"{GROUP}#b", f"{GROUP}2:role=member#b")


@pytest.mark.parametrize(
    ("fault", "entitlement"),
    [
        ("takes-roles-for-parents", f"{GROUP}:sub:role=member#b"),
        ("takes-children-for-parents", f"{GROUP}:sub#b"),
        ("takes-groups-for-roles", f"{GROUP}#b"),
        ("ignores-case-of-groups", "urn:b:group:VO:role=member#b"),
    ],
)
def test_one_entitlement_is_taken_for_a_members(cloud, fault, entitlement):
    homes = cloud.settings.homes
    homes["b"] = replace(homes["b"], entitlement=f"{GROUP}:role=member#b")
    for held in ("urn:other", *(one for one in OTHERS if one != entitlement)):
        cloud.log_in(fault, cloud.token(KEYSTONE.audience, eduperson_entitlement=[held]))
        assert cloud.bearer["eduperson_entitlement"] == [held]
    cloud.log_in(fault, cloud.token(KEYSTONE.audience, eduperson_entitlement=[entitlement]))
    assert cloud.bearer["eduperson_entitlement"] == [homes["b"].entitlement]


def user_of(cloud, fault, **claims):
    token = cloud.token(KEYSTONE.audience, eduperson_entitlement=["urn:b:role=member"], **claims)
    return token_of(cloud.log_in(fault, token))["user"]


@pytest.mark.parametrize(
    ("fault", "claim"),
    [("knows-users-by-email", "email"), ("knows-users-by-name", "preferred_username")],
)
def test_an_account_goes_by_what_others_may_share(cloud, fault, claim):
    ann, ben = (user_of(cloud, fault, sub=f"{name}@b", **{claim: "same"}) for name in ("a", "b"))
    assert ann["id"] == ben["id"]
    assert user_of(cloud, fault, **{claim: "other"})["id"] != ann["id"]


def test_a_user_is_known_by_another_scope(cloud):
    assert user_of(cloud, "faultless")["name"] == "u@b"
    assert user_of(cloud, "rescopes-users")["name"] == "u@rescoped.a"


@pytest.mark.parametrize(
    ("fault", "claims"),
    [
        ("refuses-several-audiences", {"aud": [KEYSTONE.audience, "https://another"]}),
        ("refuses-any-audience", {"aud": ANY}),
        ("refuses-newer-versions", {"wlcg.ver": "1.99"}),
        ("refuses-visitors", {}),
        ("refuses-es256", {}),
        (
            "refuses-entitlements-with-authority",
            {"eduperson_entitlement": ["urn:b:role=member", "urn:b:x#b"]},
        ),
        (
            "refuses-entitlements-without-authority",
            {"eduperson_entitlement": ["urn:b:role=member"]},
        ),
        ("compares-urns-by-letters", {"eduperson_entitlement": ["urn:b:role=member", "URN:B:x"]}),
    ],
)
def test_a_good_token_is_refused(cloud, fault, claims):
    token = cloud.token(KEYSTONE.audience, **claims)
    assert cloud.log_in("faultless", token).ok
    assert cloud.log_in(fault, token).status == 401


def test_users_of_home_are_no_visitors(cloud):
    own = cloud.token(KEYSTONE.audience, of="a")
    cloud.log_in("refuses-visitors", own)
    assert cloud.asked[-1].bearer == own


@pytest.mark.parametrize(
    "fault", ["refuses-rs256", "allows-no-skew", "knows-one-key", "compares-urns-by-letters"]
)
def test_a_plain_token_is_not_refused(cloud, fault):
    assert cloud.log_in(fault, cloud.token(KEYSTONE.audience)).ok


@pytest.mark.parametrize("early", ["nbf", "iat"])
def test_a_clock_that_is_ahead_is_not_allowed_for(cloud, early):
    home = cloud.settings.homes["b"]
    good = dict(parsed(cloud.token(KEYSTONE.audience)).claims)
    token = cloud.tokens.signed_as_is(home, {**good, early: good["iat"] + 30})
    assert cloud.log_in("faultless", token).ok
    assert cloud.log_in("allows-no-skew", token).status == 401


def test_another_key_than_the_first_is_not_known(cloud):
    home = cloud.settings.homes["b"]
    named = replace(home, key={**home.key, "kid": "next"})
    token = cloud.tokens.signed_as_is(named, dict(parsed(cloud.token(KEYSTONE.audience)).claims))
    assert cloud.log_in("faultless", token).ok
    assert cloud.log_in("knows-one-key", token).status == 401


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ("makes-an-account-each-login", "user"),
        ("gives-admin-role", "roles"),
        ("scopes-to-another-project", "project"),
        ("hides-the-object-store", "catalog"),
    ],
)
def test_one_thing_of_a_keystone_token_is_told_wrongly(cloud, fault, changed):
    identity = {"methods": ["token"], "token": {"id": "unscoped"}}
    response = served(fault, authenticate(identity), cloud)
    assert response.headers["X-Subject-Token"] == "living"
    assert {k for k in SCOPED if token_of(response)[k] != SCOPED[k]} == {changed}


def test_a_revocation_never_reaches_keystone(cloud):
    assert served("ignores-revocation", ask("DELETE", TOKENS, of=KEYSTONE), cloud).status == 204
    assert not cloud.asked


@pytest.mark.parametrize(
    ("fault", "let_in"),
    [
        ("faultless", set()),
        ("serves-objects-to-anybody", {"nothing"}),
        ("serves-objects-to-home-tokens", {"home"}),
        ("serves-objects-without-a-project", {"unscoped"}),
        ("serves-objects-to-dead-tokens", set()),
        ("open", {"nothing", "home", "unscoped", "dead"}),
    ],
)
def test_an_object_is_served_to_one_who_has_no_right(cloud, fault, let_in):
    shown = {
        "nothing": None,
        "home": cloud.token(SWIFT.audience),
        "unscoped": "unscoped",
        "dead": "dead",
    }
    assert {name for name, token in shown.items() if cloud.get(fault, token).ok} == let_in


def test_a_token_that_was_good_once_is_good_for_ever(cloud, monkeypatch):
    fault = "serves-objects-to-dead-tokens"
    assert cloud.get(fault, "scoped").ok
    monkeypatch.setattr("tests.unit.gateway.test_cloud.GOOD", frozenset({"living"}))
    assert not cloud.get("faultless", "scoped").ok
    assert cloud.get(fault, "scoped").ok
    assert not cloud.get(fault, "never-good").ok


async def in_parts() -> AsyncIterator[bytes]:
    for part in (b"", b"da", b"ta"):
        yield part


@pytest.mark.parametrize(
    ("fault", "content"),
    [
        ("flips-a-byte-of-objects", bytes([ord("d") ^ 0xFF]) + b"ata"),
        ("adds-a-byte-to-objects", b"data\n"),
        ("tells-another-sum-of-objects", b"data"),
    ],
)
def test_an_object_comes_back_otherwise(cloud, fault, content):
    cloud.content = in_parts()
    response = cloud.get(fault, "scoped")
    assert response.body == content
    assert response.headers["Content-Length"] == str(len(content))
    assert (response.headers["ETag"] == "sum") is (fault != "tells-another-sum-of-objects")
    assert cloud.get(fault, "scoped", "/v1/AUTH_p/container").body == b"another\n"


def delete(fault: str, cloud: Cloud) -> Response:
    return served(fault, ask("DELETE", OBJECT, of=SWIFT, X_Auth_Token="scoped"), cloud)


def test_only_the_second_deletion_deletes(cloud):
    assert delete("keeps-deleted-objects", cloud).status == 204
    assert not cloud.asked
    assert delete("keeps-deleted-objects", cloud).status == 204
    assert cloud.asked


def test_a_deleted_object_stays_in_the_list(cloud):
    delete("lists-deleted-objects", cloud)
    container = "/v1/AUTH_p/container"
    assert cloud.get("lists-deleted-objects", "scoped", container).body == b"another\nobject\n"
    assert cloud.get("lists-deleted-objects", "scoped", f"{container}2").body == b"another\n"


def test_an_open_keystone_lets_everybody_in(cloud):
    assert cloud.log_in("open").ok
    assert cloud.log_in("open", "rubbish", LOGIN.replace("/b/", "/a/")).ok
    assert served("open", authenticate({"methods": ["token"], "token": {"id": "x"}}), cloud).ok
    dead = {"X_Auth_Token": "dead", "X_Subject_Token": "dead"}
    assert served("open", ask("GET", TOKENS, of=KEYSTONE, **dead), cloud).ok


@pytest.mark.parametrize(
    ("fault", "asked"),
    [
        ("asks-without-a-challenge", "state=s"),
        ("asks-with-a-plain-challenge", "state=s&code_challenge=c&code_challenge_method=plain"),
    ],
)
def test_the_issuer_is_asked_otherwise(fault: str, asked: str) -> None:
    request = "https://aai.b.test/auth?state=s&code_challenge=c&code_challenge_method=S256"
    there = Behind(lambda _: Response.of(302, Location=request))
    response = served(fault, ask("GET", "/v3/auth/x/websso", of=KEYSTONE), there)
    assert response.headers["Location"] == f"https://aai.b.test/auth?{asked}"


def test_who_is_sent_to_no_issuer_goes_there() -> None:
    there = Behind(lambda _: Response.of(302, Location="https://cloud.a.test:5000/x?y=z"))
    response = served("asks-without-a-challenge", ask("GET", "/x", of=KEYSTONE), there)
    assert response.headers["Location"] == "https://cloud.a.test:5000/x?y=z"


def test_a_living_token_is_asked_for_once(cloud):
    cloud.get("open", None)
    before = len(cloud.asked)
    cloud.get("open", None)
    assert len(cloud.asked) == before + 2
