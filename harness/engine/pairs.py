"""`--prove`: scenarios run against broken sites, each of which must make them fail.

`@pytest.mark.killed_by("ignores-expiry")` names the mutants that must. To these come, for every scenario,
a site without a fault (the control of the proof) and a closed one; for every refusal, an open one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

import pytest

from harness.conformance import deviations
from harness.engine import extents, needs, parametrize
from harness.engine.case import Case, case_of
from harness.engine.cells import KILLED_BY, cell_of, requirements
from harness.engine.contacts import contacts_of
from harness.engine.parametrize import known_mutants
from harness.engine.plugin import testbed_of
from harness.kinds import registry
from harness.model import Route, ServiceType, Testbed
from harness.mutants import routes
from harness.mutants.catalogue import CLOSED, FAULTLESS, OPEN

_RULE = "docs/rules/TB008.md"


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line(
        "markers", f"{KILLED_BY}(*ids): mutants against which the scenario must fail"
    )


def killers_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the mutants that a test's marks name."""
    return tuple(dict.fromkeys(id_ for mark in item.iter_markers(KILLED_BY) for id_ in mark.args))


def mistakes(items: Iterable[pytest.Item]) -> list[str]:
    """Return what is wrong with the marks, each with file and line."""
    found: dict[str, None] = {}
    for item in items:
        path, line, _ = item.location
        where = f"{path}:{(line or 0) + 1}: {item.nodeid.partition('[')[0].rpartition('::')[2]}"
        killers = killers_of(item)
        if not killers:
            found[
                f'{where}: no mutant is named; add @pytest.mark.{KILLED_BY}("...") ({_RULE}).'
            ] = None
        for id_ in killers:
            if id_ not in known_mutants():
                found[f"{where}: {known_mutants().unknown(str(id_))}"] = None
    return list(found)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the pairs of scenario and mutant that can be shown, each once an implementation.

    A scenario that is known to fail at the real service shows nothing against a broken one there.
    """
    # Pairs that are named one by one, as for a second attempt, were chosen before.
    if not config.option.prove or all("::" in word for word in config.args):
        return
    bench = _Bench(config)
    kept = set(bench.chosen([item for item in items if bench.shows(item)]))
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]


class _Bench:
    """Decides which pairs run."""

    def __init__(self, config: pytest.Config) -> None:
        self._testbed = testbed_of(config)
        self._wanted = frozenset(config.option.mutant)
        folder = config.option.inventory
        self._known = deviations.load(
            (folder if folder.is_dir() else folder.parent) / deviations.FILE
        )

    def shows(self, item: pytest.Item) -> bool:
        """Tell whether a test shows something about its mutant."""
        case = case_of(item)
        return (
            extents.included(item)
            and self._is_asked_for(item, case.mutant)
            and _is_offered(item, case.narrowed, self._testbed)
            and self._is_held(item)
            and not self._is_known_to_fail(item)
            and (
                case.mutant == FAULTLESS
                or routes.breaks(
                    case.narrowed, known_mutants()[case.mutant], _tested(item), self._testbed
                )
            )
            and self._has_hosts(item)
        )

    def chosen(self, items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
        """Return one of the pairs that differ by their route alone, where both have the same software.

        A scenario keeps to one route as far as it can, for the faultless site there is its control.
        """
        groups: dict[tuple[str, frozenset[str]], list[pytest.Item]] = {}
        for item in items:
            test = cell_of(item).test
            groups.setdefault((test, self._implementations(item)), []).append(item)
        for (test, _), alike in groups.items():
            used = sorted({_without_mutant(item) for item in alike})
            # Not always the first: both directions share the work.
            first = used[zlib.crc32(test.encode()) % len(used)]
            by_mutant: dict[str, list[pytest.Item]] = {}
            for item in sorted(alike, key=lambda item: _without_mutant(item) != first):
                by_mutant.setdefault(case_of(item).mutant, []).append(item)
            sound = by_mutant.pop(FAULTLESS, [])
            broken = [some[0] for some in by_mutant.values()]
            yield from broken
            needed = {_without_mutant(item) for item in broken}
            yield from (item for item in sound if _without_mutant(item) in needed)

    def _implementations(self, item: pytest.Item) -> frozenset[str]:
        """Return what software a test is about, on its route."""
        route = case_of(item).narrowed
        issuer = self._testbed.issuer_service(route.home.name)
        others = [s for s in route.resource.services if s.type != issuer.type]
        found: dict[str, str] = {}
        for service in (issuer, *others):
            if service.type in _tested(item):
                found.setdefault(service.type, service.implementation)
        return frozenset(found.values())

    def _is_asked_for(self, item: pytest.Item, mutant: str) -> bool:
        own = set(killers_of(item))
        if _requests(item):
            own |= {CLOSED, *((OPEN,) if "refused" in _fixtures(item) else ())}
        wanted = own & self._wanted if self._wanted else own
        return mutant in wanted or (mutant == FAULTLESS and bool(wanted))

    def _has_hosts(self, item: pytest.Item) -> bool:
        """Tell whether the extent of the proof includes all hosts that a test asks."""
        asked = contacts_of(item, case_of(item).narrowed, self._testbed).hosts
        return not self._testbed.beyond(item.config.option.extent, asked)

    def _is_held(self, item: pytest.Item) -> bool:
        """Tell whether the site follows a profile that demands what the test shows."""
        cell = cell_of(item)
        return any(requirements()[id_].held_by(cell.profiles) for id_ in cell.requirements)

    def _is_known_to_fail(self, item: pytest.Item) -> bool:
        cell = cell_of(item)
        return any(entry.covers(cell) for entry in self._known)


def _without_mutant(item: pytest.Item) -> str:
    """Return the route and the service of the site that a test is for."""
    case = case_of(item)
    return str(Case(case.route, case.tested, case.label))


def _tested(item: pytest.Item) -> frozenset[ServiceType]:
    """Return the types of what a test is about: those that its marks name, of all that it reaches."""
    reached = parametrize.reached(_fixtures(item))
    named = {type_ for need in needs.marked(item) for type_ in need.types}
    return reached & named or reached


def _requests(item: pytest.Item) -> bool:
    """Tell whether a test requests something; else a site that refuses every request does not fail it."""
    reaches = registry().reaches
    reached = [reaches[name] for name in _fixtures(item) if name in reaches]
    return not reached or any(reach.requests for reach in reached)


def _fixtures(item: pytest.Item) -> Sequence[str]:
    return getattr(item, "fixturenames", ())


def _is_offered(item: pytest.Item, route: Route, testbed: Testbed) -> bool:
    return all(need.declared(need.site(route, testbed)) for need in needs.needs_of(item))
