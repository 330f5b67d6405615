"""ARC: a list that the program of its denied group reads at each request (`arc-banned`)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
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
        jobs = [job for one in sorted(users) for job in self._living(one)]
        for job in jobs:
            run(["arcctl", "job", "kill", job])
        return jobs

    def _living(self, user: User) -> Iterator[str]:
        """Yield the jobs of a user that have not ended."""
        owner = f"{user.issuer}/{user.subject}"
        listed = run(["arcctl", "job", "list", "--owner", owner, "--long"])
        yield from living(listed)


def rules(users: Collection[User]) -> str:
    """Return a line for each user: issuer and subject, with a blank between."""
    return "".join(f"{one.issuer} {one.subject}\n" for one in sorted(users))


def living(listed: str) -> list[str]:
    """Return the jobs of a list of `arcctl job list --long` that have not ended."""
    # The job's id, its state, its name and its owner.
    lines = (line.split(maxsplit=2) for line in listed.splitlines())
    return [words[0] for words in lines if len(words) > 1 and words[1] not in _ENDED]
