"""The published capacities of a site are correct."""

from __future__ import annotations

import pytest

from harness.model import Route
from harness.services.information import rules
from harness.services.information.fixtures import Indexes
from harness.services.information.operation import BatchSystem

ELEMENTS = ("org.nordugrid.arex", "org.opensciencegrid.htcondorce")


@pytest.mark.requirement("INFO-008")
@pytest.mark.needs("Site-BDII")
@pytest.mark.killed_by("publishes-more-free-slots")
def test_capacities_add_up(route: Route, information: Indexes) -> None:
    """Used and free slots do not exceed the total, and parts of a storage add up to it."""
    tree = information.at(route.resource).read()
    share = tree.required("ComputingShare")[0]
    assert share.number("ComputingShareFreeSlots") is not None
    broken = rules.violations(tree, rules.capacities_add_up)
    assert not broken, rules.told(broken)


@pytest.mark.requirement("INFO-008")
@pytest.mark.needs(ELEMENTS)
@pytest.mark.killed_by("publishes-more-processors")
def test_slots_are_those_of_the_batch_system(
    route: Route, information: Indexes, batch_system: BatchSystem
) -> None:
    """A site publishes as many slots as its batch system reports."""
    managers = information.at(route.resource).read().required("ComputingManager")
    published = sum(
        manager.number("ComputingManagerTotalSlots")
        or manager.number("ComputingManagerTotalLogicalCPUs")
        or 0
        for manager in managers
    )
    assert published == batch_system(route.resource.service(*ELEMENTS))
