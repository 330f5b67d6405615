"""Servers that ask to be asked again: 429 and 503 with `Retry-After` (RFC 9110, section 10.2.3)."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable

from harness.answer import Answer
from harness.clients.dates import moment
from harness.evidence import step

LONGEST = 30.0
"""Seconds that are waited at most; a server that asks for more has given its answer."""

_BUSY = (429, 503)


def patiently(ask: Callable[[], Answer]) -> Answer:
    """Ask, and where the server is busy and says for how long, wait that long and ask once more.

    The second answer stands, whatever it is. Both, and the wait between them, are steps.
    """
    answer = ask()
    asked = answer.headers.get("retry-after", "") if answer.status in _BUSY else ""
    seconds = delay(asked, now=dt.datetime.now(dt.UTC))
    if seconds is None:
        return answer
    said = f"{answer.what} was answered {answer.status} with `Retry-After: {asked[:60]}`"
    if seconds > LONGEST:
        with step(f"{said}: longer than {LONGEST:g} s, so it is not asked again"):
            return answer
    with step(f"{said}: wait {seconds:.0f} s, and ask once more"):
        time.sleep(seconds)
    return ask()


def delay(value: str, *, now: dt.datetime) -> float | None:
    """Return the seconds that `Retry-After` means, a number or a date; None where it is neither."""
    plain = value.strip()
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]*)?", plain):
        return float(plain)
    until = moment(plain)
    return None if until is None else max(0.0, (until - now).total_seconds())
