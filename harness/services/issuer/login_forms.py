"""The forms of a log-in: the user's code, name and password, consent."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.clients.browser import Browser, Form, Page

_MOST_FORMS = 6
_NAME_FIELDS = ("username", "user")
_PASSWORD_FIELDS = ("password",)
_CODE_FIELDS = ("user_code",)


@dataclass(frozen=True)
class Entries:
    """What a user types into the forms."""

    name: str
    password: str = field(repr=False)
    user_code: str = ""
    """Of a device (RFC 8628, section 3.3)."""
    deny: bool = False
    """The user says no where a form asks for consent."""

    def of(self, form: Form) -> dict[str, str]:
        """Return the values for the fields of a form."""
        values = {
            name: value
            for names, value in (
                (_NAME_FIELDS, self.name),
                (_PASSWORD_FIELDS, self.password),
                (_CODE_FIELDS, self.user_code),
            )
            for name in names
            if name in form.fields and value
        }
        if self.deny and "confirm" in form.fields:
            values["abort"] = "yes"
        return values


def fill_in(
    browser: Browser, page: Page, entries: Entries, *, until: str | None = None, back_to: str = ""
) -> Page:
    """Fill in every form that comes, and return the page on which that ends.

    Parameters
    ----------
    until
        address before which the browser stops.
    back_to
        address of a form that leads back to the service that asked: it is not filled in.
    """
    for _ in range(_MOST_FORMS):
        if not page.forms or page.form_to(back_to):
            break
        form = _form_to_fill(page)
        page = browser.submit(form, entries.of(form), until=until)
    return page


def _form_to_fill(page: Page) -> Form:
    """Return the log-in form where there is one, else the first."""
    for form in page.forms:
        if any(name in form.fields for name in _PASSWORD_FIELDS):
            return form
    return page.forms[0]
