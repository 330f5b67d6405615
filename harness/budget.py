"""What a site lets the testbed use in one run, and whom it may ask about it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

_LONGEST = 200
"""Letters of a contact."""
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def _contact(text: str) -> str:
    """Check what stands in a header of every request."""
    if not re.fullmatch(r"[^\s()<>@]+@[^\s()<>@]+|https?://[^\s()<>]+", text) or not (
        text.isascii() and text.isprintable() and len(text) <= _LONGEST
    ):
        raise ValueError("an address of mail or a URL is expected, such as interop@example.org")
    return text


Contact = Annotated[str, AfterValidator(_contact)]
"""Whom an administrator of a site asks about the testbed's requests."""


class Budget(BaseModel):
    """Limits of a site; what is not limited is None."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests_per_second: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] | None = None
    jobs: Annotated[int, Field(gt=0, le=100_000)] | None = None
    """Jobs that are there at once."""
    bytes: Annotated[int, Field(gt=0)] | None = None
    """Bytes that are sent to the site and fetched from it, in all."""
    disturb_hours: str | None = None
    """When its hosts may be disturbed, in UTC: `22:00-04:00`. Any time where it is None."""

    @field_validator("requests_per_second", "jobs", "bytes", mode="before")
    @classmethod
    def _no_truth(cls, value: object) -> object:
        """Refuse `yes` where a number is expected: Python takes it for 1."""
        if isinstance(value, bool):
            raise ValueError("a number is expected")  # noqa: TRY004, pydantic takes no TypeError
        return value

    @field_validator("disturb_hours")
    @classmethod
    def _two_times(cls, text: str | None) -> str | None:
        if text is not None and not _HOURS.fullmatch(text):
            raise ValueError("two times in UTC are expected, such as 22:00-04:00")
        return text


def is_within(hours: str | None, time: dt.datetime) -> bool:
    """Tell whether a time lies within `22:00-04:00`, in UTC; the second time is excluded.

    Every time does where there are no hours.
    """
    found = _HOURS.fullmatch(hours or "")
    if found is None:
        return True
    numbers = [int(one) for one in found.groups()]
    begin, end = dt.time(numbers[0], numbers[1]), dt.time(numbers[2], numbers[3])
    now = time.astimezone(dt.UTC).time()
    return begin <= now < end if begin < end else now >= begin or now < end
