"""Figures that a scenario finds, for the report: how long it took until something was so."""

from __future__ import annotations

import pytest

from harness.conformance.outcomes import Measurement
from harness.evidence import step
from harness.model import Service

_MEASURED = pytest.StashKey[list[Measurement]]()


def measured(item: pytest.Item) -> tuple[Measurement, ...]:
    """Return the figures that a test has noted."""
    notes: list[Measurement] = item.stash.get(_MEASURED, [])
    return tuple(notes)


class Measure:
    """Records figures of services, in seconds."""

    def __init__(self, notes: list[Measurement]) -> None:
        self._notes = notes

    def __call__(
        self,
        what: str,
        service: Service,
        seconds: float,
        *,
        detail: str = "",
        at_least: bool = False,
    ) -> None:
        """Record a figure. Set `at_least` if the measurement stopped before the end."""
        found = Measurement(
            what=what,
            service=service.endpoint,
            detail=detail,
            seconds=round(seconds, 1),
            at_least=at_least,
        )
        self._notes.append(found)
        more = "more than " if at_least else ""
        with step(f"{what} of {' '.join([found.service, detail]).strip()}") as record:
            record.receive(f"{more}{found.seconds:g} s")


GRAIN = 1.0
"""Seconds: the standards here tell times in whole ones (RFC 8628, section 3.2: `interval`)."""


def lasts(measured: float, *, at_least: float) -> bool:
    """Tell whether a time that was measured from outside is as long as a standard asks.

    It counts to the nearest whole second, in which the standard tells it. Measured from outside, each end
    of a pause is seen a little late, and the first perhaps later than the second: who rests for exactly
    5 s is seen to rest for 4.95 s now and then, and did as it must.

    Parameters
    ----------
    measured, at_least
        seconds.
    """
    return measured >= at_least - GRAIN / 2


@pytest.fixture
def measure(request: pytest.FixtureRequest) -> Measure:
    """Record figures that the report shows. They do not affect the verdict."""
    return Measure(request.node.stash.setdefault(_MEASURED, []))
