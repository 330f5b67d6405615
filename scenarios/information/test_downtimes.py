"""Downtimes are published, and jobs go elsewhere."""

from __future__ import annotations

import pytest

from harness.model import Route
from harness.services.information import brokering
from harness.services.information.fixtures import Indexes, Registries
from harness.services.information.operation import DeclareDowntime

ELEMENTS = ("org.nordugrid.arex", "org.opensciencegrid.htcondorce")


@pytest.mark.alone
@pytest.mark.requirement("INFO-014")
@pytest.mark.needs(ELEMENTS)
@pytest.mark.killed_by("hides-downtimes")
def test_no_job_goes_to_an_element_in_downtime(
    route: Route,
    discovery: Indexes,
    site_registry: Registries,
    declare_downtime: DeclareDowntime,
) -> None:
    """A broker that uses index and registry sends jobs to an element, but none while it is in downtime."""
    registry = site_registry.at(route.resource)
    element = route.resource.service(*ELEMENTS)
    tree = discovery.at(route.home).read().within(route.resource.name)
    address = brokering.found(tree, element).endpoint
    assert address in brokering.open_to_jobs(tree, registry.downtimes())
    with declare_downtime(element):
        declared = registry.downtimes()
        assert (element.host, element.type) in {(one.host, one.type) for one in declared}
        assert address not in brokering.open_to_jobs(tree, declared)
    assert address in brokering.open_to_jobs(tree, registry.downtimes())
