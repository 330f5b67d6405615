"""What a scenario may do to a host itself: only where the testbed runs it, and may disturb it."""

from __future__ import annotations

from harness.engine.not_shown import NotRun
from harness.journal import require_allowed
from harness.model import Host


def require(host: Host, what: str) -> None:
    """Let a scenario go on only where it may disturb a host.

    Parameters
    ----------
    what
        what cannot be done otherwise, for people: `so it cannot restart it`.

    Raises
    ------
    NotRun
        where the testbed does not run the host.
    NotAllowed
        where the inventory does not allow to disturb it.
    """
    if not host.roles:
        raise NotRun(f"the testbed cannot control {host.name}, {what}.")
    require_allowed(host)
