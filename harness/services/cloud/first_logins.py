"""Keeps the first logins of a user at a cloud apart.

Keystone makes an account at a user's first login. Of two first logins at one time the later one is
answered with 409 or 500 (docs/findings.md, F-KEYSTONE-05). People meet that seldom; workers that all
begin at one time with the same user meet it often, and then blame it on whatever they were to show.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from harness.services.issuer.tokens import Token

_ACCOUNT_CLAIMS = ("iss", "sub")
"""What a user's account goes by (OpenID Connect Core 1.0, section 5.7)."""


class FirstLogins:
    """The users' logins as one worker makes them; all workers of a testbed share the file.

    Parameters
    ----------
    path
        a file of the testbed's state, of which a byte stands for a user at a cloud.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made: set[int] = set()

    @contextmanager
    def one_at_a_time(self, host: str, token: Token | None) -> Iterator[None]:
        """Log a user in while no other worker does, where this one has not done so before."""
        user = _number(host, token)
        if user is None or user in self._made:
            yield
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # Given back with the descriptor. A lock of a byte may lie beyond the file's end.
            fcntl.lockf(descriptor, fcntl.LOCK_EX, 1, user)
            yield
        finally:
            os.close(descriptor)
        self._made.add(user)


def _number(host: str, token: Token | None) -> int | None:
    """Return a number for the account that a token enters; None where it names nobody."""
    if token is None or token.is_opaque:
        return None
    account = [token.claims.get(name) for name in _ACCOUNT_CLAIMS]
    return crc32(repr((host, *account)).encode()) if all(account) else None
