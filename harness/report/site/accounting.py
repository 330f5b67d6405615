"""What the page of usage shows: whose users have used what at which site, as EGI's accounting portal does.

All of it is from the records of the accounting repositories. Rows are sites, columns the infrastructures
of the users.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from harness.conformance import usage
from harness.conformance.usage import Jobs, Usage
from harness.report.site.night import Night

_HOUR: Final = 3600
_CELLS: Final = 400
"""Cells of a table, of which the page has up to eight: no page has more than 5,000 elements."""
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def hours(seconds: float) -> str:
    """Return a duration in hours; a short one has more digits."""
    found = seconds / _HOUR
    return f"{found:.3f}" if found < 1 else f"{found:,.1f}"


def size(number: float) -> str:
    """Return a number of bytes in the largest unit of which it has one."""
    for unit in _UNITS[:-1]:
        if number < 1024:
            return f"{number:g} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} {_UNITS[-1]}"


@dataclass(frozen=True)
class Sheet:
    """A figure by site and the users' infrastructure."""

    jobs: Sequence[Jobs]
    figure: Callable[[Jobs], int]
    shown: Callable[[float], str]

    def sum(self, *, site: str | None = None, home: str | None = None) -> int:
        """Return the sum at a site, for the users of an infrastructure; None means all."""
        return sum(
            self.figure(one)
            for one in self.jobs
            if site in (None, one.site) and home in (None, one.home)
        )

    def cell(self, *, site: str | None = None, home: str | None = None) -> str:
        """Return the sum as the page shows it; empty where there is none."""
        found = self.sum(site=site, home=home)
        return self.shown(found) if found else ""

    def visiting(self, infrastructures: Mapping[str, str]) -> str:
        """Return which part of the whole the users of other infrastructures have; a dash where nothing is.

        `infrastructures` is site -> its infrastructure.
        """
        whole = self.sum()
        foreign = sum(
            self.figure(one) for one in self.jobs if one.home != infrastructures.get(one.site)
        )
        return f"{100 * foreign / whole:.1f} %" if whole else "–"


@dataclass(frozen=True)
class Table:
    """The jobs of a night or a month."""

    jobs: Sequence[Jobs]
    infrastructures: Mapping[str, str]
    """Site -> its infrastructure."""

    @cached_property
    def sites(self) -> list[str]:
        """The sites of the rows; one without records has a row too."""
        return sorted({*self.infrastructures, *(one.site for one in self.jobs)})

    @property
    def shown(self) -> list[str]:
        """The sites of the rows: all, or those with the most jobs where they are too many for a page."""
        most = _CELLS // (len(self.homes) + 2)
        jobs = Counter(dict.fromkeys(self.sites, 0))
        for one in self.jobs:
            jobs[one.site] += one.jobs
        return sorted(site for site, _ in jobs.most_common(most))

    @cached_property
    def homes(self) -> list[str]:
        """The infrastructures of the columns; the empty one, of unknown users, is the last."""
        known = sorted({*self.infrastructures.values(), *(one.home for one in self.jobs)} - {""})
        return [*known, *([""] if any(not one.home for one in self.jobs) else [])]

    @cached_property
    def sheets(self) -> Sequence[tuple[str, Sheet]]:
        """The figures, each with the word by which the template names it."""
        return (
            ("jobs", Sheet(self.jobs, lambda one: one.jobs, "{:,.0f}".format)),
            ("wall", Sheet(self.jobs, lambda one: one.wall, hours)),
            ("processor", Sheet(self.jobs, lambda one: one.processor, hours)),
        )


def words(night: Night) -> dict[str, Any]:
    """Return what the page shows of a night and of its month."""
    found, month = night.usage, [*night.usage_before, *([night.usage] if night.usage else [])]
    sites = {name: home for one in month for name, home in one.sites.items()}
    return {
        "usage": found,
        "table": Table(found.jobs, found.sites) if found else None,
        "month": night.statement.run.start[:7],
        "of_month": len(month),
        "table_of_month": Table(usage.added(month), sites),
        "by_vo": sorted(found.jobs, key=lambda one: -one.jobs)[: _CELLS // 8] if found else [],
        "compared": compared(found) if found else [],
        "titles_of": {"": "", **night.statement.infrastructures},
        "hours": hours,
        "size": size,
    }


def compared(found: Usage) -> list[dict[str, Any]]:
    """Return for each site how many jobs its own repository counts, and what each other one does.

    Sites whose repositories differ come first; the last are left out where they are too many.
    """
    rows: list[dict[str, Any]] = []
    for site, home in sorted(found.sites.items()):
        own = next((one for one in found.repositories if one.infrastructure == home), None)
        others = [one for one in found.repositories if one.infrastructure != home]
        number = own.at(site) if own and not own.error else None
        rows.append(
            {
                "site": site,
                "own": number,
                "others": [
                    {
                        "infrastructure": one.infrastructure,
                        "jobs": None if one.error else one.at(site),
                        "same": not one.error and one.at(site) == number,
                    }
                    for one in others
                ],
            }
        )
    rows.sort(key=lambda row: all(one["same"] for one in row["others"]))
    return rows[: _CELLS // (2 * len(found.repositories) + 2)]
