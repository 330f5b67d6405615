"""How each service of a host refuses suspended users: one module for each, by the name of its role.

Each has a class whose `apply` gets all suspended users and makes the service refuse them and nobody else;
it returns what it has ended of theirs, such as jobs.
"""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Sequence
from typing import Protocol

from bans.lists import User


class Means(Protocol):
    """What makes one service refuse users."""

    def apply(self, users: Collection[User]) -> Sequence[str]:
        """Let the service refuse these users alone; return what of theirs was ended."""
        ...


def run(words: Sequence[str], timeout: float = 60) -> str:
    """Run a command of the service, and return what it printed.

    Raises
    ------
    RuntimeError
        where it fails; says how.
    """
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=timeout)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(f"{words[0]}: {error}") from error
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout
