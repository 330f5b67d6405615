"""A user's tokens are kept for half of their life, and every test is shown where its token came from."""

import json
import time

import pytest

from harness.answer import Answer
from harness.evidence import collect, step
from harness.services.issuer.answers import judged
from harness.services.issuer.sources.base import Given, issued
from harness.services.issuer.wallet import Wallet
from tests.unit.services.issuer import people
from tests.unit.services.issuer.wire import Wire, jwt


def test_a_user_keeps_a_token_for_each_audience_until_half_its_life_is_over(home, issuer):
    now = time.time()
    services = ["https://a.test", "https://b.test"]
    fresh, stale = jwt(exp=now + 600, aud=services), jwt(exp=now - 1, aud=services)
    wire = Wire(*[(200, {"access_token": value}) for value in (fresh, stale, fresh)])
    user = people.user(home, issuer(wire))

    assert user.token("https://a.test") is user.token("https://a.test")
    assert user.token("https://b.test").value == stale
    assert user.token("https://b.test").value == fresh
    assert [sent["resource"] for sent in wire.sent] == ["https://a.test"] + ["https://b.test"] * 2


def wallet(*fields: dict[str, object]) -> Wallet:
    """Return a wallet at an issuer that answers so, one after the other."""
    left = list(fields)

    def get(audience: str | None, scope: str) -> Given:
        with step("POST https://aai.test/token") as record:
            record.send("grant_type=password")
            body = json.dumps(left.pop(0)).encode()
            return issued(judged(Answer("POST https://aai.test/token", 200, True, False, body)))

    return Wallet(get)


def test_an_opaque_token_lives_as_long_as_the_answer_says():
    held = wallet({"access_token": "opaque-1", "expires_in": 600}, {"access_token": "opaque-2"})
    assert held.token(None, "a") is held.token(None, "a")


def test_an_issuer_that_names_no_scope_has_granted_what_was_asked_for(home, issuer):
    """RFC 6749, section 5.1."""
    wire = Wire((200, {"access_token": "opaque-1"}))
    assert people.user(home, issuer(wire)).token(None, "a").scopes == {"a"}


def test_a_token_of_which_nobody_says_how_long_it_lives_is_fetched_anew():
    held = wallet({"access_token": "opaque-1"}, {"access_token": "opaque-2"})
    assert [held.token(None, "a").value for _ in range(2)] == ["opaque-1", "opaque-2"]


def test_a_refusal_is_not_kept():
    held = wallet({"error": "none"}, {"access_token": "opaque-1", "expires_in": 60})
    with pytest.raises(AssertionError, match="without `access_token`"):
        held.token(None, "a")
    assert held.token(None, "a").value == "opaque-1"


def test_every_test_is_shown_once_where_its_token_came_from():
    """A test that only looks at a remembered token has evidence all the same."""
    held = wallet({"access_token": "opaque-1", "expires_in": 600})
    seen = []
    for _ in range(3):
        with collect() as steps, step("the test's own step"):
            held.token(None, "a")
            held.token(None, "a")
        seen.append([(one.title, one.sent) for one in steps[0].steps])
    asked = "POST https://aai.test/token"
    again = [(f"{asked} (seen earlier in this session)", "grant_type=password")]
    assert seen == [[(asked, "grant_type=password")], again, again]
