"""What the pool asks of those who run tests, wherever they are, and what it hears from them.

Which test runs next is no matter here: that is `harness.engine.scheduling`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import pytest

PARENT_ONLY = "parent_only"
"""Attribute by which a plugin says that it belongs to the pool's process alone.

A worker tells of its tests there only, so its own copies of such plugins must not hear of them.
"""


@dataclass(frozen=True)
class Reported:
    """A phase of a worker's test has ended."""

    worker: str
    report: pytest.TestReport


@dataclass(frozen=True)
class Ready:
    """A worker's test is over: it can take the next."""

    worker: str


@dataclass(frozen=True)
class Gone:
    """A worker has ended, by itself or not."""

    worker: str
    how: str
    """`exit code 0`, or the name of the signal."""


Event = Reported | Ready | Gone


class Workers(Protocol):
    """A set of workers, each with a name that the pool gives."""

    def start(self, name: str) -> None:
        """Start a worker; it waits for its first test."""
        ...

    def give(self, name: str, test: int) -> None:
        """Let a worker run a test, by its place in pytest's order."""
        ...

    def dismiss(self, name: str) -> None:
        """Let a worker clean up and end."""
        ...

    def events(self, *, timeout: float) -> Iterator[Event]:
        """Yield what has happened, after at most `timeout` seconds; then perhaps nothing."""
        ...

    def stop(self, *, hurry: Callable[[], bool]) -> None:
        """Let all workers clean up and end, within a bounded time; at once where `hurry` says so."""
        ...
