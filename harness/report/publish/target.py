"""Where pages are published: what each kind of target can do, and which one an address means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

from harness.report.publish.tree import File

_SIDE_BY_SIDE = 8
"""Requests that wait for an object store at the same time."""

T = TypeVar("T")

Sent = Callable[[File], None]
"""Is told of each file that has been sent."""


@dataclass(frozen=True)
class Stored:
    """A file as the target has it."""

    size: int
    """Bytes."""
    md5: str | None = None
    """None where the target does not tell it without the file being read."""


class Target(Protocol):
    """A place for published files; names are paths below it, with slashes.

    Each method raises PublishError where the target does not do it, and PreconditionError or BadInput
    where the user has to do something first.
    """

    def look(self, names: Sequence[str]) -> Mapping[str, Stored]:
        """Return those of the files that are there."""
        ...

    def below(self, folder: str) -> Mapping[str, Stored]:
        """Return all files below a folder, by their whole names; none where it is not there."""
        ...

    def read(self, name: str) -> bytes:
        """Return a file that is there."""
        ...

    def put(self, files: Sequence[File], sent: Sent) -> None:
        """Store files in any order; each of them is there whole, or as it was before, at any time."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def side_by_side(do: Callable[[T], None], things: Iterable[T], done: Callable[[T], None]) -> None:
    """Do something with each thing, several at the same time; the first failure ends it all."""
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        begun = [(pool.submit(do, thing), thing) for thing in things]
        try:
            for future, thing in begun:
                future.result()
                done(thing)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
