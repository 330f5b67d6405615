"""What the pool asks a policy: how many workers there shall be, and which test each runs next.

A policy knows tests by number and by what they put a load on, and workers by name. It knows nothing
of pytest, nor of how workers run (`harness.engine.workers`). The calls that concern one worker come
in this order:

    wants_worker, joined, next, ended, next, ended, ..., next -> LEAVE, left

Where `next` says WAIT, the pool asks again as soon as another test has ended or a worker has gone. A
worker that dies has `left` at any time; its test counts as ended then.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol


@dataclass(frozen=True)
class Task:
    """A test, as a policy sees it."""

    number: int
    """Its place in pytest's own order."""
    family: str
    """The scenarios of a family use the same services."""
    route: str
    """The route that it runs over, with the service of the site where there is a choice, and the mutant."""
    site: str
    """The site of the resource, whose services bear the most of it."""
    alone: bool = False
    """True where it disturbs a service of that site for others."""
    long: bool = False
    """True where it waits long, so that it had better begin early."""

    @property
    def service(self) -> tuple[str, str]:
        """What bears the most of its load: the services of its family at its site."""
        return self.family, self.site

    @property
    def burden(self) -> tuple[str, str]:
        """All that it puts a load on: the services of its family at both ends of its route."""
        return self.family, self.route


class Pause(Enum):
    """What a worker is told in place of a test."""

    WAIT = "no test may begin now"
    LEAVE = "no test is left for this worker: it cleans up and ends"


class Scheduling(Protocol):
    """A policy."""

    def wants_worker(self) -> bool:
        """Tell whether one more worker would be of use now.

        Where it says no and there is no worker, everything has run.
        """
        ...

    def joined(self, worker: str) -> None:
        """Count in a worker that has just started."""
        ...

    def next(self, worker: str) -> int | Pause:
        """Return the number of the test that the worker runs now, which then counts as running."""
        ...

    def ended(self, worker: str) -> None:
        """Note that the worker's test is over."""
        ...

    def left(self, worker: str) -> None:
        """Count out a worker that is gone: it had no more to do, or it died."""
        ...
