"""`--prove`: scenarios run against broken sites, each of which must make them fail.

`@pytest.mark.killed_by("ignores-expiry")` names the mutants that must. To these come, for every scenario,
a site without a fault (the control of the proof) and a closed one; for every refusal, an open one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from harness.conformance import deviations
from harness.conformance.deviations import KnownDeviation
from harness.model import Route, ServiceType, Testbed
from harness.proof import routes
from harness.proof.mutants import CLOSED, FAULTLESS, OPEN
from harness.scenario import needs, ways
from harness.scenario.cells import KILLED_BY, cell_of
from harness.scenario.plugin import testbed_of
from harness.scenario.ways import Way, known_mutants


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line(
        "markers", f"{KILLED_BY}(*ids): mutants against which the scenario must fail"
    )


def killers_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the mutants that a test's marks name."""
    return tuple(dict.fromkeys(id_ for mark in item.iter_markers(KILLED_BY) for id_ in mark.args))


def faults(items: Iterable[pytest.Item]) -> list[str]:
    """Return what is wrong with the marks, each with file and line."""
    found: dict[str, None] = {}
    for item in items:
        path, line, _ = item.location
        where = f"{path}:{(line or 0) + 1}: {item.nodeid.partition('[')[0].rpartition('::')[2]}"
        killers = killers_of(item)
        if not killers:
            found[f'{where}: no mutant is named; add @pytest.mark.{KILLED_BY}("...").'] = None
        for id_ in killers:
            if id_ not in known_mutants():
                found[f"{where}: {known_mutants().unknown(str(id_))}"] = None
    return list(found)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the pairs of scenario and mutant that can be shown.

    A scenario that is known to fail at the real service shows nothing against a broken one there.
    """
    if not config.option.prove:
        return
    bench = _Bench(config)
    kept = [item for item in items if bench.shows(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


class _Bench:
    """Decides which pairs run."""

    def __init__(self, config: pytest.Config) -> None:
        self._testbed = testbed_of(config)
        self._wanted = frozenset(config.option.mutant)
        folder = config.option.inventory
        self._known = deviations.load(
            (folder if folder.is_dir() else folder.parent) / deviations.FILE
        )
        self._routes = {route.id: route for route in self._testbed.routes}

    def shows(self, item: pytest.Item) -> bool:
        """Tell whether a test shows something about its mutant."""
        way: Way = item.callspec.params["route"]  # type: ignore[attr-defined]
        route = self._routes[way.route]
        return (
            self._is_asked_for(item, way.mutant)
            and _is_offered(item, route, self._testbed)
            and not self._is_known_to_fail(item, self._known)
            and (
                way.mutant == FAULTLESS
                or routes.breaks(route, known_mutants()[way.mutant], _tested(item), self._testbed)
            )
        )

    def _is_asked_for(self, item: pytest.Item, mutant: str) -> bool:
        own = {CLOSED, *killers_of(item), *((OPEN,) if "refused" in _fixtures(item) else ())}
        wanted = own & self._wanted if self._wanted else own
        return mutant in wanted or (mutant == FAULTLESS and bool(wanted))

    def _is_known_to_fail(self, item: pytest.Item, known: Iterable[KnownDeviation]) -> bool:
        cell = cell_of(item, self._testbed.routes)
        return any(entry.covers(cell) for entry in known)


def _tested(item: pytest.Item) -> frozenset[ServiceType]:
    """Return the types of the services that a test is about: those that it needs, of all it reaches."""
    reached = ways.reached(_fixtures(item))
    needed = {need.service for need in needs.needs_of(item)}
    return reached & needed or reached


def _fixtures(item: pytest.Item) -> Sequence[str]:
    return getattr(item, "fixturenames", ())


def _is_offered(item: pytest.Item, route: Route, testbed: Testbed) -> bool:
    return all(need.declared(need.site(route, testbed)) for need in needs.needs_of(item))
