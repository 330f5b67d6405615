"""What is said to stay where `testbed up` is interrupted is what `testbed down` then leaves."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import inventory
from harness.provision import hosts, removal

SHIPPED = Path(__file__).parents[3] / "inventories"


@pytest.mark.parametrize(
    ("name", "removed", "stays"), [("twin", True, False), ("machines", False, True)]
)
def test_what_stays_is_told_by_how_hosts_are_provisioned(
    name: str, *, removed: bool, stays: bool
) -> None:
    testbed = inventory.load(SHIPPED / name).testbed
    said = removal.what_stays(testbed)
    assert ("`testbed down` removes them" in said) is removed is bool(hosts.of_containers(testbed))
    assert ("`testbed down` does not touch them" in said) is stays
    assert bool(hosts.of_machines(testbed.hosts)) is stays


def test_of_sites_that_others_run_nothing_is_ours() -> None:
    testbed = inventory.load(SHIPPED / "machines").testbed.model_copy(update={"hosts": ()})
    assert "no host is provisioned by the testbed" in removal.what_stays(testbed)
