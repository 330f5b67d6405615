"""A user logs in by the forms of the issuer."""

from harness.answer import Answer
from harness.clients.browser import Browser
from harness.services.issuer.user import User


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
