"""What storages answer: sums, listings, the progress and the result of a third-party copy.

Whatever a storage sends, reading it raises nothing but an AssertionError that says what came. A part that
cannot be read, among others that can, is left out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree import ElementTree

from harness.answer import whole
from harness.clients.dates import moment
from harness.services.storage.digests import parse_digest

__all__ = [
    "Entry",
    "Marker",
    "not_urls",
    "parse_digest",
    "parse_listing",
    "parse_markers",
    "parse_result",
]

_MULTISTATUS = "{DAV:}multistatus"

_SIMPLE_REF = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]*:/)?/(?:[A-Za-z0-9._~!$&'()*+,;=:@/\[\]-]|%[0-9A-Fa-f]{2})*"
    r"(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)
"""An absolute URI or an absolute path, without a fragment (RFC 4918, section 8.3; RFC 3986, section 2)."""


@dataclass(frozen=True)
class Entry:
    """What a listing tells of a file; None where it does not tell it, or not so that one can read it."""

    size: int | None
    modified: dt.datetime | None


def parse_listing(body: str | bytes) -> dict[str, Entry]:
    """Return name -> what an answer to PROPFIND tells of it (RFC 4918, section 14.16).

    Names are the last parts of addresses, which may be absolute or not (RFC 4918, section 8.3).

    Raises
    ------
    AssertionError
        where it is no such answer.
    """
    return {
        _name(href): _entry(response)
        for response in _root(body).iter("{DAV:}response")
        if _code(response) != 404
        for href in _hrefs(response)
    }


def not_urls(body: str | bytes) -> list[str]:
    """Return the addresses in an answer to PROPFIND that are not written as URLs; none is right.

    A client that takes the listing at its word finds nothing at them: what a URL may not have must be
    percent-encoded, as a space, `%`, `#` and every letter beyond ASCII (RFC 4918, section 8.3).

    Raises
    ------
    AssertionError
        where it is no such answer.
    """
    found = (href.strip() for one in _root(body).iter("{DAV:}response") for href in _hrefs(one))
    return [href for href in found if not _SIMPLE_REF.fullmatch(href)]


def _hrefs(response: ElementTree.Element) -> Iterator[str]:
    return (href.text or "" for href in response.findall("{DAV:}href"))


def _root(body: str | bytes) -> ElementTree.Element:
    """Return the multistatus of an answer to PROPFIND.

    Raises
    ------
    AssertionError
        where it is no such answer.
    """
    try:
        # What stands before the declaration is no XML, and harms nobody.
        plain = body.strip("\ufeff \t\r\n") if isinstance(body, str) else body.strip()
        root = ElementTree.fromstring(plain)  # noqa: S314, from a site that is put to the test
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise AssertionError(f"the listing is not XML ({error}): {body[:200]!r}") from error
    if root.tag != _MULTISTATUS:
        raise AssertionError(
            f"the listing is not a multistatus response, but <{root.tag[:80]}>: {body[:200]!r}"
        )
    return root


def _name(href: str) -> str:
    """Return the name of a file or a folder from its address; a name may have a slash in it, encoded."""
    return unquote(href.strip().rstrip("/").rpartition("/")[2])


def _entry(response: ElementTree.Element) -> Entry:
    """Read the properties that were found; others are listed with the status 404, in any order."""
    size = whole(next(_texts(response, "getcontentlength"), ""))
    return Entry(
        size=None if size is None or size < 0 else size,
        modified=moment(next(_texts(response, "getlastmodified"), "")),
    )


def _texts(response: ElementTree.Element, name: str) -> Iterator[str]:
    for part in response.findall("{DAV:}propstat") or [response]:
        if 200 <= (_code(part) or 200) < 300:
            for found in part.iter(f"{{DAV:}}{name}"):
                if text := (found.text or "").strip():
                    yield text


def _code(part: ElementTree.Element) -> int | None:
    """Return the status of a part: `HTTP/1.1 404 Not Found`; None where it has none that can be read."""
    found = re.search(r"(?:^|\s)([1-5][0-9]{2})(?:\s|$)", part.findtext("{DAV:}status", ""))
    return int(found[1]) if found else None


@dataclass(frozen=True)
class Marker:
    """One report of progress of a third-party copy (HTTP-TPC, progress)."""

    timestamp: int
    """Seconds since the epoch."""
    fields: Mapping[str, str]

    @property
    def transferred(self) -> int | None:
        """Bytes so far of the stripe; None where they are not told."""
        value = self.fields.get("Stripe Bytes Transferred", "")
        return whole(value)


def parse_markers(body: str) -> list[Marker]:
    """Return the complete performance markers of an answer to COPY; unknown fields are kept.

    Lines may end in CRLF and begin with blanks, and a time may have a fraction, which is cut off.
    """
    markers: list[Marker] = []
    fields: dict[str, str] | None = None
    for line in re.split(r"\r\n|\r|\n", body):
        word = line.strip()
        name, colon, value = word.partition(":")
        if word.lower() == "perf marker":
            fields = {}
        elif fields is not None and word.lower() == "end":
            if (stamp := _time(fields.get("Timestamp", ""))) is not None:
                markers.append(Marker(timestamp=stamp, fields=fields))
            fields = None
        elif fields is not None and colon:
            fields[name.strip()] = value.strip()
    return markers


def _time(text: str) -> int | None:
    """Return whole seconds; None where they are not told."""
    found = re.fullmatch(r"([0-9]+)(?:[.,][0-9]*)?", text)
    return whole(found[1]) if found else None


def parse_result(body: str) -> tuple[bool, str]:
    """Return whether a third-party copy succeeded, and the line that says so.

    The result line decides, whatever the status of the answer was: that is sent before the copy
    begins (HTTP-TPC, result). Text after it is ignored; a body without one is no success.
    """
    for line in re.split(r"\r\n|\r|\n", body):
        words = line.strip()
        if re.match(r"(?i)success\b", words):
            return True, words
        if re.match(r"(?i)(failure|failed|aborted)\b", words):
            return False, words
    return False, ""
