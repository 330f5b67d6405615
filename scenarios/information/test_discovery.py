"""Services found only through the index of the user's home work."""

from __future__ import annotations

import pytest

from harness.model import Route
from harness.services.compute.client import JobDescription, JobState
from harness.services.compute.fixtures import ComputingElements
from harness.services.information import brokering
from harness.services.information.fixtures import Indexes
from harness.services.issuer.user import User
from harness.services.storage.fixtures import Storages


@pytest.mark.requirement("INFO-012")
@pytest.mark.killed_by("publishes-wrong-interfaces")
def test_a_storage_that_was_found_keeps_a_file(
    route: Route, discovery: Indexes, storage: Storages, member: User
) -> None:
    """A storage found in the home's index stores a file and returns it."""
    tree = discovery.at(route.home).read()
    found = brokering.found(tree, route.resource.service("webdav", capability="write"))
    file = storage.at(found).put("1 KiB", by=member)
    assert file.get(by=member).expect_ok().body == file.data.content


@pytest.mark.requirement("INFO-012")
@pytest.mark.killed_by("publishes-wrong-interfaces")
def test_a_computing_element_that_was_found_runs_a_job(
    route: Route, discovery: Indexes, compute: ComputingElements, member: User
) -> None:
    """A computing element found in the home's index runs a job."""
    tree = discovery.at(route.home).read()
    known = route.resource.service("org.nordugrid.arex", "org.opensciencegrid.htcondorce")
    found = brokering.found(tree, known)
    element = compute.at(route.resource.only(found, of=(found.type,)))
    job = element.run(JobDescription("/bin/echo", ("found",)), element.token(member))
    assert job.wait().state is JobState.DONE
    assert job.output() == "found\n"
