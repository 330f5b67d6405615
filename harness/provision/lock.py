"""One process at a time works on a testbed; the lock dies with its holder, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from harness.errors import Busy
from harness.state import State, state_root


@contextmanager
def hold(state: State, command: str) -> Iterator[None]:
    """Hold the testbed for a command (`up`, `run`, ...).

    A command that calls another within this process (`nightly`) holds it once.

    Raises
    ------
    Busy
        naming the other process and its command.
    """
    path = state.make().lock
    if path in _held:
        yield
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, other = _holder(os.pread(descriptor, 200, 0).decode())
            raise Busy(
                f"process {pid} (`testbed {other}`) works on the testbed {state.root.name}; "
                "wait until it has ended, or end it."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} {command}\n".encode(), 0)
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


@contextmanager
def shared_images() -> Iterator[Callable[[], bool]]:
    """Hold the images that the testbeds of a machine share, so that none is removed under a builder.

    Yields a function that tells whether nobody else holds them; from then on others wait.
    """
    path = state_root() / "images.lock"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)

        def alone() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield alone


def holder(state: State) -> tuple[str, str] | None:
    """Return process id and command of who works on the testbed; None where nobody does."""
    try:
        descriptor = os.open(state.lock, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(os.pread(descriptor, 200, 0).decode())
    else:
        return None
    finally:
        os.close(descriptor)


def _holder(text: str) -> tuple[str, str]:
    pid, _, command = text.strip().partition(" ")
    return pid or "unknown", command or "unknown"


_held: set[os.PathLike[str]] = set()
