"""A mytoken server: what it is asked, its own token that is replaced, and its refusals."""

import json

import pytest

from harness.answer import Answer
from harness.errors import BeyondSource, SourceFailed, Unreachable
from harness.provision import vault
from harness.services.issuer.client import SCOPE
from harness.state import State
from tests.unit.services.issuer import people
from tests.unit.services.issuer.wire import jwt

URL = "https://mytok.test"
FAR = 4_000_000_000


class Server:
    """Answers the discovery document, and then from a list."""

    def __init__(self, *answers):
        self.answers, self.sent = list(answers), []

    def request(self, method, url, **rest):
        if url.endswith("mytoken-configuration"):
            return self._answer(url, 200, {"access_token_endpoint": f"{URL}/token/access"})
        self.sent.append((url, rest["json"]))
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return self._answer(url, *found)

    def _answer(self, url, status, fields):
        body = json.dumps(fields).encode()
        return Answer(f"POST {url}", status, status < 300, status in (401, 403), body)


@pytest.fixture
def made(home, tmp_path):
    state = State("unit", tmp_path)
    vault.keep(state, home.name, "mytoken_ada", "mytoken-0")

    def make(*answers):
        server = Server(*answers)
        credentials = {"source": "mytoken", "url": URL}
        return (
            people.source_of(home, credentials=credentials, state=tmp_path, http=server),
            server,
            state,
        )

    return make


def test_it_is_asked_for_audience_and_scope_and_its_new_token_is_kept(home, made):
    access = jwt(iss=home.issuer, exp=FAR, scope="storage.read:/")
    source, server, state = made(
        (200, {"access_token": access, "expires_in": 60, "token_update": {"mytoken": "mytoken-1"}})
    )
    assert source.get("https://se.test", "storage.read:/").lifetime == 60
    asked = {
        "grant_type": "mytoken",
        "oidc_issuer": home.issuer,
        "audience": "https://se.test",
        "scope": "storage.read:/",
        "mytoken": "mytoken-0",
    }
    assert server.sent == [(f"{URL}/token/access", asked)]
    assert vault.load(state)["home"]["mytoken_ada"] == "mytoken-1"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            (401, {"error": "invalid_token", "error_description": "it is over"}),
            "refused by .*: it is over",
        ),
        ((403, {"error": "usage_restricted"}), "usage_restricted"),
        ((500, {}), "HTTP 500"),
        ((200, {}), "got no token: .*without `access_token`"),
        (Unreachable("POST: ConnectError", "mytok.test"), "cannot be reached: POST: ConnectError"),
    ],
)
def test_a_server_that_gives_nothing_is_no_site(made, answer, said):
    source, _, state = made(answer)
    with pytest.raises(SourceFailed, match=f"^ada of home: `mytoken` .*{said}"):
        source.get(None, SCOPE)
    assert vault.load(state)["home"]["mytoken_ada"] == "mytoken-0"


def test_what_the_mytoken_does_not_have_is_not_run(made):
    source, _, _ = made((400, {"error": "invalid_scope"}))
    with pytest.raises(BeyondSource, match=r"`mytoken` was refused by .*: invalid_scope"):
        source.get("https://se.test", "storage.read:/a")


def test_a_vault_without_one_is_told(home, tmp_path):
    credentials = {"source": "mytoken", "url": URL}
    source = people.source_of(home, credentials=credentials, state=tmp_path, http=Server())
    with pytest.raises(SourceFailed, match="there is no `mytoken_ada` of home in"):
        source.get(None, SCOPE)
