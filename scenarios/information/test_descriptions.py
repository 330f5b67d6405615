"""Published services, endpoints and shares are described completely."""

from __future__ import annotations

import pytest

from harness.model import Route
from harness.services.information import rules
from harness.services.information.fixtures import Indexes


@pytest.mark.requirement("INFO-002")
@pytest.mark.killed_by("publishes-no-quality-level")
def test_services_are_described(route: Route, information: Indexes) -> None:
    """Every service has an id, a type, a quality level and the site to which it belongs."""
    tree = information.at(route.resource).read()
    tree.required("Service")
    broken = rules.violations(tree, rules.mandatory("Service"), rules.domains_match)
    assert not broken, rules.told(broken)


@pytest.mark.requirement("INFO-003")
@pytest.mark.killed_by("publishes-no-quality-level")
def test_endpoints_are_described(route: Route, information: Indexes) -> None:
    """Every endpoint has an id, an address, an interface, its software with its version, and its states."""
    tree = information.at(route.resource).read()
    tree.required("Endpoint")
    broken = rules.violations(tree, rules.mandatory("Endpoint"))
    assert not broken, rules.told(broken)


@pytest.mark.requirement("INFO-011")
@pytest.mark.killed_by("publishes-no-state-of-shares")
def test_shares_are_described(route: Route, information: Indexes) -> None:
    """Computing shares publish state, memory and slots; storage shares state, latency and retention."""
    tree = information.at(route.resource).read()
    tree.required("ComputingShare")
    tree.required("StorageShare")
    broken = rules.violations(tree, rules.mandatory("ComputingShare", "StorageShare"))
    assert not broken, rules.told(broken)
