"""What ends a command before its time: Ctrl-C, a termination, a terminal that is closed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


_PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that this process gets when its parent dies."""


def end_with(parent: int) -> None:
    """Let the kernel send SIGTERM to this process when its parent dies (Linux).

    Raises
    ------
    KeyboardInterrupt
        where the parent is dead already.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            raise KeyboardInterrupt


class Interruption:
    """Takes note of such signals in the place of raising: an exception could come up anywhere.

    It would be lost within a finalizer, and between a fork and its record it would lose a worker. A
    signal that this process was told to ignore (as SIGHUP by `nohup`) stays ignored.
    """

    def __init__(self) -> None:
        self._count = 0

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Count a signal; the handler."""
        _come.append(number)
        self._count += 1

    def has_come(self) -> bool:
        """Tell whether a signal has come."""
        return self._count > 0

    def check(self) -> None:
        """Raise `KeyboardInterrupt` where a signal has come."""
        if self._count:
            raise KeyboardInterrupt

    def is_urgent(self) -> bool:
        """Tell whether a second signal has come: the user does not want to wait for the clean-up."""
        return self._count > 1


@contextmanager
def noted() -> Iterator[Interruption]:
    """Take note of such signals until the end of the block, as `Interruption` says."""
    interruption = Interruption()
    with _handled(interruption.note):
        yield interruption


@contextmanager
def raised() -> Iterator[None]:
    """Let each such signal raise `KeyboardInterrupt`, as Ctrl-C does, until the end of the block."""
    with _handled(_interrupt):
        yield


@contextmanager
def _handled(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # signals come to the main thread alone
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    taken = [number for number in SIGNALS if before[number] is not signal.SIG_IGN]
    for number in taken:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, before[number])


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    _come.append(number)
    raise KeyboardInterrupt


@contextmanager
def deferred() -> Iterator[None]:
    """Let signals wait until the end of the block: what it does must not be done by half.

    SIGALRM too, by which a test that hangs is ended. Keep the block short.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals come to the main thread alone
        return
    come: list[int] = []
    numbers = (*SIGNALS, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    taken = [number for number in numbers if before[number] not in (signal.SIG_IGN, None)]
    for number in taken:
        signal.signal(number, lambda number, _frame: come.append(number))
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, before[number])
        for late in come:
            signal.raise_signal(late)


def exit_code() -> int:
    """Return the exit code of a command that was interrupted, as shells give it: 128 and the signal.

    130 is that of Ctrl-C, 143 of a termination, 129 of a terminal that is closed.
    """
    return 128 + (_come[0] if _come else signal.SIGINT)


_come: list[int] = []
"""The signals that have come to this process."""
