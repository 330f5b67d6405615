"""What storages answer: sums, listings, the progress and the result of a third-party copy.

Whatever a storage sends, reading it raises nothing but an AssertionError that says what came. A part that
cannot be read, among others that can, is left out.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import unquote
from xml.etree import ElementTree

from harness.answer import whole

_IN_BASE64 = frozenset({"md5", "sha", "sha-256", "sha-512"})


def parse_digest(header: str) -> dict[str, str]:
    """Return algorithm -> sum in hexadecimal of a `Digest` header (RFC 3230, section 4.3.2).

    Sums of fixed-size checksums are hexadecimal already; those of MD5 and SHA are base64. One that is not
    is left out.
    """
    sums = {}
    for part in filter(None, (p.strip() for p in header.split(","))):
        algorithm, _, value = part.partition("=")
        name = algorithm.strip().lower()
        if name not in _IN_BASE64:
            sums[name] = value.strip().lower().rjust(8, "0")
            continue
        try:
            sums[name] = base64.b64decode(value.strip(), validate=True).hex()
        except ValueError:
            continue
    return sums


@dataclass(frozen=True)
class Entry:
    """What a listing tells of a file; None where it does not tell it, or not so that one can read it."""

    size: int | None
    modified: dt.datetime | None


def parse_listing(body: str) -> dict[str, Entry]:
    """Return name -> what an answer to PROPFIND tells of it (RFC 4918, section 14.16).

    Raises
    ------
    AssertionError
        where it is no such answer.
    """
    try:
        root = ElementTree.fromstring(body)  # noqa: S314, from a site that is put to the test
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise AssertionError(f"the listing is no XML ({error}): {body[:200]!r}") from error
    return {
        unquote(response.findtext("{DAV:}href", "")).rstrip("/").rpartition("/")[2]: _entry(
            response
        )
        for response in root.iter("{DAV:}response")
    }


def _entry(response: ElementTree.Element) -> Entry:
    size = response.findtext(".//{DAV:}getcontentlength", "")
    modified = response.findtext(".//{DAV:}getlastmodified", "")
    return Entry(
        size=whole(size),
        modified=_time(modified),
    )


def _time(text: str) -> dt.datetime | None:
    """Return a time of an HTTP header (RFC 9110, section 5.6.7); None where it is none."""
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


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
    """Return the complete performance markers of an answer to COPY; unknown fields are kept."""
    markers = []
    for block in re.findall(r"^Perf Marker[ \t]*\n(.*?)^End[ \t]*$", body, re.M | re.S):
        fields = {
            name.strip(): value.strip()
            for name, colon, value in (line.partition(":") for line in block.splitlines())
            if colon
        }
        stamp = whole(fields.get("Timestamp", ""))
        if stamp is not None:
            markers.append(Marker(timestamp=stamp, fields=fields))
    return markers


def parse_result(body: str) -> tuple[bool, str]:
    """Return whether a third-party copy succeeded, and the line that says so.

    The result line decides, whatever the status of the answer was: that is sent before the copy
    begins (HTTP-TPC, result). Text after it is ignored; a body without one is no success.
    """
    for line in body.splitlines():
        words = line.strip()
        if re.match(r"(?i)success\b", words):
            return True, words
        if re.match(r"(?i)(failure|failed|aborted)\b", words):
            return False, words
    return False, ""
