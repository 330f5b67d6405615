"""When the next action may be done: at once, after some seconds, or when the speaker says so."""

from __future__ import annotations

import contextlib
import os
import select
import termios
import threading
import time
import tty
from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.errors import BadInput

KEY = "key"
LONGEST = 600.0
"""Seconds a step: a token of the testbed lives for twenty minutes."""

_GLANCE = 0.1


@dataclass(frozen=True)
class Pace:
    """How fast a demonstration goes on; a pause ends early where the speaker presses a key.

    Parameters
    ----------
    seconds
        before each action; None waits for the speaker.
    """

    seconds: float | None
    _next: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def parse(cls, text: str) -> Pace:
        """Return the pace of a word of the command line.

        Raises
        ------
        BadInput
            where it is neither `key` nor a number of seconds.
        """
        if text == KEY:
            return cls(None)
        with contextlib.suppress(ValueError):
            seconds = float(text)
            if 0 <= seconds <= LONGEST:
                return cls(seconds)
        raise BadInput(
            f"--pace {text}: write a number of seconds from 0 to {LONGEST:g}, or `{KEY}` to wait for a "
            "key before each step."
        )

    @property
    def by_key(self) -> bool:
        """Whether the speaker is waited for."""
        return self.seconds is None

    def go(self) -> None:
        """End the pause; called by whoever heard the speaker."""
        self._next.set()

    def wait(self) -> None:
        """Wait as long as the pace says."""
        self._pause(self.seconds)

    def wait_for_speaker(self) -> None:
        """Wait until the speaker says so, whatever the pace."""
        self._pause(None)

    def _pause(self, seconds: float | None) -> None:
        self._next.clear()
        end = None if seconds is None else time.monotonic() + seconds
        while end is None or (left := end - time.monotonic()) > 0:
            if self._next.wait(0 if has_keys() else min(_GLANCE, _GLANCE if end is None else left)):
                return
            if has_keys() and _pressed(_GLANCE if end is None else min(_GLANCE, left)):
                return


def has_keys() -> bool:
    """Tell whether somebody can press keys here: standard input is a terminal, and this is in front."""
    try:
        return os.isatty(0) and os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def _pressed(seconds: float) -> bool:
    """Tell whether a key is pressed within so many seconds."""
    ready, _, _ = select.select([0], [], [], seconds)
    return bool(ready and os.read(0, 1024))


@contextlib.contextmanager
def keys() -> Iterator[None]:
    """Let single keys be heard at once, and not be shown; Ctrl-C stays what it is."""
    if not has_keys():
        yield
        return
    before = termios.tcgetattr(0)
    tty.setcbreak(0)
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
