"""A scenario does not run where the site does not offer what it needs, or is not held to what it shows.

What counts is what the inventory declares. Declared but refused is a failure; what is not declared is
looked for, and found all the same it is told as a warning.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from harness.clients.http import Http
from harness.clients.outages import log_ins, outages
from harness.clients.workstations import Workstations
from harness.conformance import catalogue
from harness.engine import extents, limiting
from harness.engine.cells import requirements, requirements_of
from harness.engine.contacts import Contacts, contacts_of
from harness.engine.needs import Need, needs_of, profiles_of
from harness.engine.not_shown import WARNING, NotOffered, NotRun
from harness.engine.plugin import testbed_of
from harness.engine.probes import Probes
from harness.errors import (
    BeyondSource,
    NoIssuerKey,
    NoSuchService,
    NotAllowed,
    NoWayIn,
    Unreachable,
)
from harness.kinds import WEB
from harness.model import Route, Site, Testbed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Tell apart what a fixture cannot have, whatever the sites do."""
    with _as_not_shown(testbed_of(item.config)):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Tell apart what a scenario cannot have, whatever the sites do."""
    with _as_not_shown(testbed_of(item.config)):
        return (yield)


@contextmanager
def _as_not_shown(testbed: Testbed) -> Iterator[None]:
    """Turn what cannot be had into an outcome: a service, a real site's key or logs, another token.

    The want of our own keys is a failure.
    """
    try:
        yield
    except NoSuchService as error:  # what `needs_of` could not see beforehand
        raise NotOffered(str(error)) from error
    except (NoWayIn, NotAllowed, BeyondSource) as error:
        raise NotRun(str(error)) from error
    except NoIssuerKey as error:
        if testbed.host(testbed.issuer_service(error.infrastructure).host).roles:
            raise
        raise NotRun(str(error)) from error


def not_held(item: pytest.Item, route: Route) -> str:
    """Return why a site is held to nothing that a test shows; nothing where it is held to something."""
    profiles = profiles_of(item, route.resource)
    shown = [requirements()[id_] for id_ in requirements_of(item)]
    if any(requirement.held_by(profiles) for requirement in shown):
        return ""
    return catalogue.not_held(route.resource.name, profiles, shown)


def undeclared(item: pytest.Item, route: Route, testbed: Testbed) -> Iterator[tuple[Need, Site]]:
    """Yield what a test needs, and the site that does not declare it."""
    for need in needs_of(item):
        site = need.site(route, testbed)
        if not need.declared(site):
            yield need, site


@pytest.fixture(scope="session")
def probes(request: pytest.FixtureRequest) -> Probes:
    """Check that a capability that a site does not declare is really absent."""
    return Probes(request.getfixturevalue)


@pytest.fixture(autouse=True)
def _offered(request: pytest.FixtureRequest, route: Route, testbed: Testbed) -> None:
    """Run the scenario only where all that it needs is declared, and where the site is held to it."""
    item = request.node
    extents.check(item)
    limiting.check(item, route, testbed)
    if why := not_held(item, route):
        raise NotOffered(why)
    for need, site in undeclared(item, route, testbed):
        probes: Probes = request.getfixturevalue("probes")
        findings = probes.ask(need, site, route.home)
        if found := [finding.seen for finding in findings if finding.there]:
            item.stash[WARNING] = f"not declared, but present: {'; '.join(found)}"
        absent = "; ".join(finding.seen for finding in findings if not finding.there)
        raise NotOffered(f"{site.name} does not declare {need}" + (f"; {absent}" if absent else ""))
    contacts = contacts_of(item, route, testbed)
    extents.check_hosts(item, contacts.hosts, testbed)
    _require_answers(request, route, testbed, contacts)


def _require_answers(
    request: pytest.FixtureRequest, route: Route, testbed: Testbed, contacts: Contacts
) -> None:
    """End the set-up where a service that the scenario needs is known not to answer.

    Raises
    ------
    Unreachable
        with the first failure, as the run saw it.
    """
    for endpoint in contacts.endpoints:
        if urlsplit(endpoint).scheme in WEB:
            workstations: Workstations = request.getfixturevalue("workstations")
            near = next(
                (one.infrastructure for one in testbed.services() if one.endpoint == endpoint),
                route.resource.infrastructure,  # in a proof, a mutant's, which is none of the testbed's
            )
            _require_answer(endpoint, workstations.http(route.home.name), workstations.http(near))
    if contacts.users:
        outages.require(log_ins(route.home.name))


def _require_answer(endpoint: str, http: Http, near: Http) -> None:
    """End the set-up where an endpoint answers neither the user nor its own infrastructure's users.

    What answers those alone is not down: there the scenario itself fails, for it arises from crossing.
    """
    try:
        http.require(endpoint)
    except Unreachable:
        if near.proxy == http.proxy:
            raise
        near.require(endpoint)
        if why := near.silence(endpoint):
            near.note(endpoint, why)
            raise
