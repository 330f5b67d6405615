"""How each service was in a run, by what scenarios asked of its own endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from harness.conformance.outcomes import OURS, Asked, Outcome
from harness.conformance.runs import RunService

ServiceStatus = Literal["ok", "critical", "unknown"]
"""`critical`: all that was asked of it failed; `unknown`: nothing was asked of it. A healthy host does not
make a service `ok`. ARGO's words (ARGO, statuses)."""


def of(
    services: Iterable[RunService], seen: Iterable[Outcome]
) -> Iterator[tuple[RunService, ServiceStatus]]:
    """Return each service with its status, by the last attempt at every cell."""
    last: dict[tuple[str, str], Outcome] = {}
    for outcome in sorted(seen, key=lambda one: one.attempt):
        last[outcome.key] = outcome
    found: dict[tuple[str, str, str], set[bool]] = {}
    for outcome in last.values():
        for one, answered in _asked(outcome):
            found.setdefault((one.site, one.type, one.endpoint), set()).add(answered)
    for service in services:
        yield service, _status(found.get((service.site, service.type, service.endpoint), set()))


def _asked(outcome: Outcome) -> Iterator[tuple[Asked, bool]]:
    """Return the services that an outcome tells of, and whether each did what it was asked.

    A scenario that failed tells of the service at which it failed, and that those before it did their part.
    A crash of our own client tells nothing.
    """
    if outcome.error in OURS or outcome.status not in ("passed", "failed", "error"):
        return
    for one in outcome.services:
        failed = outcome.status != "passed" and (one in outcome.failed_at or not outcome.failed_at)
        yield one, not failed


def _status(answered: set[bool]) -> ServiceStatus:
    if not answered:
        return "unknown"
    return "ok" if True in answered else "critical"
