"""One process at a time works on a testbed; a lock goes with its holder, however that ends.

A testbed has two locks: one for its state, and one for its containers, which clones with different
states would share. Forks of the holder (the workers of a run) have neither. Parts of a run share the state,
and each holds its own sites.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import struct
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from harness import names
from harness.errors import Busy, PreconditionError
from harness.state import State, make_folder, state_root

PARTS = "run --shard"
"""The command of a process that shares the state with others of its kind."""

_CREDENTIALS = struct.Struct("3i")
"""What SO_PEERCRED returns (unix(7)): process, user and group."""
_ENGINE = "unix:///var/run/docker.sock"


_PATIENCE = 180.0
"""Seconds that a part waits for a part before it: what was killed cleans up, what begins looks around."""
_GLANCE = 0.2


class Held:
    """A testbed that this process holds."""

    def __init__(self, *, alone: bool, share: Callable[[], None] | None = None) -> None:
        self._alone, self._share = alone, share

    @property
    def alone(self) -> bool:
        """Whether no other process can work on it now."""
        return self._alone

    def share(self) -> None:
        """Let other parts of a run work on their sites from now on; nothing where the whole is held."""
        if self._alone and self._share is not None:
            self._share()
            self._alone = False


@contextmanager
def hold(state: State, command: str, *, containers: bool = False) -> Iterator[Held]:
    """Hold the testbed for a command (`up`, `run`, ...), and its containers where it has some.

    A command that calls another within this process (`nightly`) holds it once.

    Raises
    ------
    Busy
        naming the other process and its command.
    PreconditionError
        where the disk of the state has no locks.
    """
    path = state.make().lock
    if path in _held:
        yield _held[path]
        return
    with ExitStack() as stack:
        descriptor = _opened_in(stack, path)
        if not take(descriptor, path, fcntl.LOCK_EX):
            raise _busy(descriptor, state)
        if containers:
            stack.callback(_let_go, _hold_containers(state.root.name))
        yield from _keep(path, descriptor, command, Held(alone=True))


@contextmanager
def hold_sites(state: State, sites: Collection[str], *, containers: bool = False) -> Iterator[Held]:
    """Hold some sites of a testbed for a part of a run, beside other parts that hold others.

    Whoever comes first has the testbed alone until it shares it (`Held.share`).

    Parameters
    ----------
    sites
        none for a process that only starts the parts.
    containers
        whether to hold the testbed's containers too, which one process alone can.

    Raises
    ------
    Busy
        where another command works on the testbed, or a part has one of the sites and keeps it.
    PreconditionError
        where the disk of the state has no locks.
    """
    path = state.make().lock
    if path in _held:
        yield _held[path]
        return
    with ExitStack() as stack:
        descriptor = _opened_in(stack, path)
        alone = _take_part(descriptor, state)
        if containers:
            stack.callback(_let_go, _hold_containers(state.root.name))
        make_folder(state.site_locks)
        for site in sorted(sites):
            place = state.site_locks / f"{names.unique(site)}.lock"
            own = _opened_in(stack, place)
            if not _take_in_time(own, place, fcntl.LOCK_EX):
                who = _named(*_holder(own))
                raise Busy(
                    f"{who} is running scenarios at {site}. Wait until it has ended, or stop it."
                )
            _write_holder(own, PARTS)

        def share() -> None:
            # The kernel lets go before it takes anew: in between, another command may have come.
            if not _take_in_time(descriptor, path, fcntl.LOCK_SH):
                raise _busy(descriptor, state)

        yield from _keep(path, descriptor, PARTS, Held(alone=alone, share=share))


def _opened_in(stack: ExitStack, path: Path) -> int:
    """Open the file of a lock, made where it is missing; it is let go when the stack ends."""
    descriptor = _opened(path, os.O_RDWR | os.O_CREAT)
    stack.callback(_close, descriptor)
    return descriptor


def _keep(path: Path, descriptor: int, command: str, held: Held) -> Iterator[Held]:
    """Let the holder work, and tell meanwhile who it is."""
    if held.alone:
        _write_holder(descriptor, command)
    wrote = held.alone
    _held[path] = held
    try:
        yield held
    finally:
        del _held[path]
        if wrote and descriptor in _descriptors:  # else this is a fork: the file is its parent's
            os.ftruncate(descriptor, 0)


def _take_part(descriptor: int, state: State) -> bool:
    """Take a share of the testbed; return whether this process has it alone as yet.

    Raises
    ------
    Busy
        where a command has it that shares it with nobody.
    """
    deadline = time.monotonic() + _PATIENCE
    while True:
        if take(descriptor, state.lock, fcntl.LOCK_EX):
            return True
        if take(descriptor, state.lock, fcntl.LOCK_SH):
            return False
        _, command = _holder(descriptor)
        if command not in (PARTS, "unknown") or time.monotonic() > deadline:
            raise _busy(descriptor, state)
        time.sleep(_GLANCE)


def _take_in_time(descriptor: int, path: Path, how: int) -> bool:
    deadline = time.monotonic() + _PATIENCE
    while not take(descriptor, path, how):
        if time.monotonic() > deadline:
            return False
        time.sleep(_GLANCE)
    return True


def _busy(descriptor: int, state: State) -> Busy:
    who = _named(*_holder(descriptor))
    return Busy(
        f"{who} is working on the testbed {state.root.name}. Wait until it has ended, or stop it."
    )


def _write_holder(descriptor: int, command: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()} {command}\n".encode(), 0)


@contextmanager
def shared_images() -> Iterator[Callable[[], bool]]:
    """Hold the images that the testbeds of a machine share, so that none is removed under a builder.

    Yields a function that tells whether nobody else holds them; from then on others wait.
    """
    path = make_folder(state_root()) / "images.lock"
    with path.open("a") as file:
        take(file.fileno(), path, fcntl.LOCK_SH, wait=True)
        yield lambda: take(file.fileno(), path, fcntl.LOCK_EX)


def take(descriptor: int, path: Path, how: int, *, wait: bool = False) -> bool:
    """Lock an open file; return False where another process has it.

    Raises
    ------
    PreconditionError
        where the file's disk has no locks.
    """
    try:
        fcntl.flock(descriptor, how if wait else how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise PreconditionError(
            f"{path}: this file cannot be locked: {error.strerror}. "
            "TESTBED_STATE must be on a file system that supports locks."
        ) from error
    return True


def holder(state: State) -> tuple[str, str] | None:
    """Return process id and command of who works on the testbed; None where nobody does."""
    with suppress(FileNotFoundError):
        descriptor = _opened(state.lock, os.O_RDWR)
        try:
            if not take(descriptor, state.lock, fcntl.LOCK_EX):  # parts of a run share it
                return _holder(descriptor)
        finally:
            _close(descriptor)
    return _holder_of_containers(state.root.name)


def _opened(path: Path, flags: int) -> int:
    descriptor = os.open(path, flags | os.O_CLOEXEC, 0o600)
    _descriptors.add(descriptor)
    return descriptor


def _close(descriptor: int) -> None:
    if descriptor in _descriptors:
        _descriptors.discard(descriptor)
        os.close(descriptor)


def _holder(descriptor: int) -> tuple[str, str]:
    pid, _, command = os.pread(descriptor, 200, 0).decode(errors="replace").strip().partition(" ")
    return pid or "unknown", command or "unknown"


def _named(pid: str, command: str) -> str:
    there = pid.isdecimal() and Path(f"/proc/{pid}").exists()
    return f"process {pid} (`testbed {command}`)" if there else "another process"


# -- the lock of the containers: a name that the kernel gives to one process at a time, and that no file
# -- system has to keep (unix(7), abstract sockets). It belongs to the engine's address.


def _hold_containers(testbed: str) -> socket.socket:
    """Take the name, and keep it as long as the socket is open.

    Raises
    ------
    Busy
        naming the process that has it.
    """
    taken = socket.socket(socket.AF_UNIX)
    if not sys.platform.startswith("linux"):
        return taken  # the engine runs in a machine of its own, and the kernel has no such names
    try:
        taken.bind(_name(testbed))
        taken.listen()
    except OSError as error:
        taken.close()
        other = _holder_of_containers(testbed)
        who = _named(*other) if other else "another process"
        raise Busy(
            f"{who} is working on the containers of the testbed {testbed}, with another state "
            "(TESTBED_STATE). Wait until it has ended, or stop it. For a testbed of your own, "
            "copy the "
            "inventory and give it another `testbed_name`."
        ) from error
    _sockets.add(taken)
    return taken


def _let_go(taken: socket.socket) -> None:
    _sockets.discard(taken)
    taken.close()


def _holder_of_containers(testbed: str) -> tuple[str, str] | None:
    if not sys.platform.startswith("linux"):
        return None
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(_name(testbed))
        except OSError:
            return None
        size = _CREDENTIALS.size
        pid, _, _ = _CREDENTIALS.unpack(
            asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        )
    return str(pid), _command_of(pid)


def _name(testbed: str) -> bytes:
    engine = os.environ.get("DOCKER_HOST") or _ENGINE
    scheme, _, path = engine.partition("://")
    if scheme == "unix":
        engine = os.path.realpath(path)
    return (
        b"\0interop-testbed/" + hashlib.sha256(f"{engine} {testbed}".encode()).hexdigest().encode()
    )


def _command_of(pid: int) -> str:
    """Return the command of `testbed` that a process was started for."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return "unknown"
    names = [word.rpartition("/")[2] for word in words]
    after = names[names.index("testbed") + 1 :] if "testbed" in names else []
    return next((word for word in after if word and not word.startswith("-")), "unknown")


_held: dict[Path, Held] = {}
_descriptors: set[int] = set()
_sockets: set[socket.socket] = set()


def _leave_to_parent() -> None:
    """Let go, in a fork, of what its parent holds: else a worker would hold it when the parent is gone."""
    for descriptor in _descriptors:
        with suppress(OSError):
            os.close(descriptor)
    for one in _sockets:
        one.close()
    _descriptors.clear()
    _sockets.clear()


os.register_at_fork(after_in_child=_leave_to_parent)
