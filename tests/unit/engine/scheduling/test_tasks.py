"""What a policy sees of a test."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from harness import inventory
from harness.engine.case import Case
from harness.engine.scheduling.protocol import Task
from harness.engine.scheduling.tasks import tasks_of

TWIN = Path(__file__).resolve().parents[4] / "inventories" / "twin"


class Collected:
    """What is looked at of a test."""

    path = Path("jobs/test_one.py")

    def __init__(self, case: Case, mark: str = "") -> None:
        self.callspec = SimpleNamespace(params={"route": case})
        self._mark = mark

    def get_closest_marker(self, name: str) -> str | None:
        return name if name == self._mark else None


def test_a_test_has_its_family_route_site_and_marks() -> None:
    """The site is that of the resource, whatever service of it is tested, and with whatever mutant."""
    routes = inventory.load(TWIN).testbed.routes
    route = next(route for route in routes if route.id == "egi:CSTCLOUD-TWIN")
    items = [
        Collected(Case(route), "long"),
        Collected(Case(route, label="xrootd"), "alone"),
        Collected(Case(route, label="xrootd", mutant="open")),
    ]
    site = "CSTCLOUD-TWIN"
    assert tasks_of(items) == [  # type: ignore[arg-type]
        Task(number=0, family="jobs", route=route.id, site=site, long=True),
        Task(number=1, family="jobs", route=f"{route.id}@xrootd", site=site, alone=True),
        Task(number=2, family="jobs", route=f"{route.id}@xrootd~open", site=site),
    ]
