"""What the user sees of stages that take long: which, how far, how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console


class Progress:
    """Tells of stages; on a terminal with a spinner, elsewhere one line at the end of each."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seconds: dict[str, float] = {}
        """What has ended -> how long it took, together where it was done several times."""
        self._lock = threading.Lock()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Tell that a stage goes on, and when it has ended how long it took."""
        with self.timed(name), self.console.status(f"{name} ..."):
            yield

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Tell how long a stage took, without a picture that moves, which would need a thread."""
        start = time.monotonic()
        yield
        self.done(name, time.monotonic() - start)

    def done(self, name: str, seconds: float) -> None:
        """Tell that something has ended."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds
        self.line(f"[green]✓[/] {name} [dim]({seconds:.1f} s)[/]")

    def line(self, text: str) -> None:
        """Tell one thing; safe from any thread."""
        with self._lock:
            self.console.print(text, highlight=False, soft_wrap=True)
