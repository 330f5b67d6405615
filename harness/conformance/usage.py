"""Whose users have used what at which site in a run, by the records of the accounting repositories alone.

A run keeps it in `usage.json`. Sums are kept, and no users: a published page names nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from harness import files
from harness.model import Record

FILE: Final = "usage.json"

Summed = TypeVar("Summed", bound=Record)


class Jobs(Record):
    """What the users of one VO of one infrastructure have run at a site."""

    site: str
    home: str
    """The infrastructure whose issuer the records name; empty if they name none of the testbed."""
    vo: str
    """As the records name it; empty if they name none."""
    users: int
    """Different users. In a sum over runs, the largest number of one run."""
    jobs: int
    wall: int
    """Wall time, in seconds times processors, as the portal of EGI counts it."""
    processor: int
    """Processor time, in seconds."""

    @property
    def efficiency(self) -> float | None:
        """Processor time by wall time, in per cent; None if no wall time is reported."""
        return 100 * self.processor / self.wall if self.wall else None


class Stored(Record):
    """What a group has stored at a site: the last state of each share."""

    site: str
    group: str
    shares: int
    files: int
    bytes: int


class Reported(Record):
    """What one repository returns."""

    infrastructure: str
    endpoint: str
    error: str = ""
    """Why it could not be read; then it reports nothing."""
    jobs: tuple[Jobs, ...] = ()
    storage: tuple[Stored, ...] = ()
    tests: int = 0
    """Records that are no use: scenarios have handed them in."""

    def at(self, site: str) -> int:
        """Return the number of jobs that it counts at a site."""
        return sum(one.jobs for one in self.jobs if one.site == site)


class Usage(Record):
    """What the repositories of a testbed report of a run."""

    since: str
    """Records count if a repository received them between this moment ..."""
    until: str
    """... and this one."""
    sites: dict[str, str]
    """Site -> its infrastructure, whose repository counts for it."""
    repositories: tuple[Reported, ...]

    def keep(self, folder: Path) -> None:
        """Write it into the folder of a run.

        Raises
        ------
        TestbedError
            if it cannot be written.
        """
        files.replace(folder / FILE, self.model_dump_json(indent=1) + "\n")

    @property
    def jobs(self) -> list[Jobs]:
        """The jobs at each site, by the repository of its own infrastructure."""
        return [
            one
            for found in self.repositories
            for one in found.jobs
            if self.sites.get(one.site) == found.infrastructure
        ]

    @property
    def storage(self) -> list[Stored]:
        """What is stored at each site, by the repository of its own infrastructure."""
        return [
            one
            for found in self.repositories
            for one in found.storage
            if self.sites.get(one.site) == found.infrastructure
        ]


def read(folder: Path) -> Usage | None:
    """Return what a run or a published night keeps; None if it has none, or it cannot be read."""
    try:
        return Usage.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def added(every: Iterable[Usage]) -> list[Jobs]:
    """Return the jobs of several runs together, by site, home and VO."""
    found = [one for usage in every for one in usage.jobs]

    def together(same: Sequence[Jobs]) -> Jobs:
        sums = {
            name: sum(getattr(one, name) for one in same) for name in ("jobs", "wall", "processor")
        }
        return same[0].model_copy(update={**sums, "users": max(one.users for one in same)})

    return grouped(found, lambda one: (one.site, one.home, one.vo), together)


def grouped(
    items: Iterable[Summed],
    key: Callable[[Summed], Hashable],
    together: Callable[[Sequence[Summed]], Summed],
) -> list[Summed]:
    """Return one item for each key, made of all that have it, in the order of the keys."""
    groups: defaultdict[Hashable, list[Summed]] = defaultdict(list)
    for one in items:
        groups[key(one)].append(one)
    return [together(groups[name]) for name in sorted(groups, key=str)]
