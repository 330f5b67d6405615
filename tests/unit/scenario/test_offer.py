"""`needs` is decided by what the inventory declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import inventory
from harness.model import Testbed
from harness.scenario.needs import Need


@pytest.fixture(scope="module")
def testbed() -> Testbed:
    return inventory.load(Path(__file__).parents[3] / "inventories" / "twin").testbed


@pytest.mark.parametrize(
    ("need", "route", "declared"),
    [
        # the issuer is the home's
        (Need("egi.aai.oidc", "device"), "egi:cstcloud", True),
        (Need("egi.aai.oidc", "device"), "cstcloud:egi", False),
        # everything else is the resource's
        (Need("org.nordugrid.arex"), "cstcloud:egi", True),
        (Need("org.nordugrid.arex"), "egi:cstcloud", False),
        (Need("webdav", implementation="apache"), "egi:cstcloud", True),
        (Need("webdav", implementation="apache"), "cstcloud:egi", False),
        (Need("webdav", "third-party-copy"), "egi:cstcloud", True),
        # capability and implementation must be one service's
        (Need("webdav", "third-party-copy", implementation="apache"), "egi:cstcloud", False),
    ],
)
def test_it_asks_the_right_site(testbed: Testbed, need: Need, route: str, declared: bool) -> None:
    (found,) = (r for r in testbed.routes if r.id == route)
    assert need.declared(need.site(found, testbed)) is declared


def test_it_reads_as_what_is_missing() -> None:
    assert (
        str(Need("webdav", "checksum", implementation="apache")) == "webdav of apache with checksum"
    )
