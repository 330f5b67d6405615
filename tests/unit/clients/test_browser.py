"""Guards how log-in pages are read: which form, which fields, which values are sent."""

from hypothesis import given
from hypothesis import strategies as st

from harness.answer import Answer
from harness.clients.browser import Browser, Page, parse_forms

LOG_IN = """
<form action="/search"><input name="q"></form>
<form id="main" method="post">
  <input type="hidden" name="url" value="aHR0cHM6">
  <input name="user"><input name="password" type="password">
  <input type="checkbox" name="stay" value="1"><input type="radio" name="lang" value="en" checked>
  <input type="submit" name="cancel" value="Cancel">
</form>
<input form="main" name="token" value="t1">
"""


def test_forms_are_read_with_what_they_would_send():
    search, log_in = parse_forms(LOG_IN)

    assert (search.action, search.method, search.fields) == ("/search", "GET", {"q": ""})
    assert (log_in.action, log_in.method) == ("", "POST")
    assert log_in.fields == {
        "url": "aHR0cHM6",
        "user": "",
        "password": "",
        "lang": "en",
        "token": "t1",
    }


def test_a_form_without_an_action_goes_to_its_own_page():
    answer = Answer(what="GET", status=200, ok=True, denied=False, body=LOG_IN.encode())
    page = Page(url="https://aai.test/login?uid=1", answer=answer)

    assert page.form("password").action == "https://aai.test/login?uid=1"
    assert page.form("otp") is None
    assert page.form_to("https://aai.test/search").fields == {"q": ""}
    assert page.form_to("https://aai.test/elsewhere") is None
    assert page.query == {"uid": "1"}


class Site:
    """Answers by address."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.seen: list[str] = []

    def request(self, method: str, url: str, **rest: object) -> Answer:
        self.seen.append(f"{method} {url}")
        return self.answers[url.rsplit("/", 1)[-1]]


def redirect(location: str) -> Answer:
    return Answer(what="", status=302, ok=False, denied=False, headers={"location": location})


def test_redirects_are_followed_until_the_web_ends():
    """The client's own address is never opened: nobody listens there."""
    site = Site(start=redirect("/next"), next=redirect("http://localhost:1/callback?code=c"))
    page = Browser(site).open("https://aai.test/start", until="http://localhost:1/callback")

    assert page.answer is None
    assert page.url == "http://localhost:1/callback?code=c"
    assert site.seen == ["GET https://aai.test/start", "GET https://aai.test/next"]


def test_the_end_of_the_web_is_known_however_it_is_spelt():
    there = "https://Cloud.test:443/callback?code=c"
    site = Site(start=redirect(there))
    page = Browser(site).open("https://aai.test/start", until="https://cloud.test/callback")
    assert (page.url, page.answer) == (there, None)


def page(body: str) -> Page:
    answer = Answer(what="GET", status=200, ok=True, denied=False, body=body.encode())
    return Page(url="https://aai.test/login", answer=answer)


def test_an_address_is_found_however_it_is_spelt():
    body = (
        '<form action="HTTPS://Cloud.test:443/auth/websso/"><input name="token" value="t"></form>'
    )
    assert page(body).form_to("https://cloud.test/auth/websso/").fields == {"token": "t"}
    assert page(body).form_to("https://cloud.test/auth/websso") is None


def test_a_form_that_leads_nowhere_spoils_no_other():
    (log_in,) = page(
        '<form action="http://["></form><form method=" Post "><input name=user></form>'
    ).forms
    assert (log_in.action, log_in.method, log_in.fields) == (
        "https://aai.test/login",
        "POST",
        {"user": ""},
    )


def test_what_the_library_asserts_is_no_failure_of_the_page():
    assert len(parse_forms("<form></form><![odd[ <form>")) >= 1


TAGS = ["<form", " action=", " method=x", ">", "<input name=", "<![", "<!", "'", "&#", "a"]


@given(st.text() | st.lists(st.sampled_from(TAGS)).map("".join))
def test_any_page_has_forms_or_none(html):
    assert all(form.method in ("GET", "POST") for form in page(html).forms)
