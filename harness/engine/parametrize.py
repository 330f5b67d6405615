"""What a scenario runs over: every route, and on it every service of the site that the scenario tests.

A site with two storages has each scenario of storages twice. In a proof, the routes that cross are taken,
with mutants on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from urllib.parse import urlsplit

import pytest

from harness import mutants
from harness.engine import uses
from harness.engine.case import Case, Tested
from harness.engine.cells import KILLED_BY
from harness.engine.needs import ALL_OF_THEM, Need, needed
from harness.engine.plugin import testbed_of
from harness.kinds import registry
from harness.model import ISSUER, Route, Service, ServiceType, Site
from harness.mutants import CLOSED, FAULTLESS, OPEN, Mutants, routes
from harness.mutants.routes import Target


@cache
def known_mutants() -> Mutants:
    """Return all mutants, read once."""
    return mutants.load()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose."""
    group = parser.getgroup("testbed")
    group.addoption(
        "--route",
        action="append",
        default=[],
        metavar="HOME:SITE",
        help="only this route; `*` matches any, an infrastructure all of its sites",
    )
    group.addoption(
        "--site", action="append", default=[], metavar="SITE", help="only routes to this site"
    )
    group.addoption("--prove", action="store_true", help="run against mutants")
    group.addoption(
        "--mutant", action="append", default=[], metavar="ID", help="only this mutant, with --prove"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every scenario over all routes (or those of `--route` and `--site`)."""
    if "route" in metafunc.fixturenames:
        cases = _cases(metafunc)
        if metafunc.config.option.prove:
            cases = list(_with_mutants(metafunc, cases))
        metafunc.parametrize("route", cases, ids=str, indirect=True, scope="session")


_ROUTES = pytest.StashKey[tuple[Route, ...]]()
_CASES = pytest.StashKey[dict[tuple[object, ...], list[Case]]]()
"""Cases of this session, by what decides them: most scenarios have those of some other."""


def _chosen(config: pytest.Config) -> tuple[Route, ...]:
    """Return the routes of this session, which are made once."""
    if _ROUTES not in config.stash:
        option = config.option
        try:
            config.stash[_ROUTES] = testbed_of(config).select(option.route, option.site)
        except LookupError as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[_ROUTES]


def _cases(metafunc: pytest.Metafunc) -> list[Case]:
    """Return a case for each route, and for each service of its site that the scenario tests."""
    needs = needed(metafunc.definition, metafunc.fixturenames)
    tested = tuple(_types_tested(_fixtures_that_choose(metafunc), needs))
    asked = tuple(need for need in needs if not need.is_of_home)
    known = metafunc.config.stash.setdefault(_CASES, {})
    key = (tested, asked)
    if key not in known:
        routes = _chosen(metafunc.config)
        known[key] = [case for route in routes for case in _of_route(route, tested, asked)]
    return known[key]


def _of_route(
    route: Route, tested: Iterable[frozenset[str]], asked: Iterable[Need]
) -> Iterator[Case]:
    """Yield a case for each service of the site that is tested; one where none is."""
    groups = [found for types in tested if (found := _meeting(route.resource, types, asked))]
    for chosen in product(*groups):
        yield Case(route, chosen, _label(chosen, groups))


def _fixtures_that_choose(metafunc: pytest.Metafunc) -> Sequence[str]:
    """Return the fixtures by which a scenario chooses services of the site.

    There are none where it uses all of them at once.
    """
    if not ALL_OF_THEM.isdisjoint(metafunc.fixturenames):
        return ()
    ends = uses.of(metafunc.function, metafunc.fixturenames)
    return [name for name, sides in ends.items() if "resource" in sides]


def _types_tested(fixtures: Iterable[str], needs: Iterable[Need]) -> Iterator[frozenset[str]]:
    """Yield what a scenario tests, as groups of types among which a service is chosen.

    Of the services that it reaches, those count that it needs; what it only reaches on the way to another
    does not.
    """
    home, reaches = registry().home_types, registry().reaches
    used = [reaches[name] for name in fixtures if name in reaches]
    on_the_way = {type_ for reach in used for type_ in reach.also}
    needed = {type_ for need in needs if not need.is_of_home for type_ in need.types}
    reached = (frozenset(reach.types) for reach in used)
    groups = {
        types & needed or types
        for types in reached
        if types.isdisjoint(home) and types.isdisjoint(on_the_way)
    }
    narrowest = [one for one in groups if not any(other < one for other in groups)]
    yield from sorted(narrowest, key=sorted)


def _meeting(site: Site, types: frozenset[str], asked: Iterable[Need]) -> list[Tested]:
    """Return the services of these types that declare all that is asked of their type."""
    return [
        Tested(service, types)
        for service in site.services
        if service.type in types
        and all(need.met_by(service) for need in asked if service.type in need.types)
    ]


def _label(tested: Iterable[Tested], groups: Iterable[Sequence[Tested]]) -> str:
    """Return the names of the chosen services where there was a choice."""
    words = [
        _name(one.service, [other.service for other in group])
        for one, group in zip(tested, groups, strict=True)
        if len(group) > 1
    ]
    return "+".join(words)


def _name(service: Service, among: Sequence[Service]) -> str:
    """Return the shortest name of a service: its implementation, its address, or the whole endpoint."""
    address = urlsplit(service.endpoint).netloc
    if [one.implementation for one in among].count(service.implementation) == 1:
        return service.implementation
    if [urlsplit(one.endpoint).netloc for one in among].count(address) == 1:
        return address
    return service.endpoint


def _with_mutants(metafunc: pytest.Metafunc, cases: Iterable[Case]) -> Iterator[Case]:
    target: Target = "issuer" if reached(metafunc.fixturenames) == {ISSUER} else "resource"
    named = sorted({*_named_anywhere(metafunc), FAULTLESS, OPEN, CLOSED})
    at_home = _used_at_home(metafunc)
    for case in cases:
        if not case.route.is_control:
            yield from (
                Case(case.route, case.tested, case.label, mutant, target, at_home)
                for mutant in named
            )


def _used_at_home(metafunc: pytest.Metafunc) -> frozenset[ServiceType]:
    """Return the types of the services that a scenario uses at the user's home, and not at the site."""
    ends = uses.of(metafunc.function, metafunc.fixturenames)
    at_home = [name for name, sides in ends.items() if sides == ("home",)]
    types = (registry().reaches[name].types for name in at_home)
    return frozenset[ServiceType]().union(*types) - registry().home_types


def reached(fixtures: Iterable[str]) -> frozenset[ServiceType]:
    """Return the types of the services that fixtures reach: the site's, or else the home's issuer."""
    reaches = registry().reaches
    found = frozenset[ServiceType]().union(
        *((*reaches[name].types, *reaches[name].also) for name in fixtures if name in reaches)
    )
    return found - registry().home_types or frozenset({ISSUER})


def _named_anywhere(metafunc: pytest.Metafunc) -> Iterator[str]:
    """Yield the mutants that any case of a test function names; which are its own is seen later."""
    marks = list(metafunc.definition.iter_markers())
    for mark in [mark for mark in marks if mark.name == "parametrize"]:
        for case in mark.args[1]:
            marks += getattr(case, "marks", ())
    for mark in marks:
        if mark.name == KILLED_BY:
            yield from (id_ for id_ in mark.args if id_ in known_mutants())


@pytest.fixture(scope="session")
def route(request: pytest.FixtureRequest) -> Route:
    """The route that the scenario runs over: from a user's home to a site.

    Where the site has several services that the scenario tests, it has here the one of this test alone.
    """
    case: Case = request.param
    if not case.mutant:
        return case.narrowed
    testbed = testbed_of(request.config)
    mutant = known_mutants()[case.mutant]
    return routes.broken(case.narrowed, mutant, case.target, testbed, at_home=case.at_home)
