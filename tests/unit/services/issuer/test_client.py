"""Guards how the issuer's answers are read, and that nothing of them is shown."""

import base64
import json
import time
from collections.abc import Callable

import pytest

from harness.answer import Answer
from harness.clients.browser import Browser
from harness.model import Infrastructure
from harness.redaction import redactor
from harness.services.issuer.client import Issuer, IssuerAnswer, Token, User

METADATA = {
    "token_endpoint": "https://aai.home.test/token",
    "authorization_endpoint": "https://aai.home.test/auth",
    "device_authorization_endpoint": "https://aai.home.test/device",
}


def jwt(**claims: object) -> str:
    def part(fields: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'ES256'})}.{part(claims)}.c2lnbmF0dXJl"


class Wire:
    """Answers each request from a list, the discovery document apart, and keeps what was sent."""

    def __init__(self, *answers: tuple[int, dict[str, object]]) -> None:
        self.answers = list(answers)
        self.sent: list[dict[str, str]] = []

    def request(self, method: str, url: str, **rest: object) -> Answer:
        if url.endswith("openid-configuration"):
            return self._answer(url, 200, METADATA)
        self.sent.append(dict(rest.get("data") or {}))
        return self._answer(url, *self.answers.pop(0))

    def _answer(self, url: str, status: int, fields: dict[str, object]) -> Answer:
        return Answer(
            what=f"POST {url}",
            status=status,
            ok=status < 300,
            denied=status in (401, 403),
            body=json.dumps(fields).encode(),
        )


@pytest.fixture
def issuer(home: Infrastructure) -> Callable[[Wire], Issuer]:
    def made(wire: Wire) -> Issuer:
        return Issuer(
            home,
            http=wire,
            client_id="cli",
            client_secret="cli-secret-0",
            redirect_uri="http://localhost/cb",
        )

    return made


def test_a_token_shows_its_claims_and_never_its_value(home):
    token = Token(jwt(iss=home.issuer, aud="https://se.test", scope="openid a"))

    assert token.claims["aud"] == "https://se.test"
    assert token.header == {"alg": "ES256"}
    assert token.scopes == {"openid", "a"}
    assert token.value not in f"{token} {token!r}"
    assert redactor.redact(f"sent {token.value}") == "sent [redacted]"


@pytest.mark.parametrize(
    ("status", "error", "denied"),
    [
        (400, "invalid_grant", True),
        (400, "invalid_scope", True),
        (401, "invalid_client", True),
        (400, "invalid_request", False),
        (400, "authorization_pending", False),
        (500, "server_error", False),
    ],
)
def test_error_codes_tell_a_refusal_from_other_failures(issuer, status, error, denied):
    """RFC 6749, section 5.2: the token endpoint refuses with 400, and so does it answer nonsense."""
    answer = issuer(Wire((status, {"error": error}))).client_credentials(scope="a")

    assert (answer.ok, answer.denied, answer.error) == (False, denied, error)
    with pytest.raises(AssertionError, match=error):
        _ = answer.token


def test_what_is_issued_is_remembered_by_the_redactor(issuer):
    wire = Wire((200, {"access_token": "opaque-access-1", "refresh_token": "opaque-refresh-1"}))
    answer = issuer(wire).password("ada", "word-of-ada")

    assert {"opaque-access-1", "opaque-refresh-1", "word-of-ada"} <= redactor.known
    assert "opaque" not in repr(answer)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]"])
def test_a_body_that_is_no_object_reads_as_empty(body):
    answer = IssuerAnswer(what="GET x", status=500, ok=False, denied=False, body=body)

    assert (answer.json, answer.error) == ({}, "")


def test_a_user_keeps_a_token_for_each_audience_until_half_its_life_is_over(home, issuer):
    now = time.time()
    fresh, stale = jwt(exp=now + 600, n=1), jwt(exp=now - 1, n=2)
    wire = Wire(*[(200, {"access_token": value}) for value in (fresh, stale, fresh)])
    user = User(home.members[0], issuer=issuer(wire), password="word-of-ada")

    assert user.token("https://a.test") is user.token("https://a.test")
    assert user.token("https://b.test").value == stale
    assert user.token("https://b.test").value == fresh
    assert [sent["resource"] for sent in wire.sent] == ["https://a.test"] + ["https://b.test"] * 2


def test_a_device_waits_as_the_issuer_says(issuer):
    """RFC 8628, section 3.5: the interval between polls, five seconds more after `slow_down`."""
    wire = Wire(
        (200, {"device_code": "d" * 9, "user_code": "U", "verification_uri": "https://aai.home.test/device",
               "interval": 0.01, "expires_in": 30}),
        (400, {"error": "authorization_pending"}),
        (200, {"access_token": jwt(exp=0)}),
    )  # fmt: skip
    home = issuer(wire)
    device = home.start_device()

    assert home.await_device(device).ok
    assert [sent.get("device_code") for sent in wire.sent] == [None, "d" * 9, "d" * 9]


def test_a_device_that_is_told_to_slow_down_waits_five_seconds_more(issuer, monkeypatch):
    """RFC 8628, section 3.5; this and all further polls."""
    slept: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", slept.append)
    wire = Wire(
        (200, {"device_code": "d" * 9, "user_code": "U", "verification_uri": "https://aai.home.test/device",
               "expires_in": 30}),
        (400, {"error": "authorization_pending"}),
        (400, {"error": "slow_down"}),
        (400, {"error": "authorization_pending"}),
        (200, {"access_token": jwt(exp=0)}),
    )  # fmt: skip
    home = issuer(wire)
    assert home.await_device(home.start_device()).ok
    assert slept == [5, 10, 10], "an issuer that names no interval means 5 s"


def test_services_send_browsers_to_the_real_issuer(home):
    broken = home.model_copy(update={"address": "https://broken.aai.home.test"})
    seen = Issuer(broken, http=Wire(), client_id="c", client_secret="s" * 9)  # type: ignore[arg-type]
    assert seen.authorization_endpoint == "https://aai.home.test/auth"


class Pages:
    """An issuer's log-in, which leads to a page that hands something back."""

    LOG_IN = b'<form method="post" action="/done"><input name="user"><input name="password"></form>'
    BACK = b'<form method="post" action="https://asks.test/"><input name="token" value="t"></form>'

    def __init__(self) -> None:
        self.sent: list[object] = []

    def request(self, method: str, url: str, **rest: object) -> Answer:
        self.sent.append(rest.get("data"))
        body = self.BACK if url.endswith("/done") else self.LOG_IN
        return Answer(what=url, status=200, ok=True, denied=False, body=body)


def test_a_user_signs_in_until_the_form_that_leads_back(home):
    wire = Pages()
    user = User(home.member("member"), issuer=None, password="p" * 9)  # type: ignore[arg-type]
    page = user.sign_in(Browser(wire), "https://aai.test/", back_to="https://asks.test/")  # type: ignore[arg-type]
    assert wire.sent == [None, {"user": "ada", "password": "p" * 9}]
    assert page.form("token").fields == {"token": "t"}


def test_a_log_in_carries_the_challenge_of_its_verifier_alone(issuer):
    authorization = issuer(Wire()).authorize(audience="https://a.test")

    assert "code_challenge_method=S256" in authorization.url
    assert authorization.verifier not in authorization.url
    assert authorization.verifier not in repr(authorization)
    assert authorization.url.startswith("https://aai.home.test/auth?response_type=code&")


@pytest.mark.parametrize(("given", "sent"), [(None, True), ("another", True), ("", False)])
def test_a_code_is_redeemed_with_a_verifier_or_without(issuer, given, sent):
    wire = Wire((200, {"access_token": "opaque"}))
    here = issuer(wire)
    authorization = here.authorize()
    here.redeem(authorization, "code", verifier=given)
    expected = (given or authorization.verifier) if sent else None
    assert wire.sent[0].get("code_verifier") == expected


def test_the_challenge_of_a_log_in_is_what_its_address_shows(issuer):
    authorization = issuer(Wire()).authorize()
    assert f"code_challenge={authorization.challenge}&" in authorization.url
