"""What a scenario runs over: every route, or in a proof the routes that cross, with mutants on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import pytest

from harness import mutants
from harness.engine.cells import KILLED_BY
from harness.engine.plugin import testbed_of
from harness.model import Route, ServiceType, Testbed
from harness.mutants import routes
from harness.mutants.catalogue import CLOSED, FAULTLESS, OPEN, Mutants
from harness.mutants.routes import Target

_ISSUER: frozenset[ServiceType] = frozenset({"egi.aai.oidc"})
_REACHED: Mapping[str, frozenset[ServiceType]] = {
    "storage": frozenset({"webdav"}),
    "xroot": frozenset({"XRootD"}),
    "cloud": frozenset({"org.openstack.keystone", "org.openstack.swift"}),
    "compute": frozenset({"org.nordugrid.arex", "org.opensciencegrid.htcondorce"}),
    "arc_commands": frozenset({"org.nordugrid.arex"}),
}
"""Fixture -> the services of the site that a scenario reaches by it; by others, the issuer alone."""


@dataclass(frozen=True, repr=False)
class Way:
    """A route, in a proof with a mutant on it."""

    route: str
    mutant: str = ""
    target: Target = "resource"

    def __str__(self) -> str:
        return f"{self.route}~{self.mutant}" if self.mutant else self.route

    def __repr__(self) -> str:
        return repr(str(self))  # what reports show of a test's parameters


@cache
def known_mutants() -> Mutants:
    """Return all mutants, read once."""
    return mutants.load()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose."""
    group = parser.getgroup("testbed")
    group.addoption(
        "--route", action="append", default=[], metavar="HOME:RESOURCE", help="only this route"
    )
    group.addoption("--prove", action="store_true", help="run against mutants")
    group.addoption(
        "--mutant", action="append", default=[], metavar="ID", help="only this mutant, with --prove"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every scenario over all routes (or those of `--route`)."""
    if "route" in metafunc.fixturenames:
        testbed = testbed_of(metafunc.config)
        known = [route.id for route in testbed.routes]
        wanted = metafunc.config.option.route
        for id_ in wanted:
            if id_ not in known:
                raise pytest.UsageError(f"unknown route {id_!r}; known are {', '.join(known)}.")
        chosen = [route for route in testbed.routes if not wanted or route.id in wanted]
        prove = metafunc.config.option.prove
        ways = list(_with_mutants(metafunc, chosen)) if prove else [Way(r.id) for r in chosen]
        metafunc.parametrize("route", ways, ids=str, indirect=True, scope="session")


def _with_mutants(metafunc: pytest.Metafunc, chosen: Iterable[Route]) -> Iterator[Way]:
    target: Target = "issuer" if reached(metafunc.fixturenames) == _ISSUER else "resource"
    named = sorted({*_named_anywhere(metafunc), FAULTLESS, OPEN, CLOSED})
    for route in chosen:
        if not route.is_control:
            yield from (Way(route.id, mutant, target) for mutant in named)


def reached(fixtures: Iterable[str]) -> frozenset[ServiceType]:
    """Return the types of the services that fixtures reach: the site's, or else the home's issuer."""
    found = frozenset[ServiceType]().union(*(_REACHED.get(name, ()) for name in fixtures))
    return found or _ISSUER


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
def route(request: pytest.FixtureRequest, testbed: Testbed) -> Route:
    """The route that the scenario runs over: from a user's home to a resource."""
    way: Way = request.param
    real = next(route for route in testbed.routes if route.id == way.route)
    if not way.mutant:
        return real
    return routes.broken(real, known_mutants()[way.mutant], way.target, testbed)
