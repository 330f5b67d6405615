"""The year before a night, day by day: how many requirements failed or could not be judged."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.report.site.recent import Counted

LEVELS = 4
"""Depths of colour of a day with failures."""
_MONTHS = 12


@dataclass(frozen=True)
class Day:
    """A day that had a night; of several, the worst."""

    counted: Counted
    level: int
    """0 where nothing failed, else 1 to `LEVELS`, held against the worst day of the year."""

    @property
    def letter(self) -> str:
        """The gravest verdict of the day: D, S or I; C where all was well."""
        return next((one for one in "DSI" if self.counted.counts.get(one)), "C")


@dataclass(frozen=True)
class MonthOfDays:
    """A month: `2026-01`, and its days from the first on; None of a day without a night."""

    name: str
    days: Sequence[Day | None]


def months(nights: Sequence[Counted]) -> list[MonthOfDays]:
    """Return the last twelve months, oldest first; `nights` are in the order of time."""
    if not nights:
        return []
    last = nights[-1].night.began.astimezone(dt.UTC).date()
    names = [_before(last, number) for number in reversed(range(_MONTHS))]
    worst: dict[dt.date, Counted] = {}
    for one in nights:
        day = one.night.began.astimezone(dt.UTC).date()
        if (day.year, day.month) >= names[0] and (day not in worst or one.bad >= worst[day].bad):
            worst[day] = one
    most = max(one.bad for one in worst.values())
    days = {day: Day(one, math.ceil(LEVELS * one.bad / (most or 1))) for day, one in worst.items()}
    return [
        MonthOfDays(
            f"{year}-{month:02}",
            [
                days.get(dt.date(year, month, number))
                for number in range(1, calendar.monthrange(year, month)[1] + 1)
            ],
        )
        for year, month in names
    ]


def _before(day: dt.date, number: int) -> tuple[int, int]:
    """Return year and month, a number of months before a day."""
    months = day.year * 12 + day.month - 1 - number
    return months // 12, months % 12 + 1
