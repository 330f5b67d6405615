"""From a test that pytest collected to what a policy sees of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from harness.engine.case import case_of
from harness.engine.scheduling.protocol import Task

ALONE = "alone"
"""Mark of a scenario that disturbs a service of the resource for others, or needs most of what it has.

It runs when all others have ended, beside nothing but such scenarios of other sites or families.
"""

LONG = "long"
"""Mark of a scenario that waits for 15 s or more: it begins before the others."""


def tasks_of(items: Sequence[pytest.Item]) -> list[Task]:
    """Return the tests in pytest's order."""
    return [
        Task(
            number=number,
            family=str(item.path.parent),
            route=str(case_of(item)),
            site=site_of(item),
            alone=item.get_closest_marker(ALONE) is not None,
            long=item.get_closest_marker(LONG) is not None,
        )
        for number, item in enumerate(items)
    ]


def site_of(item: pytest.Item) -> str:
    """Return the site of the resource, whose services bear the most of a test, or are disturbed by it."""
    return case_of(item).route.resource.name
