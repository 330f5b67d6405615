"""Published times are possible."""

from __future__ import annotations

import pytest

from harness.model import Route
from harness.services.information import rules
from harness.services.information.fixtures import Indexes


@pytest.mark.requirement("INFO-004")
@pytest.mark.killed_by("publishes-entries-of-tomorrow")
def test_nothing_was_made_in_the_future(route: Route, information: Indexes) -> None:
    """No object has a creation time in the future."""
    tree = information.at(route.resource).read()
    assert any(entry.one("EntityCreationTime") for entry in tree.required("Endpoint"))
    broken = rules.violations(tree, rules.made_in_the_past)
    assert not broken, rules.told(broken)


@pytest.mark.requirement("INFO-005")
@pytest.mark.killed_by("publishes-old-entries")
def test_objects_are_renewed_in_time(route: Route, discovery: Indexes) -> None:
    """In the index of the user's home, no object of a site is past its validity."""
    tree = discovery.at(route.home).read().within(route.resource.name)
    assert any(entry.one("EntityValidity") for entry in tree.required("Endpoint"))
    broken = rules.violations(tree, rules.valid)
    assert not broken, rules.told(broken)


@pytest.mark.requirement("INFO-007")
@pytest.mark.killed_by("starts-tomorrow", "ends-downtimes-before-they-start")
def test_starts_and_downtimes_are_in_order(route: Route, information: Indexes) -> None:
    """No endpoint starts in the future, and no downtime ends before it starts."""
    tree = information.at(route.resource).read()
    tree.required("Endpoint")
    broken = rules.violations(tree, rules.times_in_order)
    assert not broken, rules.told(broken)
