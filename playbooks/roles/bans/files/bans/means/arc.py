"""ARC: a list that the program of its denied group reads at each request (`arc-banned`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from bans.lists import User
from bans.means import run

_ENDED = ("FINISHED", "DELETED", "CANCELING")
"""States of A-REX in which nothing is left to be ended."""


class Arc:
    """Writes the list, and ends the users' jobs. Nothing is restarted.

    Parameters
    ----------
    file
        the list that the program of the denied group reads.
    """

    def __init__(self, *, file: str) -> None:
        self._file = Path(file)

    def apply(self, users: Collection[User]) -> Sequence[str]:
        """Let ARC refuse these users alone, and end their jobs."""
        new = self._file.with_name(f".{self._file.name}.new")
        new.write_text(rules(users), encoding="utf-8")
        new.chmod(0o644)
        new.replace(self._file)
        owners = {f"{one.issuer}/{one.subject}" for one in users}
        jobs = living(run(["arcctl", "job", "list", "--long"]), owners) if owners else []
        if jobs:
            run(["arcctl", "job", "kill", *jobs])
        return jobs


def rules(users: Collection[User]) -> str:
    """Return a line for each user: issuer and subject, with a blank between."""
    return "".join(f"{one.issuer} {one.subject}\n" for one in sorted(users))


def living(listed: str, owners: Collection[str]) -> list[str]:
    """Return the jobs of some owners in a list of `arcctl job list --long` that have not ended.

    The filter of `arcctl` itself would not do: `--owner` matches also owners whose name is a part of it.
    """
    found = []
    for line in listed.splitlines():
        # The job's id and state, its name and its owner, with tabulators between.
        head, _, owner = line.rpartition("\t")
        words = head.split(maxsplit=2)
        if owner in owners and words[1] not in _ENDED:
            found.append(words[0])
    return found
