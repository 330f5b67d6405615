"""HTCondor: its lists of denied users, read anew without a restart; the users' jobs are removed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from bans.lists import User
from bans.means import run

_LEVELS = ("READ", "WRITE")
"""What a member of the queue may do; SCHEDD's own lists count beside the pool's (manual, "Security")."""


class HTCondor:
    """Writes the lists of denied accounts.

    Parameters
    ----------
    accounts
        issuer and subject, with a blank between -> the name that HTCondor gives the user.
    """

    def __init__(self, *, file: str, accounts: Mapping[str, str]) -> None:
        self._file, self._accounts = Path(file), accounts

    def apply(self, users: Collection[User]) -> Sequence[str]:
        """Let all daemons refuse these users alone, and remove their jobs."""
        named = [self._accounts.get(f"{one.issuer} {one.subject}") for one in sorted(users)]
        denied = [name for name in named if name]
        new = settings(denied)
        if new != (self._file.read_text(encoding="utf-8") if self._file.exists() else ""):
            self._file.write_text(new, encoding="utf-8")
            run(["condor_reconfig"])
        return [job for one in sorted(users) for job in _remove(one)]


def settings(denied: Sequence[str]) -> str:
    """Return the lists; nothing where nobody is denied."""
    if not denied:
        return ""
    names = ", ".join(denied)
    return "".join(
        f"{daemon}DENY_{level} = {names}\n" for daemon in ("", "SCHEDD.") for level in _LEVELS
    )


def _remove(user: User) -> list[str]:
    """Remove all jobs that were submitted with tokens of a user; return their ids."""
    whose = f'AuthTokenIssuer == "{user.issuer}" && AuthTokenSubject == "{user.subject}"'
    listed = run(["condor_q", "-allusers", "-constraint", whose, "-af:j", "JobStatus"])
    # What has ended stays in the queue until its output is fetched (3: removed, 4: completed).
    jobs = [line.split()[0] for line in listed.splitlines() if line.split()[-1] not in ("3", "4")]
    if jobs:
        run(["condor_rm", *jobs, "-reason", "The user is suspended."])
    return jobs
