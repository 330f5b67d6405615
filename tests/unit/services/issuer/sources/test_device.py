"""A log-in on another device: a person is asked once, and the refresh token is kept."""

import io
import sys

import pytest

from harness.errors import SourceFailed
from harness.provision import vault
from harness.services.issuer.readiness import Terminal
from harness.services.issuer.sources.base import Ask
from harness.services.issuer.sources.device import everything
from harness.state import State
from tests.unit.services.issuer import people
from tests.unit.services.issuer.wire import Wire, jwt

FAR = 4_000_000_000
CODE = {
    "device_code": "device-code-0",
    "user_code": "ABCD-EFGH",
    "verification_uri": "https://aai.home.test/device",
    "expires_in": 600,
    "interval": 0,
}


class Person(Ask):
    """Somebody at the terminal."""

    def __init__(self):
        self.seen = []

    @property
    def there(self):
        return True

    def show(self, message, *, url):
        self.seen.append((message, url))


def issued(home, **more):
    return 200, {"access_token": jwt(iss=home.issuer, exp=FAR), **more}


def source(home, issuer, state, **keys):
    return people.source_of(home, issuer, credentials={"source": "device", **keys}, state=state)


def kept(state):
    return vault.load(State("unit", state)).get("home", {}).get("refresh_ada")


def test_a_person_is_asked_and_the_refresh_token_is_kept(home, issuer, tmp_path):
    person = Person()
    pending = (400, {"error": "authorization_pending"})
    wire = Wire((200, CODE), pending, issued(home, refresh_token="refresh-1"))
    source(home, issuer(wire), tmp_path).prepare(person)
    ((message, url),) = person.seen
    assert url == CODE["verification_uri"]
    for word in ("ada of Home", "within 10 min", url, "ABCD-EFGH"):
        assert word in message
    assert wire.sent[0]["scope"] == everything()
    assert {"offline_access", "storage.read:/", "compute.create"} <= set(everything().split())
    assert kept(tmp_path) == "refresh-1"


def test_nobody_is_asked_while_the_refresh_token_is_good(home, issuer, tmp_path):
    vault.keep(State("unit", tmp_path), "home", "refresh_ada", "refresh-0")
    person = Person()
    source(home, issuer(Wire(issued(home))), tmp_path).prepare(person)
    assert not person.seen


def test_a_person_is_asked_anew_where_it_is_over(home, issuer, tmp_path):
    vault.keep(State("unit", tmp_path), "home", "refresh_ada", "refresh-0")
    person = Person()
    over = (400, {"error": "invalid_grant"})
    wire = Wire(over, (200, CODE), issued(home, refresh_token="refresh-1"))
    wanted = {
        "request_scope": "openid offline_access",
        "request_audience": ["https://a", "https://b"],
    }
    source(home, issuer(wire), tmp_path, **wanted).prepare(person)
    assert wire.sent[1]["scope"] == "openid offline_access"
    assert wire.sent[1]["resource"] == ("https://a", "https://b")
    assert wire.sent[2]["resource"] == "https://a", "one of them (RFC 8707, section 2.2)"
    assert kept(tmp_path) == "refresh-1"


def test_without_a_terminal_nobody_is_asked_and_the_remedy_is_told(home, issuer, tmp_path):
    wire = Wire()
    with pytest.raises(SourceFailed, match=r"no terminal.* `testbed token --home home --member"):
        source(home, issuer(wire), tmp_path).prepare(Ask())
    assert not wire.sent


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([(400, {"error": "access_denied"})], "got no token: access_denied"),
        ([(400, {"error": "expired_token"})], "got no token: expired_token"),
    ],
)
def test_a_person_who_does_not_agree_is_told(home, issuer, tmp_path, answers, said):
    with pytest.raises(SourceFailed, match=f"ada of home: `device` {said}"):
        source(home, issuer(Wire((200, CODE), *answers)), tmp_path).prepare(Person())


@pytest.mark.parametrize("error", ["invalid_scope", "invalid_client"])
def test_an_issuer_that_starts_no_log_in_is_told(home, issuer, tmp_path, error):
    wire = Wire((400, {"error": error}))
    with pytest.raises(SourceFailed, match="ada of home: `device` cannot ask a person: "):
        source(home, issuer(wire), tmp_path).prepare(Person())


def test_an_issuer_that_is_down_leaves_a_person_in_peace(home, issuer, tmp_path):
    vault.keep(State("unit", tmp_path), "home", "refresh_ada", "refresh-0")
    person = Person()
    source(home, issuer(Wire((503, {}))), tmp_path).prepare(person)
    assert not person.seen


def test_an_issuer_that_gives_no_refresh_token_is_told(home, issuer, tmp_path):
    with pytest.raises(
        SourceFailed, match="got no refresh token, although it requested `offline_access`"
    ):
        source(home, issuer(Wire((200, CODE), issued(home))), tmp_path).prepare(Person())
    assert kept(tmp_path) is None


def test_the_terminal_shows_the_address_as_a_qr_code(monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    assert not Terminal().there
    Terminal().show("open this", url="https://aai.home.test/device?user_code=ABCD")
    assert "open this" in shown.getvalue()
    assert len(shown.getvalue().splitlines()) > 15
