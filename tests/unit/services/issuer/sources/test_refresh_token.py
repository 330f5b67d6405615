"""A refresh token: a new one is in the vault before anybody else asks; what is wrong is the tester's."""

import json
import multiprocessing
import os
import signal
import threading
from contextlib import contextmanager
from urllib.parse import parse_qs

import pytest

from harness.clients.http import Http
from harness.errors import BeyondSource, SourceFailed
from harness.provision import vault
from harness.services.issuer.client import SCOPE, Issuer
from harness.services.issuer.sources.holding import Ability
from harness.state import State
from tests.unit.services.issuer import people
from tests.unit.services.issuer.wire import Wire, jwt
from tests.unit.serving import serving

FAR = 4_000_000_000


@pytest.fixture
def kept(home, tmp_path):
    """A vault with the member's refresh token."""
    vault.keep(State("unit", tmp_path), home.name, "refresh_ada", "refresh-0")
    return tmp_path


def in_vault(home, tmp_path):
    return vault.load(State("unit", tmp_path))[home.name]["refresh_ada"]


def token(home, **claims):
    return jwt(**{"iss": home.issuer, "exp": FAR, "sub": "ada", **claims})


def test_a_token_is_renewed_and_the_new_refresh_token_is_kept(home, issuer, kept):
    wire = Wire((200, {"access_token": token(home), "refresh_token": "refresh-1"}))
    given = people.source_of(home, issuer(wire), credentials="refresh-token", state=kept).get(
        None, SCOPE
    )
    assert given.token.claims["sub"] == "ada"
    assert wire.sent[0]["refresh_token"] == "refresh-0"
    assert "scope" not in wire.sent[0], "RFC 6749, section 6: all that was granted first"
    assert in_vault(home, kept) == "refresh-1"
    assert (kept / "unit" / "vault.json").stat().st_mode & 0o777 == 0o600


def test_an_issuer_that_does_not_rotate_leaves_it(home, issuer, kept):
    wire = Wire((200, {"access_token": token(home)}), (200, {"access_token": token(home)}))
    source = people.source_of(home, issuer(wire), credentials="refresh-token", state=kept)
    source.get(None, SCOPE)
    source.get(None, SCOPE)
    assert [sent["refresh_token"] for sent in wire.sent] == ["refresh-0"] * 2
    assert in_vault(home, kept) == "refresh-0"


def test_audience_and_scope_are_asked_for(home, issuer, kept):
    scope = "storage.read:/x"
    wire = Wire((200, {"access_token": token(home, scope=scope, aud="https://se.test")}))
    user = people.user(home, issuer(wire), credentials="refresh-token", state=kept)
    assert user.token("https://se.test", scope).scopes == {scope}
    assert (wire.sent[0]["resource"], wire.sent[0]["scope"]) == ("https://se.test", scope)


@pytest.mark.parametrize("granted", ["openid", "storage.read:/ storage.modify:/"])
def test_what_an_issuer_granted_beside_an_opaque_token_counts(home, issuer, kept, granted):
    wire = Wire((200, {"access_token": "opaque-token", "scope": granted}))
    source = people.source_of(home, issuer(wire), credentials="refresh-token", state=kept)
    with pytest.raises(SourceFailed, match=r"lacks storage.read:/|also permits storage.modify:/"):
        source.get(None, "storage.read:/")


def test_what_the_issuer_does_not_allow_is_not_asked_for(home, issuer, kept):
    wire = Wire((200, {"access_token": token(home)}))
    credentials = {
        "source": "refresh-token",
        "without": ["audience", "scope"],
        "audience": "https://se.test",
        "scope": "storage.read:/",
    }
    source = people.source_of(home, issuer(wire), credentials=credentials, state=kept)
    source.get("https://se.test", SCOPE)
    assert wire.sent[0].keys().isdisjoint({"resource", "scope"})
    with pytest.raises(
        BeyondSource, match=r"ada of home: `refresh-token` gives tokens for .*but not for https://x"
    ):
        source.get("https://x.test", SCOPE)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ("invalid_grant", "The refresh token has expired"),
        ("invalid_client", "the client cli and its secret"),
    ],
)
def test_a_refusal_is_the_testers_and_names_member_and_source(home, issuer, kept, error, said):
    wire = Wire((400, {"error": error}))
    source = people.source_of(home, issuer(wire), credentials="refresh-token", state=kept)
    with pytest.raises(SourceFailed, match=f"^ada of home: `refresh-token` .*{said}") as caught:
        source.get("https://se.test", "storage.read:/")
    assert "refresh-0" not in str(caught.value)
    assert in_vault(home, kept) == "refresh-0"


@pytest.mark.parametrize("error", ["invalid_scope", "invalid_target"])
def test_what_the_log_in_does_not_have_is_not_run(home, issuer, kept, error):
    """oidc-provider narrows a refresh token to no path below one that it has, as an honest issuer may."""
    wire = Wire((400, {"error": error}), (400, {"error": error}))
    source = people.source_of(home, issuer(wire), credentials="refresh-token", state=kept)
    said = f"^ada of home: `refresh-token` was refused storage.read:/a for https://se.test: {error}"
    with pytest.raises(BeyondSource, match=said):
        source.get("https://se.test", "storage.read:/a")
    with pytest.raises(SourceFailed):
        source.get(None, SCOPE)


def test_an_issuer_that_is_broken_is_the_issuers(home, issuer, kept):
    source = people.source_of(
        home, issuer(Wire((500, {}))), credentials="refresh-token", state=kept
    )
    with pytest.raises(AssertionError):
        source.get(None, SCOPE)


def test_a_vault_without_one_is_told_with_the_name_that_is_missing(home, issuer, tmp_path):
    source = people.source_of(home, issuer(Wire()), credentials="refresh-token", state=tmp_path)
    with pytest.raises(SourceFailed, match=r"no `refresh_ada` of home in .*vault.json"):
        source.get(None, SCOPE)


def test_an_issuer_that_declares_no_refresh_gives_nothing(home, issuer, kept):
    source = people.source_of(
        home, issuer(Wire()), credentials="refresh-token", state=kept, without="refresh"
    )
    with pytest.raises(BeyondSource, match="does not declare `refresh` in its `capabilities`"):
        source.get(None, SCOPE)


def test_a_public_client_names_itself_and_sends_no_secret(home):
    """RFC 6749, section 3.2.1."""

    class Seen(Wire):
        def request(self, method, url, **rest):
            self.auth = rest.get("auth")
            return super().request(method, url, **rest)

    wire = Seen((200, {"access_token": token(home)}))
    public = Issuer(home, http=wire, client_id="portal", client_secret="")
    public.refresh("refresh-0")
    assert wire.sent[0]["client_id"] == "portal"
    assert "client_secret" not in wire.sent[0]
    assert wire.auth is None


class Rotating:
    """An issuer that ends the whole family where a refresh token comes twice (RFC 9700, 4.14.2)."""

    def __init__(self):
        self.number, self.reused = 0, 0
        self.lock = threading.Lock()
        self.during = lambda: None

    def __call__(self, asked):
        base = f"http://{asked.headers['host']}"
        if asked.method == "GET":
            return self._json({"issuer": base, "token_endpoint": f"{base}/token"})
        with self.lock:
            (came,) = parse_qs(asked.body.decode())["refresh_token"]
            if came != f"refresh-{self.number}":
                self.reused += 1
                return 400, {}, b'{"error": "invalid_grant"}'
            self.number += 1
            self.during()
            access = jwt(iss=base, exp=FAR, sub="ada")
            return self._json({"access_token": access, "refresh_token": f"refresh-{self.number}"})

    def _json(self, fields):
        return 200, {"Content-Type": "application/json"}, json.dumps(fields).encode()


@contextmanager
def at(home, url, state):
    """Yield the source at an issuer that is served."""
    home = home.model_copy(update={"issuer": url})
    http = Http(proxy=None, ca_bundle=None)
    issuer = Issuer(home, http=http, client_id="cli", client_secret="cli-secret-0")
    try:
        yield people.source_of(home, issuer, credentials="refresh-token", state=state)
    finally:
        http.close()


def _renew(home, url, state, times):
    with at(home, url, state) as source:
        for _ in range(times):
            source.get(None, SCOPE)


def test_processes_that_renew_at_once_never_use_a_token_twice(home, kept):
    issuer = Rotating()
    with serving(issuer) as served:
        workers = [
            multiprocessing.get_context("spawn").Process(
                target=_renew, args=(home, served.url, kept, 5)
            )
            for _ in range(3)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert (issuer.number, issuer.reused) == (15, 0)
    assert in_vault(home, kept) == "refresh-15"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGALRM])
def test_a_signal_waits_until_the_new_one_is_kept(home, kept, number):
    """The former one is worth nothing any more at that moment."""
    issuer = Rotating()
    issuer.during = lambda: os.kill(os.getpid(), number)

    def stop(*_):
        raise KeyboardInterrupt

    before = signal.signal(number, stop)
    try:
        with (
            serving(issuer) as served,
            at(home, served.url, kept) as source,
            pytest.raises(KeyboardInterrupt),
        ):
            source.get(None, SCOPE)
    finally:
        signal.signal(number, before)
    assert in_vault(home, kept) == "refresh-1"


def test_it_shows_no_answer_as_new(home, issuer, kept):
    """A renewal is refused for other reasons than a request as new: nothing must be judged by it."""
    user = people.user(home, issuer(Wire()), credentials="refresh-token", state=kept)
    assert Ability.ANSWER not in user.source.abilities
    with pytest.raises(BeyondSource, match="shows no new answer of the issuer to a request"):
        user.ask()
    with pytest.raises(BeyondSource, match="allows no log-in with a browser"):
        _ = user.source.password
