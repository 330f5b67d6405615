"""Times as servers write them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime

_EPOCH = re.compile(r"\d{9,11}(?:\.\d+)?")
"""Seconds since the epoch, from 1973 on; shorter or longer ones are years or something else."""


def moment(text: str) -> dt.datetime | None:
    """Return a time in UTC; None where the text is none.

    Read are the three forms of HTTP (RFC 9110, section 5.6.7), ISO 8601 (RFC 3339), and seconds since the
    epoch. A time without a zone is in UTC.
    """
    plain = " ".join(text.split())
    for read in _FORMS:
        try:
            found = read(plain)
            aware = found if found.tzinfo else found.replace(tzinfo=dt.UTC)
            return aware.astimezone(dt.UTC)
        except (ValueError, TypeError, IndexError, OverflowError, OSError):
            continue
    return None


def _epoch(text: str) -> dt.datetime:
    if not (text.isascii() and _EPOCH.fullmatch(text)):
        raise ValueError(text)
    return dt.datetime.fromtimestamp(float(text), dt.UTC)


_FORMS: tuple[Callable[[str], dt.datetime], ...] = (
    _epoch,
    dt.datetime.fromisoformat,
    parsedate_to_datetime,
)
