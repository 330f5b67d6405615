"""What was told and what has yet to be delivered: `notices.json` in the testbed's state.

It is written before anything is sent, and after each delivery: what fails is sent the next time, and
what has arrived is not sent again.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel, ConfigDict, ValidationError

from harness import files
from harness.errors import PreconditionError
from harness.notice.news import Notice, Told
from harness.provision import lock
from harness.state import State

FORM = 1


class Pending(BaseModel):
    """A notice that a way has yet to deliver."""

    model_config = ConfigDict(frozen=True)

    way: str
    notice: Notice
    done: tuple[str, ...] = ()
    """Addresses that have it already."""


class Memory(BaseModel):
    """What the file holds."""

    model_config = ConfigDict(extra="forbid")

    form: int = FORM
    night: str = ""
    """Id of the last night that was looked at."""
    began: str = ""
    """When it began."""
    told: dict[str, Told] = {}
    pending: list[Pending] = []


def load(state: State) -> Memory:
    """Return what was told; nothing where nobody has been told yet.

    Raises
    ------
    PreconditionError
        where the file cannot be read, saying what to do.
    """
    path = state.notices
    if not path.exists():
        return Memory()
    try:
        found = Memory.model_validate_json(files.content(path))
    except OSError as error:
        raise PreconditionError(f"{path}: cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise PreconditionError(
            f"{path}: is damaged at {where}: {first['msg']}. Restore it from a backup, or remove "
            "it: then everything that fails is reported again."
        ) from None
    if found.form != FORM:
        raise PreconditionError(
            f"{path} has format {found.form}, and this version of the testbed reads format "
            f"{FORM}. Use the version that wrote it, or a newer one."
        )
    return found


def keep(state: State, memory: Memory) -> None:
    """Write it, never half of it.

    Raises
    ------
    TestbedError
        where the disk is full, or the folder may not be written.
    """
    with files.told(state.notices):
        files.write_private(state.notices, memory.model_dump_json(indent=1).encode())


@contextmanager
def held(state: State) -> Iterator[None]:
    """Hold the memory: two processes would tell everything twice."""
    path = state.make().notices_lock
    with files.told(path), path.open("a") as file:
        lock.take(file.fileno(), path, fcntl.LOCK_EX, wait=True)
        yield
