"""From a test that pytest collected to the cell that it fills: its names, its requirements, its faults."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from functools import cache

import pytest

from harness.conformance import catalogue as catalogues
from harness.conformance.catalogue import Catalogue
from harness.conformance.outcomes import Cell
from harness.engine import extents
from harness.engine.case import case_of, once_a_scenario
from harness.engine.needs import needs_of, profiles_of
from harness.kinds import registry
from harness.routes import Side

REQUIREMENT = "requirement"
KILLED_BY = "killed_by"
OF_HOME = "of_home"
"""The mark of what tests the clients of the home's workstation, whatever service they ask."""
"""Mark that names the mutants against which a scenario must fail."""

_RULE = "docs/rules/TB001.md"

_REFUSALS = frozenset({"refused", "rejected"})
"""Fixtures that assert a refusal."""


@cache
def requirements() -> Catalogue:
    """Return the catalogue, read once."""
    return catalogues.load()


def scenario_of(node_id: str, route: str) -> str:
    """Return the scenario's name: the node id below `scenarios/`, without the route."""
    function, bracket, parameters = node_id.partition("[")
    rest = re.sub(rf"(^|-){re.escape(route)}(?=-|$)", "", parameters.removesuffix("]")).strip("-")
    name = function.removeprefix("scenarios/")
    return f"{name}[{rest}]" if bracket and rest else name


def family_of(scenario: str) -> str:
    """Return the folder that the scenario's file stands in."""
    return scenario.split("/", maxsplit=1)[0] if "/" in scenario else "scenarios"


def title_of(item: pytest.Item) -> str:
    """Return the first line of the docstring; the function's name where there is none."""
    return _first_line(item) or item.name


@once_a_scenario
def _first_line(item: pytest.Item) -> str:
    lines = inspect.cleandoc(getattr(item, "function", None).__doc__ or "").splitlines()
    return lines[0].rstrip(".") if lines else ""


@once_a_scenario
def requirements_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the ids of all marks, in the order in which they were written."""
    ids = [id_ for mark in item.iter_markers(REQUIREMENT) for id_ in mark.args]
    return tuple(dict.fromkeys(ids))


def scenario_at(item: pytest.Item) -> str:
    """Return the scenario's name, with the service's where the site has several that it tests."""
    case = case_of(item)
    name = scenario_of(item.nodeid, str(case))
    if not case.label:
        return name
    function, _, parameters = name.partition("[")
    return f"{function}[{'-'.join(filter(None, (parameters.removesuffix(']'), case.label)))}]"


_CELL = pytest.StashKey[Cell]()


def cell_of(item: pytest.Item) -> Cell:
    """Return the cell that the test fills; it is made once, for many ask."""
    if _CELL not in item.stash:
        item.stash[_CELL] = _made(item)
    return item.stash[_CELL]


def _made(item: pytest.Item) -> Cell:
    case = case_of(item)
    route = case.narrowed
    tested = case.tested[0].service if case.tested else None
    scenario = scenario_at(item)
    return Cell(
        scenario=scenario,
        test=scenario_of(item.nodeid, str(case)),
        title=title_of(item),
        family=family_of(scenario),
        requirements=requirements_of(item),
        home=route.home.name,
        resource=route.resource.infrastructure,
        site=route.resource.name,
        service=tested.endpoint if tested else "",
        implementation=tested.implementation if tested else "",
        side=side_of(item),
        profiles=profiles_of(item, route.resource),
        refusal=is_refusal(item),
        extent=extents.of(item),
        mutant=case.mutant,
    )


@once_a_scenario
def side_of(item: pytest.Item) -> Side:
    """Return whose part the test is about: the home's where it says so, or asks nothing of the resource."""
    if item.get_closest_marker(OF_HOME):
        return "home"
    reaches = registry().reaches
    types = {
        type_
        for name in getattr(item, "fixturenames", ())
        if name in reaches
        for type_ in reaches[name].types
    } | {type_ for need in needs_of(item) for type_ in need.types}
    return "home" if types and types <= registry().home_types else "resource"


@once_a_scenario
def is_refusal(item: pytest.Item) -> bool:
    """Tell whether the test asserts that something is refused, beside its control."""
    return not _REFUSALS.isdisjoint(getattr(item, "fixturenames", ()))


def mistakes(items: Iterable[pytest.Item], catalogue: Catalogue) -> list[str]:
    """Return what is wrong with the requirement marks, one line a fault."""
    found: dict[str, None] = {}
    for item in items:
        where = item.nodeid.partition("[")[0]
        ids = requirements_of(item)
        if not ids:
            found[
                f'{where}: no requirement is named; add @pytest.mark.requirement("...") ({_RULE}).'
            ] = None
        for id_ in ids:
            if id_ not in catalogue:
                near = catalogue.near(str(id_))
                hint = f"; similar: {', '.join(near)}" if near else ""
                found[f"{where}: unknown requirement {id_!r}{hint} ({_RULE})."] = None
            elif not catalogue[id_].in_scope:
                note = f" ({catalogue[id_].note})" if catalogue[id_].note else ""
                found[
                    f"{where}: {id_} is deprecated{note}; name the requirement that replaces it, "
                    "or remove the scenario."
                ] = None
    return list(found)
