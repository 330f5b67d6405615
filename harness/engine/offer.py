"""A scenario does not run where the site does not offer what it needs, or is not held to what it shows.

What counts is what the inventory declares. Declared but refused is a failure; what is not declared is
looked for, and found all the same it is told as a warning.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest

from harness.conformance import catalogue
from harness.engine import limiting
from harness.engine.cells import requirements, requirements_of
from harness.engine.needs import needs_of, profiles_of
from harness.engine.not_shown import WARNING, NotOffered, NotRun
from harness.engine.plugin import testbed_of
from harness.engine.probes import Probes
from harness.errors import NoIssuerKey, NotAllowed, NoWayIn
from harness.model import Route, Testbed


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Tell apart what a fixture cannot have, whatever the sites do."""
    with _as_not_run(testbed_of(item.config)):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Tell apart what a scenario cannot have, whatever the sites do."""
    with _as_not_run(testbed_of(item.config)):
        return (yield)


@contextmanager
def _as_not_run(testbed: Testbed) -> Iterator[None]:
    """Turn the want of a real site's key or logs into an outcome; that of our own is a failure."""
    try:
        yield
    except (NoWayIn, NotAllowed) as error:
        raise NotRun(str(error)) from error
    except NoIssuerKey as error:
        if testbed.host(testbed.issuer_service(error.infrastructure).host).roles:
            raise
        raise NotRun(str(error)) from error


@pytest.fixture(scope="session")
def probes(request: pytest.FixtureRequest) -> Probes:
    """Look for what is not declared."""
    return Probes(request.getfixturevalue)


@pytest.fixture(autouse=True)
def _offered(request: pytest.FixtureRequest, route: Route, testbed: Testbed) -> None:
    """Run the scenario only where all that it needs is declared, and where the site is held to it."""
    item = request.node
    limiting.check(item, route, testbed)
    profiles = profiles_of(item, route.resource)
    shown = [requirements()[id_] for id_ in requirements_of(item)]
    if not any(requirement.held_by(profiles) for requirement in shown):
        raise NotOffered(catalogue.not_held(route.resource.name, profiles, shown))
    for need in needs_of(item):
        site = need.site(route, testbed)
        if need.declared(site):
            continue
        probes: Probes = request.getfixturevalue("probes")
        findings = probes.ask(need, site, route.home)
        if found := [finding.seen for finding in findings if finding.there]:
            item.stash[WARNING] = f"not declared, but it is there: {'; '.join(found)}"
        absent = "; ".join(finding.seen for finding in findings if not finding.there)
        raise NotOffered(f"{site.name} does not declare {need}" + (f"; {absent}" if absent else ""))
