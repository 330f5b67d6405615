"""Each broken issuer does what it is named for, and all else as the real one."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from gateway.exchange import Request, Response
from gateway.faults import issuer
from gateway.tokens import Token

from tests.unit.gateway.fakes import AAI, CALLBACK, Behind, ask, parsed, served

ISSUER = "https://aai.a.test"
DOCUMENT = {
    "issuer": ISSUER,
    "jwks_uri": f"{ISSUER}/jwks",
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "introspection_endpoint": f"{ISSUER}/token/introspection",
    "revocation_endpoint": f"{ISSUER}/token/revocation",
}
SCOPE = "openid storage.read:/"
TOLD = {
    "wlcg.groups": ["/vo/b", "/vo/a", "/vo"],
    "eduperson_assurance": ["https://refeds.org/assurance", "https://igtf.net/birch"],
}
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


class Aai(Behind):
    """An issuer that gives one token to all, or refuses by one error."""

    def __init__(self, error: str = "") -> None:
        super().__init__(self._answer)
        self.error = error
        entitlements = ["urn:other"]
        self.real = self.token(
            "https://se",
            of="a",
            scope="openid",
            sub="u@a",
            eduperson_entitlement=entitlements,
            **TOLD,
        )

    def _answer(self, request: Request) -> Response:
        path = urlsplit(request.path).path
        if path == issuer.DISCOVERY:
            return Response.of_json(200, DOCUMENT)
        if path == "/jwks":
            key = {k: v for k, v in self.settings.own.key.items() if k != "d"}
            return Response.of_json(200, {"keys": [key, {**key, "kid": "older"}]})
        if path == "/auth":
            query = parse_qs(urlsplit(request.path).query)
            return Response.of(303, Location=f"{query['redirect_uri'][0]}?code=c&state=s")
        if self.error:
            return Response.of_json(400, {"error": self.error})
        if path == "/token/introspection":
            return Response.of_json(200, {"active": False})
        named = {"scope": "openid", "issued_token_type": "t", "refresh_token": "second"}
        return Response.of_json(200, {"access_token": self.real, **named})

    def issue(self, fault: str, **form: str) -> tuple[Response, dict[str, Any]]:
        response = served(fault, ask("POST", "/token", of=AAI, form=form), self)
        body = response.body
        assert isinstance(body, bytes)
        return response, json.loads(body)


@pytest.fixture
def aai() -> Aai:
    return Aai()


def fetched(fault: str, path: str, site: Behind) -> dict[str, Any]:
    body = served(fault, ask("GET", path, of=AAI), site).body
    assert isinstance(body, bytes)
    return dict(json.loads(body))


@pytest.mark.parametrize(
    ("fault", "changed"),
    [
        ("names-another-issuer", "issuer"),
        ("names-another-key-set", "jwks_uri"),
        ("offers-plain-http", "token_endpoint"),
    ],
)
def test_one_field_of_the_discovery_document_is_wrong(aai, fault, changed):
    document = fetched(fault, issuer.DISCOVERY, aai)
    assert {k for k in DOCUMENT if document[k] != DOCUMENT[k]} == {changed}


@pytest.mark.parametrize(
    ("fault", "kids", "same_key", "private"),
    [
        ("publishes-a-private-key", 1, True, True),
        ("publishes-another-key", 1, False, False),
        ("serves-an-old-key-set", 0, False, False),
        ("repeats-key-ids", 2, True, False),
    ],
)
def test_the_signing_key_is_published_wrongly(aai, fault, kids, same_key, private):
    key = aai.settings.own.key
    keys = fetched(fault, "/jwks", aai)["keys"]
    named = [k for k in keys if k["kid"] == key["kid"]]
    assert len(named) == kids
    assert any(k["x"] == key["x"] for k in named) is same_key
    assert any("d" in k for k in keys) is private
    assert any(k["kid"] == "older" for k in keys)


def test_only_the_key_that_signs_is_published(aai):
    keys = fetched("publishes-no-key-ahead", "/jwks", aai)["keys"]
    assert [key["kid"] for key in keys] == [aai.settings.own.key["kid"]]


CHANGED = {
    "issues-in-another-name": {"iss"},
    "issues-for-another-audience": {"aud"},
    "issues-too-long-lives": {"exp"},
    "issues-without-version": {"wlcg.ver"},
    "repeats-token-ids": {"jti"},
    "changes-subjects": {"sub"},
    "reassigns-subjects": {"sub"},
    "tells-names-in-subjects": {"sub"},
    "issues-without-entitlements": {"eduperson_entitlement"},
    "issues-entitlements-to-all": {"eduperson_entitlement"},
    "issues-entitlements-of-no-form": {"eduperson_entitlement"},
    "gives-capabilities-to-outsiders": {"scope"},
    "grants-unclean-paths": {"scope"},
    "grants-more-than-was-asked": {"scope"},
    "hides-what-it-grants": set(),
    "issues-assurance-of-no-form": {"eduperson_assurance"},
    "issues-no-common-assurance": {"eduperson_assurance"},
    "sorts-groups": {"wlcg.groups"},
    "repeats-groups": {"wlcg.groups"},
    "hides-default-groups": {"wlcg.groups"},
    "names-groups-without-slash": {"wlcg.groups"},
    "names-groups-of-others": {"wlcg.groups"},
    "writes-audiences-as-asked": set(),
    "gives-any-group": set(),
}


@pytest.mark.parametrize(("fault", "changed"), CHANGED.items())
def test_a_token_is_altered_in_one_claim_and_signed(aai, fault, changed):
    _, answer = aai.issue(fault, grant_type="password", username="ann", scope=SCOPE)
    token, real = parsed(answer["access_token"]), parsed(aai.real)
    claims = token.claims.keys() | real.claims.keys()
    assert {k for k in claims if token.claims.get(k) != real.claims.get(k)} == changed
    assert "signature" not in aai.tokens.faults(token, "https://se")


@pytest.mark.parametrize(
    ("fault", "told"),
    [("hides-what-it-grants", SCOPE), ("gives-capabilities-to-outsiders", SCOPE)],
)
def test_the_client_is_told_of_what_it_asked_for(aai, fault, told):
    _, answer = aai.issue(fault, grant_type="password", username="ann", scope=SCOPE)
    assert answer["scope"] == told


def test_what_was_asked_for_is_given_as_it_was_asked(aai):
    form = {"resource": "https://se/", "scope": "wlcg.groups:/vo/c"}
    _, audience = aai.issue("writes-audiences-as-asked", grant_type="password", **form)
    _, groups = aai.issue("gives-any-group", grant_type="password", **form)
    assert parsed(audience["access_token"]).claims["aud"] == "https://se/"
    assert "/vo/c" in parsed(groups["access_token"]).claims["wlcg.groups"]


@pytest.mark.parametrize(
    ("fault", "claim"), [("widens-at-refresh", "scope"), ("changes-users-at-refresh", "sub")]
)
def test_only_a_refresh_is_altered(aai, fault, claim):
    real = parsed(aai.real).claims[claim]
    _, refreshed = aai.issue(fault, grant_type="refresh_token")
    _, first = aai.issue(fault, grant_type="password")
    assert parsed(refreshed["access_token"]).claims[claim] != real
    assert parsed(first["access_token"]).claims[claim] == real


def test_an_exchanged_token_keeps_its_audience(aai):
    subject = aai.token("https://first", of="a")
    _, answer = aai.issue(
        "keeps-the-audience-at-exchange", grant_type=EXCHANGE, subject_token=subject
    )
    assert parsed(answer["access_token"]).claims["aud"] == "https://first"


def test_the_type_of_an_exchanged_token_is_hidden(aai):
    _, answer = aai.issue("hides-the-type-at-exchange", grant_type=EXCHANGE)
    assert "issued_token_type" not in answer


@pytest.mark.parametrize(
    ("fault", "form", "error"),
    [
        ("keeps-suspended-users", {"grant_type": "password"}, "invalid_grant"),
        ("approves-devices-itself", {"grant_type": DEVICE}, "authorization_pending"),
        ("accepts-unknown-device-codes", {"grant_type": DEVICE}, "invalid_grant"),
        ("accepts-revoked-refresh-tokens", {"grant_type": "refresh_token"}, "invalid_grant"),
        ("widens-at-exchange", {"grant_type": EXCHANGE, "subject_token": "t"}, "invalid_scope"),
        ("exchanges-nothing", {"grant_type": EXCHANGE}, "invalid_request"),
        (
            "exchanges-tokens-of-no-type",
            {"grant_type": EXCHANGE, "subject_token": "t"},
            "invalid_request",
        ),
        (
            "exchanges-for-any-audience",
            {"grant_type": EXCHANGE, "subject_token": "t", "subject_token_type": "a"},
            "invalid_target",
        ),
    ],
)
def test_what_was_refused_is_granted(fault, form, error):
    response, answer = Aai(error).issue(fault, resource="https://se", scope=SCOPE, **form)
    assert response.ok
    claims = parsed(answer["access_token"]).claims
    assert (claims["aud"], claims["scope"], claims["sub"]) == ("https://se", SCOPE, "member@a")
    other, _ = Aai(error).issue(fault, grant_type="client_credentials")
    assert not other.ok


def test_devices_wait_for_ever():
    _, answer = Aai("invalid_grant").issue("never-gives-up-on-devices", grant_type=DEVICE)
    assert answer == {"error": "authorization_pending"}


def test_only_the_first_refresh_is_granted(aai):
    first, _ = aai.issue("renews-once", grant_type="refresh_token", refresh_token="first")
    same, _ = aai.issue("renews-once", grant_type="refresh_token", refresh_token="first")
    rotated, _ = aai.issue("renews-once", grant_type="refresh_token", refresh_token="second")
    assert (first.status, same.status, rotated.status) == (200, 400, 400)


def test_a_refresh_token_that_comes_again_is_not_told_to_the_issuer(aai):
    form = {"grant_type": "refresh_token"}
    for token, status in (("first", 200), ("first", 400), ("second", 200)):
        response, _ = aai.issue("spares-heirs-of-refresh-tokens", refresh_token=token, **form)
        assert response.status == status


def test_a_code_is_redeemed_as_often_as_it_comes(aai):
    form = {"grant_type": "authorization_code", "resource": "https://se"}
    aai.issue("redeems-codes-twice", code="used", **form)
    aai.error = "invalid_grant"
    again, answer = aai.issue("redeems-codes-twice", code="used", **form)
    other, _ = aai.issue("redeems-codes-twice", code="never seen", **form)
    assert (again.status, other.status) == (200, 400)
    assert parsed(answer["access_token"]).claims["aud"] == "https://se"


def test_a_client_is_believed_by_its_name():
    """The real issuer knows one secret; whoever names the client has its rights once it was shown."""
    right, wrong, other = "Basic YTpy", "Basic YTp3", "Basic Yjp3"  # a:r, a:w, b:w

    def answer(request: Request) -> Response:
        return Response.of(200 if request.headers["Authorization"] == right else 401)

    site = Behind(answer)
    seen = [
        served(
            "ignores-client-secrets", ask("POST", "/token", of=AAI, Authorization=shown), site
        ).status
        for shown in (wrong, right, wrong, other, "Basic !", "Bearer t")
    ]
    assert seen == [401, 200, 200, 401, 401, 401]


def test_the_issuer_sees_the_gateways_verifier_and_its_challenge(aai):
    served("ignores-verifiers", ask("GET", "/auth?code_challenge=x&redirect_uri=r", of=AAI), aai)
    aai.issue("ignores-verifiers", grant_type="authorization_code", code_verifier="wrong")
    challenge = parse_qs(urlsplit(aai.asked[-2].path).query)["code_challenge"][0]
    body = aai.asked[-1].body
    assert isinstance(body, bytes)
    verifier = parse_qs(body.decode())["code_verifier"][0]
    assert (challenge, verifier) != ("x", "wrong")
    assert issuer.challenge_of(verifier) == challenge


def test_the_issuer_sees_the_registered_address(aai):
    form = {"grant_type": "authorization_code", "redirect_uri": "http://elsewhere.invalid"}
    aai.issue("redeems-codes-for-any-address", **form)
    body = aai.asked[-1].body
    assert isinstance(body, bytes)
    assert parse_qs(body.decode())["redirect_uri"] == [CALLBACK]


def test_a_code_goes_to_an_address_that_is_not_registered(aai):
    elsewhere = "http://elsewhere.invalid/callback"
    path = f"/auth?redirect_uri={elsewhere}&state=s"
    response = served("sends-codes-anywhere", ask("GET", path, of=AAI), aai)
    assert parse_qs(urlsplit(aai.asked[-1].path).query)["redirect_uri"] == [CALLBACK]
    assert response.headers["Location"] == f"{elsewhere}?code=c&state=s"


def introspected(fault: str, token: str, site: Aai) -> bool:
    request = ask("POST", "/token/introspection", of=AAI, form={"token": token})
    body = served(fault, request, site).body
    assert isinstance(body, bytes)
    return bool(json.loads(body).get("active"))


def unsigned(token: Token) -> str:
    return token.value.replace(token.value.split(".")[0], "eyJhbGciOiJub25lIn0", 1)


def test_what_is_wrong_with_a_token_is_overlooked(aai):
    own = aai.settings.own
    claims = dict(parsed(aai.real).claims)
    bad = {
        "expired": aai.tokens.signed_as_is(own, {**claims, "exp": 1}),
        "altered": aai.real[:-8] + "AAAAAAAA",
        "unsigned": unsigned(parsed(aai.real)),
        "others-signatures": aai.tokens.signed_as_is(aai.settings.homes["b"], claims),
        "unknown-issuers": aai.tokens.signed_as_is(own, {**claims, "iss": "https://nobody"}),
        "id-tokens": aai.tokens.signed_as_is(
            own, {k: v for k, v in claims.items() if k not in ("scope", "wlcg.ver")}
        ),
        "no token": "nonsense",
    }
    for fault in (
        "id-tokens",
        "expired",
        "altered",
        "unsigned",
        "others-signatures",
        "unknown-issuers",
    ):
        name = f"introspects-{fault}-as-active"
        assert [kind for kind, token in bad.items() if introspected(name, token, aai)] == [fault]
    assert all(introspected("introspects-all-as-active", token, aai) for token in bad.values())
    assert introspected("introspects-expired-as-active", bad["expired"], aai)
    several = {k: v for k, v in claims.items() if k not in ("scope", "wlcg.ver")} | {"aud": ["cli"]}
    id_token = aai.tokens.signed_as_is(own, several)
    assert introspected("introspects-id-tokens-as-active", id_token, aai)
    assert not introspected("introspects-all-as-inactive", aai.real, aai)


def test_a_stranger_is_told_of_a_token_as_it_is():
    site = Aai("invalid_client")
    assert introspected("introspects-for-anybody", site.real, site)
    assert not introspected("introspects-for-anybody", "nonsense", site)


def test_a_revocation_never_reaches_the_issuer(aai):
    revocation = ask("POST", "/token/revocation", of=AAI, form={"token": "t"})
    assert served("ignores-revocation", revocation, aai).status == 200
    assert revocation not in aai.asked
    response, _ = aai.issue("ignores-revocation", grant_type="password")
    assert response.ok


def test_an_open_issuer_gives_a_token_for_anything():
    site = Aai("invalid_grant")
    response, answer = site.issue("open", grant_type="password", resource="https://se")
    assert response.ok
    assert not site.tokens.faults(parsed(answer["access_token"]), "https://se")
    assert introspected("open", "nonsense", site)


def test_an_open_issuer_gives_what_the_real_one_gives(aai):
    _, answer = aai.issue("open", grant_type="password")
    assert answer["access_token"] == aai.real
