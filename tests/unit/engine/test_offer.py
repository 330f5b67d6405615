"""`needs` is decided by what the inventory declares."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

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
        # one of several types is enough, and one of several capabilities
        (Need(("org.nordugrid.arex", "org.opensciencegrid.htcondorce"), "submit"), CROSS, True),
        (Need("egi.aai.oidc", ("device", "password")), BACK, True),
        # the storage of the user's home
        (Need("webdav", "copy", side="home"), BACK, True),
        (Need("webdav", "copy", side="home"), CROSS, False),
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
    assert str(Need(("a", "b"), ("c", "d"))) == "a or b with c or d"


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


USES = """
import pytest
pytestmark = [pytest.mark.killed_by("closed"), pytest.mark.requirement("AUTH-017")]


def test_of_data(route, storage):
    storage.at(route.resource)


def test_of_data_at_home(route, storage):
    storage.at(route.home)


def test_of_jobs(route, element):
    pass


def test_of_jobs_by_commands(route, arc_commands):
    pass


def test_of_a_cloud(route, cloud):
    pass


def test_of_whatever_is_there(storage, cloud, compute, entrances):
    assert entrances == []


def test_of_what_is_asked_for_late(route):
    where = route.resource
    where.service("XRootD")


def test_of_the_issuer(route, issuer):
    pass
"""


@pytest.fixture
def _storage_alone(inventory_folder: Path) -> None:
    """CSTCloud's site has an issuer and a WebDAV endpoint to which nobody may write, and nothing else."""
    hosts = inventory_folder / "hosts.yml"
    content = yaml.safe_load(hosts.read_text())
    machines = content["all"]["children"]["infrastructures"]["children"]["cstcloud"]["hosts"]
    for host in machines.values():
        kept = [s for s in host.get("services", ()) if s["type"] in ("egi.aai.oidc", "webdav")]
        host["services"] = kept
        for service in kept:
            if service["type"] == "webdav":
                service["capabilities"] = ["read"]
    hosts.write_text(yaml.safe_dump(content))


@pytest.mark.usefixtures("_storage_alone")
def test_a_site_that_offers_less_is_asked_less(suite: Callable[..., Ran]) -> None:
    """Nothing of it is inconclusive: what its fixtures use decides, at the site and at home."""
    ran = suite(USES, "*:cstcloud", "cstcloud:egi", env={"TESTBED_WORKERS": "2"})
    found = {
        (o.scenario.rpartition("::test_of_")[2], f"{o.home}:{o.resource}"): (o.status, o.message)
        for o in ran.outcomes
    }
    there = {test: said for (test, route), said in found.items() if route == "egi:cstcloud"}
    less = {test for test, (status, _) in there.items() if status == "not offered"}
    assert less == {"data", "jobs", "jobs_by_commands", "a_cloud", "what_is_asked_for_late"}
    assert there["data"][1].startswith("CSTCLOUD-TWIN does not declare webdav with write; ")
    assert there["jobs"][1] == (
        "CSTCLOUD-TWIN does not declare org.nordugrid.arex or org.opensciencegrid.htcondorce with submit; "
        "no endpoint is declared, so nothing can be probed"
    )
    assert there["what_is_asked_for_late"][1] == "CSTCLOUD-TWIN offers no XRootD"
    assert found["data_at_home", "cstcloud:egi"][0] == "not offered"
    shown = {test: there[test][0] for test in there.keys() - less}
    assert shown == {"data_at_home": "passed", "whatever_is_there": "error", "the_issuer": "error"}
