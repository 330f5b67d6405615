"""The events of a demonstration so far, for all who follow it, whenever they come."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from harness.demo.events import AnyEvent, Stamped

Listener = Callable[[AnyEvent], None]


class Feed:
    """Keeps events in their order. It is written by one thread and read by others.

    Parameters
    ----------
    listener
        hears of each event at once, in the thread that publishes it.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._events: list[Stamped] = []
        self._start = time.monotonic()
        self._lock = threading.Lock()

    def publish(self, event: AnyEvent) -> None:
        """Add an event."""
        with self._lock:
            at = round(time.monotonic() - self._start, 2)
            self._events.append(Stamped(number=len(self._events) + 1, at=at, event=event))
        self._listener(event)

    def since(self, number: int) -> tuple[Stamped, ...]:
        """Return the events after the one of this number; 0 is before the first."""
        with self._lock:
            return tuple(self._events[number:])
