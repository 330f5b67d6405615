"""`needs` is decided by what the inventory declares."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import inventory
from harness.engine.needs import Need
from harness.model import Testbed
from tests.unit.routes import BACK, CROSS
from tests.unit.suites import Ran


@pytest.fixture(scope="module")
def testbed() -> Testbed:
    return inventory.load(Path(__file__).parents[3] / "inventories" / "twin").testbed


@pytest.mark.parametrize(
    ("need", "route", "declared"),
    [
        # the issuer is the home's
        (Need("egi.aai.oidc", "device"), CROSS, True),
        (Need("egi.aai.oidc", "device"), BACK, False),
        # everything else is the resource's
        (Need("org.nordugrid.arex"), BACK, True),
        (Need("org.nordugrid.arex"), CROSS, False),
        (Need("webdav", implementation="apache"), CROSS, True),
        (Need("webdav", implementation="apache"), BACK, False),
        (Need("webdav", "third-party-copy"), CROSS, True),
        # capability and implementation must be one service's
        (Need("webdav", "third-party-copy", implementation="apache"), CROSS, False),
    ],
)
def test_it_asks_the_right_site(testbed: Testbed, need: Need, route: str, declared: bool) -> None:
    (found,) = testbed.select([route])
    assert need.declared(need.site(found, testbed)) is declared


def test_it_reads_as_what_is_missing() -> None:
    assert (
        str(Need("webdav", "checksum", implementation="apache")) == "webdav of apache with checksum"
    )


PROFILES = """
import pytest
pytestmark = pytest.mark.killed_by("closed")

@pytest.mark.requirement("AUTH-049")
def test_alone(route):
    raise AssertionError("it must not run at a site that follows the profile wlcg")


@pytest.mark.requirement("AUTH-049", "AUTH-050")
@pytest.mark.needs("webdav")
def test_with_another(route):
    pass


@pytest.mark.requirement("AUTHZ-008")
def test_of_wlcg(route):
    pass
"""


def test_a_scenario_does_not_run_where_the_site_is_held_to_none_of_it(
    suite: Callable[..., Ran],
) -> None:
    ran = suite(PROFILES, "egi:cstcloud")
    alone = ran.outcome("test_alone")
    assert (alone.status, alone.profiles) == ("not offered", ("wlcg",))
    assert alone.message == "CSTCLOUD-TWIN follows the token profile wlcg: AUTH-049 is of rfc9068"
    assert ran.outcome("test_with_another").status == "passed"
    assert ran.outcome("test_of_wlcg").status == "passed"
