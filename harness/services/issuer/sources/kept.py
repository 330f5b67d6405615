"""A secret of the vault that its use replaces: a refresh token that rotates, a mytoken.

Who uses the former one twice loses the whole family of tokens (RFC 9700, section 4.14.2). So one process at
a time uses it, reads what the last one left, and writes the new one before another may go on.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from harness import interruption
from harness.provision import lock, vault
from harness.redaction import redactor
from harness.state import State


class Kept:
    """A secret of an infrastructure in the vault.

    Parameters
    ----------
    name
        in the vault: `refresh_<member>`.
    """

    def __init__(self, state: State, infrastructure: str, name: str) -> None:
        self._state, self._infrastructure, self.name = state, infrastructure, vault.key(name)

    @property
    def value(self) -> str:
        """The secret as the vault has it now; empty where it has none."""
        known = vault.load(self._state).get(self._infrastructure, {})
        return redactor.remember(known.get(self.name, ""))

    @property
    def place(self) -> str:
        """Where it stands, for messages."""
        return f"`{self.name}` of {self._infrastructure} in {self._state.vault}"

    def replace(self, secret: str) -> None:
        """Write another in its place."""
        vault.keep(self._state, self._infrastructure, self.name, redactor.remember(secret))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other process use it until the end of the block, and no signal end the block by half."""
        folder = self._state.make().kept
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{self._infrastructure}.{self.name}"
        with path.open("a") as file:
            lock.take(file.fileno(), path, fcntl.LOCK_EX, wait=True)
            with interruption.deferred():
                yield
