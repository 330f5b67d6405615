"""A user logs in by the forms of the issuer."""

import pytest

from harness.answer import Answer
from harness.clients.browser import Browser
from harness.errors import Unusable
from tests.unit.services.issuer import people
from tests.unit.services.issuer.wire import Wire, jwt


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
    user = people.user(home)
    page = user.sign_in(Browser(wire), "https://aai.test/", back_to="https://asks.test/")  # type: ignore[arg-type]
    assert wire.sent == [None, {"user": "ada", "password": people.PASSWORD}]
    assert page.form("token").fields == {"token": "t"}


def test_a_token_for_somebody_else_ends_the_set_up(home, issuer):
    """An issuer that does not know the parameter ignores it; every service would refuse what it gives."""
    wire = Wire(*[(200, {"access_token": jwt(exp=0, **aud)}) for aud in ({}, {"aud": ["account"]})])
    user = people.user(home, issuer(wire))
    for named in ("no particular audience", r"\['account'\]"):
        with pytest.raises(
            Unusable, match=f"by `resource`.*https://se.b.test.*for {named}.*`audience_parameter`"
        ):
            user.token("https://se.b.test")


def test_what_is_judged_is_asked_for_without_that_look(home, issuer):
    wire = Wire((200, {"access_token": jwt(exp=0, aud="https://other.test")}))
    user = people.user(home, issuer(wire))
    assert user.token("https://se.b.test", as_given=True).audiences == {"https://other.test"}
