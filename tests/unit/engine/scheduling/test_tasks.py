"""What a policy sees of a test."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.engine.scheduling.protocol import Task
from harness.engine.scheduling.tasks import site_of, tasks_of


class Collected:
    """What is looked at of a test."""

    path = Path("jobs/test_one.py")

    def __init__(self, route: str = "", mark: str = "") -> None:
        self._mark = mark
        if route:
            self.callspec = SimpleNamespace(params={"route": route})

    def get_closest_marker(self, name: str) -> str | None:
        return name if name == self._mark else None


@pytest.mark.parametrize(
    ("route", "site"),
    [
        ("egi:CSTCLOUD-TWIN", "CSTCLOUD-TWIN"),
        ("egi:CSTCLOUD-TWIN~ignores-expiry", "CSTCLOUD-TWIN"),
        ("", ""),
    ],
)
def test_a_route_ends_at_the_site_whatever_the_mutant(route: str, site: str) -> None:
    assert site_of(route) == site


def test_a_test_has_its_family_route_and_marks() -> None:
    items = [Collected("egi:B~open", "alone"), Collected("egi:B", "long"), Collected()]
    assert tasks_of(items) == [  # type: ignore[arg-type]
        Task(number=0, family="jobs", route="egi:B~open", site="B", alone=True),
        Task(number=1, family="jobs", route="egi:B", site="B", long=True),
        Task(number=2, family="jobs", route="", site=""),
    ]
