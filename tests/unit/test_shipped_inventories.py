"""The inventories that we ship: people start from them, so they must load as they stand."""

from pathlib import Path

import pytest

from harness import inventory
from harness.conformance import catalogue, deviations
from harness.model import Testbed

FOLDER = Path(__file__).resolve().parents[2] / "inventories"
ALL = sorted(path.name for path in FOLDER.iterdir() if (path / "hosts.yml").exists())


def load(name: str) -> Testbed:
    return inventory.load(FOLDER / name).testbed


@pytest.mark.parametrize("name", ALL)
def test_routes_cross_both_ways_and_every_home_has_issuer_and_workstation(name: str) -> None:
    testbed = load(name)
    assert {route.id for route in testbed.routes} == {
        "egi:cstcloud", "cstcloud:egi", "egi:egi", "cstcloud:cstcloud",
    }  # fmt: skip
    for infrastructure in testbed.infrastructures:
        assert testbed.issuer_service(infrastructure.name).endpoint == infrastructure.issuer
        assert testbed.workstation(infrastructure.name)


@pytest.mark.parametrize("name", ALL)
def test_every_relying_party_names_its_audience(name: str) -> None:
    services = [s for s in load(name).services() if s.type != "egi.aai.oidc"]
    assert services
    assert [s.endpoint for s in services if not s.audience] == []


def test_real_sites_have_no_containers() -> None:
    testbed = load("egi-cstcloud")
    assert {host.connection for host in testbed.hosts} == {"ssh", "local"}
    assert [i.network for i in testbed.infrastructures] == [None, None]


@pytest.mark.parametrize("name", ALL)
def test_known_deviations_are_read_and_name_requirements(name: str) -> None:
    requirements = catalogue.load()
    for entry in deviations.load(FOLDER / name / deviations.FILE):
        assert entry.requirement in requirements


def test_what_is_known_to_deviate_is_no_host() -> None:
    """Ansible reads every file of the folder, but this one."""
    assert (FOLDER / "twin" / deviations.FILE).exists()
    found = inventory.load(FOLDER / "twin")
    assert deviations.FILE not in str(found.variables)
    assert not any(
        deviations.KEY in fields.get("group_names", ()) for fields in found.variables.values()
    )
