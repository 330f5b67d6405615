"""A web browser that a script can drive: cookies, redirects and forms, as log-in pages need them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from harness.answer import Answer
from harness.clients.addresses import comparable, origin
from harness.clients.http import Http

_MOST_REDIRECTS = 20


@dataclass(frozen=True)
class Form:
    """A form of a page: where it goes, and what it sends when nothing is changed."""

    action: str
    method: str = "GET"
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """Where the browser stands; `answer` is None where it was sent out of the web's reach."""

    url: str
    answer: Answer | None

    @property
    def query(self) -> dict[str, str]:
        """The fields of its address."""
        return dict(parse_qsl(urlsplit(self.url).query))

    @property
    def forms(self) -> list[Form]:
        """The forms of the page, their actions made absolute; one that leads nowhere is none."""
        found = []
        for form in parse_forms(self.answer.text) if self.answer else ():
            with suppress(AssertionError):
                found.append(Form(_joined(self.url, form.action), form.method, form.fields))
        return found

    def form(self, *names: str) -> Form | None:
        """Return the first form that has fields of these names."""
        for form in self.forms:
            if all(name in form.fields for name in names):
                return form
        return None

    def form_to(self, address: str) -> Form | None:
        """Return the first form that is sent to an address."""
        wanted = comparable(address)
        return next((form for form in self.forms if comparable(form.action) == wanted), None)


class Browser:
    """Follows redirects and sends forms. Give it an `Http` of its own, whose cookies are its
    session.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    def open(self, url: str, *, until: str | None = None) -> Page:
        """Open an address and follow redirects. Stop before a redirect to an address that starts
        with `until`.
        """
        return self._follow("GET", url, until=until)

    def submit(
        self, form: Form, values: Mapping[str, str] | None = None, *, until: str | None = None
    ) -> Page:
        """Fill in a form, send it, and follow redirects."""
        sent = {**form.fields, **(values or {})}
        return self._follow(form.method, form.action, until=until, fields=sent)

    def close(self) -> None:
        """End the session."""
        self._http.close()

    def _follow(
        self, method: str, url: str, *, until: str | None, fields: Mapping[str, str] | None = None
    ) -> Page:
        # A POST carries its fields in the body, a GET in the query; an address keeps its own query.
        sent: dict[str, Any] = (
            {"data" if method == "POST" else "params": dict(fields)} if fields else {}
        )
        answer = self._http.request(method, url, **sent)
        for _ in range(_MOST_REDIRECTS):
            location = answer.headers.get("location")
            if location is None or not 300 <= answer.status < 400:
                return Page(url=url, answer=answer)
            url = _joined(url, location)
            if until and _reaches(url, until):
                return Page(url=url, answer=None)
            answer = self._http.request("GET", url)
        raise AssertionError(f"more than {_MOST_REDIRECTS} redirects, the last to {url}")


def _reaches(url: str, until: str) -> bool:
    """Tell whether an address begins with another, however scheme, host and port are spelt."""
    try:
        same = origin(url) == origin(until)
    except ValueError:
        same = False
    return url.startswith(until) or (same and comparable(url).startswith(comparable(until)))


def _joined(url: str, address: str) -> str:
    """Return an address of a page as an absolute one.

    Raises
    ------
    AssertionError
        where it is none.
    """
    try:
        return urljoin(url, address)
    except ValueError as error:
        raise AssertionError(f"{url} leads to {address!r}, which is no address: {error}") from error


def parse_forms(html: str) -> list[Form]:
    """Return the forms of a document in their order."""
    parser = _FormParser()
    # What its author did not think of, the library asserts; the forms before it stand.
    with suppress(AssertionError):
        parser.feed(html)
        parser.close()
    return parser.forms


class _FormParser(HTMLParser):
    """Reads forms and their fields, also fields that name their form from outside (`form=`)."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._ids: dict[str, Form] = {}
        self._current: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            form = Form(
                action=attributes.get("action", "").strip(),
                method="POST" if attributes.get("method", "").strip().lower() == "post" else "GET",
            )
            self.forms.append(form)
            self._current = form
            if name := attributes.get("id"):
                self._ids[name] = form
        elif tag == "input" and (name := attributes.get("name")):
            owner = self._ids.get(attributes.get("form", ""), self._current)
            kind = attributes.get("type", "text")
            # Buttons and boxes are sent only where they are pressed or ticked.
            sent = kind not in ("submit", "button", "image") and (
                kind not in ("checkbox", "radio") or "checked" in attributes
            )
            if owner is not None and sent:
                owner.fields[name] = attributes.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._current = None
