"""Figures that a scenario finds, for the report: how long it took until something was so."""

from __future__ import annotations

from typing import Protocol

import pytest

from harness.conformance.outcomes import Measurement
from harness.evidence import step
from harness.model import Service

_MEASURED = pytest.StashKey[list[Measurement]]()


def measured(item: pytest.Item) -> tuple[Measurement, ...]:
    """Return the figures that a test has noted."""
    notes: list[Measurement] = item.stash.get(_MEASURED, [])
    return tuple(notes)


class Measure(Protocol):
    """Notes a figure at a service, in seconds."""

    def __call__(
        self,
        what: str,
        service: Service,
        seconds: float,
        *,
        detail: str = "",
        at_least: bool = False,
    ) -> None:
        """Note it; `at_least` where its end was not awaited."""
        ...


@pytest.fixture
def measure(request: pytest.FixtureRequest) -> Measure:
    """Note figures that the report shows; they decide nothing, the scenario's assertions do."""
    notes = request.node.stash.setdefault(_MEASURED, [])

    def note(
        what: str,
        service: Service,
        seconds: float,
        *,
        detail: str = "",
        at_least: bool = False,
    ) -> None:
        found = Measurement(
            what=what,
            service=service.endpoint,
            detail=detail,
            seconds=round(seconds, 1),
            at_least=at_least,
        )
        notes.append(found)
        more = "more than " if at_least else ""
        with step(f"{what} of {' '.join([found.service, detail]).strip()}") as record:
            record.receive(f"{more}{found.seconds:g} s")

    return note
