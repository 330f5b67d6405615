"""Storage records of a site agree with what members have stored there."""

from __future__ import annotations

import time

import pytest

from harness.model import Route
from harness.services.accounting.fixtures import Repositories
from harness.services.cloud.fixtures import Clouds
from harness.services.issuer.user import User


@pytest.mark.requirement("ACC-007")
@pytest.mark.needs("egi.APELRepository", "storage")
@pytest.mark.killed_by("halves-bytes", "leaves-out-storage-systems")
def test_a_storage_record_is_complete_and_reports_the_bytes(
    route: Route, accounting: Repositories, cloud: Clouds, member: User
) -> None:
    """A container's record has all fields that APEL requires, and the bytes of its objects."""
    since = time.time()
    container = cloud.at(route.resource).container(by=member)
    stored = [container.put("64 KiB"), container.put("1 KiB")]
    record = accounting.at(route.resource).wait_for_share(
        container.name, holding=len(stored), since=since
    )
    assert not record.missing, f"the record lacks {record.missing}: {record.fields}"
    assert record.number("ResourceCapacityUsed") == sum(len(one.content) for one in stored)
    assert record.number("StartTime") <= record.number("EndTime") <= time.time() + 1
    assert record.site == route.resource.name
