"""The words of a notice, by templates (Jinja): ours, or those of the folder that `templates` names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)

from harness.errors import BadInput
from harness.notice.causes import Cause, Sort
from harness.notice.news import Event, Notice
from harness.printable import printable, storable
from harness.redaction import Redactor
from harness.report.site.templating import time

_WIDEST = 160
"""Characters of a headline: servers of mail cut longer subjects."""


@dataclass(frozen=True)
class Message:
    """A notice in words."""

    subject: str
    """One line."""
    text: str


class Writer:
    """Writes notices.

    Parameters
    ----------
    own
        folder of templates that replace ours, file by file.
    address
        where the pages are read; messages have no link where it is empty.
    redactor
        cuts out secrets; no report should hold one, and a mail cannot be called back.
    """

    def __init__(self, *, own: Path | None, address: str, redactor: Redactor) -> None:
        ours = PackageLoader("harness.notice")
        self._templates = Environment(
            loader=ChoiceLoader([FileSystemLoader(own), ours]) if own else ours,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # noqa: S701, plain text
        )
        self._templates.filters["time"] = time
        self._own, self._address, self._redactor = own, address.rstrip("/"), redactor

    def mail(self, notice: Notice, *, way: str, closed: bool) -> Message:
        """Return a notice as a mail; what is withheld is told where `closed` alone."""
        return self._message("mail.txt", notice, way=way, closed=closed)

    def chat(self, notice: Notice, *, way: str, closed: bool) -> Message:
        """Return a notice as a message of a chat."""
        return self._message("chat.txt", notice, way=way, closed=closed)

    def page(self, notice: Notice) -> str:
        """Return the address of the page that shows it; empty where no address is known."""
        if not (self._address and notice.cause.page):
            return ""
        return f"{self._address}/{notice.night}/{notice.cause.page}"

    def _message(self, template: str, notice: Notice, *, way: str, closed: bool) -> Message:
        short = notice.cause.withheld and not closed
        words = {
            "notice": notice,
            "cause": notice.cause,
            "headline": headline(notice, closed=closed),
            "lines": [headline(one, closed=closed) for one in notice.listed],
            "short": short,
            "way": way,
            "page": self.page(notice),
        }
        subject = self._rendered("subject.txt", words)
        text = self._rendered(template, words)
        return Message(
            subject=printable(" ".join(self._redactor.redact(subject).split())),
            text=storable(self._redactor.redact(text)).strip() + "\n",
        )

    def _rendered(self, template: str, words: dict[str, object]) -> str:
        try:
            return self._templates.get_template(template).render(words)
        except TemplateSyntaxError as error:
            where = f"{error.filename or template}:{error.lineno}"
            raise BadInput(f"{where}: no template: {error.message}.") from error
        except (TemplateError, TypeError, ValueError) as error:
            place = self._own / template if self._own else template
            raise BadInput(f"{place}: this template cannot be filled in: {error}.") from error


def headline(notice: Notice, *, closed: bool) -> str:
    """Return a notice in one line."""
    if notice.event is Event.MANY:
        return f"{len(notice.listed)} changes in one night"
    cause = notice.cause
    said = _subject(cause, closed=closed)
    match notice.event:
        case Event.NEW if cause.sort is Sort.FAILURE:
            said = f"New failure at {_sites(cause.sites)}: {said}"
        case Event.CHANGED:
            parts = [
                f"{what} {_sites(sites)}"
                for what, sites in (("now also at", notice.added), ("recovered at", notice.gone))
                if sites
            ]
            where = " and ".join(parts)
            said = f"{where[0].upper()}{where[1:]}: {said}"
        case Event.KNOWN:
            said = f"Listed as a known deviation: {said}"
        case Event.RECOVERED:
            said = f"Recovered: {said}"
        case Event.WITHDRAWN:
            said = f"No longer tested: {said}"
        case _:
            pass
    return said if len(said) <= _WIDEST else f"{said[: _WIDEST - 1].rsplit(' ', 1)[0]}…"


def _subject(cause: Cause, *, closed: bool) -> str:
    """Return what a cause is about; of what is withheld, its id alone."""
    if cause.withheld and not closed:
        return f"{cause.finding}, withheld until it is disclosed"
    return f"{cause.label} {cause.title.rstrip('.')}".strip()


def _sites(sites: tuple[str, ...]) -> str:
    more = f" and {len(sites) - _NAMED} more" if len(sites) > _NAMED else ""
    return f"{', '.join(sites[:_NAMED])}{more}"


_NAMED = 3
"""Sites that a headline names."""
