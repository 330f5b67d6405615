"""What a test was collected for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

import pytest

from harness.model import Route, Service, ServiceType
from harness.mutants.routes import Target

ROUTE = "route"
"""The parameter that every test has."""


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
    at_home: frozenset[ServiceType] = frozenset()
    """Types of services that the scenario uses at the user's home alone, where a proof breaks them."""

    def __str__(self) -> str:
        return self.name

    @cached_property
    def name(self) -> str:
        """The name of the test's parameter: `egi:CSTCLOUD-TWIN`, `egi:CSTCLOUD-TWIN@apache`."""
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


Value = TypeVar("Value")


def once_a_scenario(compute: Callable[[pytest.Item], Value]) -> Callable[[pytest.Item], Value]:
    """Let a function of a test be called once for all tests that differ in their route alone.

    It may look at what the test's source says: its marks, its fixtures, its docstring.
    """
    known: WeakKeyDictionary[Callable[..., object], dict[str, Value]] = WeakKeyDictionary()

    @wraps(compute)
    def remembered(item: pytest.Item) -> Value:
        if not hasattr(item, "callspec"):
            return compute(item)
        values = known.setdefault(item.function, {})  # type: ignore[attr-defined]
        others = _other_parameters(item)
        if others not in values:
            values[others] = compute(item)
        return values[others]

    return remembered


def one_a_scenario(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    """Yield the first of the tests that differ in their route alone."""
    seen: set[tuple[object, str]] = set()
    for item in items:
        key = (item.function, _other_parameters(item))  # type: ignore[attr-defined]
        if key not in seen:
            seen.add(key)
            yield item


def _other_parameters(item: pytest.Item) -> str:
    """Return what pytest calls the values of a test's parameters, but for its route."""
    callspec = getattr(item, "callspec", None)
    return callspec.id.replace(case_of(item).name, "", 1) if callspec else ""


def case_of(item: pytest.Item) -> Case:
    """Return what a collected test is for."""
    case: Case = item.callspec.params[ROUTE]  # type: ignore[attr-defined]
    return case
