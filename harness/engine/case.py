"""What a test was collected for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pytest

from harness.model import Route, Service, ServiceType
from harness.mutants.routes import Target


@dataclass(frozen=True)
class Tested:
    """A service that a scenario tests, and the types among which it was chosen."""

    service: Service
    types: frozenset[ServiceType]


@dataclass(frozen=True, repr=False)
class Case:
    """What a test was collected for: a route, the services of the site, in a proof a mutant."""

    route: Route
    tested: tuple[Tested, ...] = ()
    label: str = ""
    """Tells the services of a site apart; empty where the site has one that the scenario tests."""
    mutant: str = ""
    target: Target = "resource"

    def __str__(self) -> str:
        label = f"@{self.label}" if self.label else ""
        return f"{self.route.id}{label}" + (f"~{self.mutant}" if self.mutant else "")

    def __repr__(self) -> str:
        return repr(str(self))  # what reports show of a test's parameters

    @cached_property
    def narrowed(self) -> Route:
        """The route as the scenario finds it: the site has no other service of what is tested."""
        resource = self.route.resource
        for one in self.tested:
            resource = resource.only(one.service, of=one.types)
        return self.route.model_copy(update={"resource": resource})


def case_of(item: pytest.Item) -> Case:
    """Return what a collected test is for."""
    case: Case = item.callspec.params["route"]  # type: ignore[attr-defined]
    return case
