"""Published information follows the EGI profile of GLUE 2."""

from __future__ import annotations

import pytest

from harness.model import Route
from harness.services.information import rules
from harness.services.information.fixtures import Indexes


@pytest.mark.requirement("INFO-001")
@pytest.mark.killed_by("publishes-old-entries", "publishes-placeholders")
def test_no_rule_of_the_profile_is_broken(route: Route, information: Indexes) -> None:
    """Published information breaks no ERROR rule of the EGI profile."""
    tree = information.at(route.resource).read()
    tree.required("Endpoint")
    broken = rules.violations(tree, *rules.ERRORS)
    assert not broken, rules.told(broken)


@pytest.mark.requirement("INFO-006")
@pytest.mark.killed_by("publishes-places-off-the-map")
def test_a_site_lies_on_the_map(route: Route, information: Indexes) -> None:
    """Longitude and latitude of a site are within their ranges."""
    tree = information.at(route.resource).read()
    assert all(place.one("LocationLatitude") for place in tree.required("Location"))
    broken = rules.violations(tree, rules.on_the_map)
    assert not broken, rules.told(broken)


@pytest.mark.requirement("INFO-009")
@pytest.mark.killed_by("publishes-placeholders")
def test_no_number_is_a_placeholder(route: Route, information: Indexes) -> None:
    """Numbers of waiting jobs and waiting times are no placeholders."""
    tree = information.at(route.resource).read()
    tree.required("ComputingShare")
    broken = rules.violations(tree, rules.no_placeholders)
    assert not broken, rules.told(broken)


@pytest.mark.requirement("INFO-010")
@pytest.mark.killed_by("publishes-keys-to-nothing")
def test_keys_lead_to_published_objects(route: Route, information: Indexes) -> None:
    """Every foreign key names an object that is published."""
    tree = information.at(route.resource).read()
    tree.required("Endpoint")
    broken = rules.violations(tree, rules.keys_lead_somewhere, rules.hierarchy_is_whole)
    assert not broken, rules.told(broken)
