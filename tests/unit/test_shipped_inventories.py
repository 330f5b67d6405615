"""The inventories that we ship: people start from them, so they must load as they stand."""

import configparser
import re
from pathlib import Path

import pytest

from harness import inventory
from harness.conformance import agreement, catalogue, deviations, downtimes
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


@pytest.mark.parametrize("name", ALL)
def test_the_agreement_and_the_downtimes_speak_of_the_sites_there(name: str) -> None:
    testbed = load(name)
    found = agreement.load(FOLDER / name / agreement.FILE, testbed)
    assert found
    assert all(found.targets_of(site.name) for site in testbed.sites)
    assert downtimes.load(FOLDER / name / downtimes.FILE, testbed) == ()


@pytest.mark.parametrize("name", ALL)
def test_the_example_of_a_downtime_is_one(name: str, tmp_path: Path) -> None:
    """What the comment shows may be uncommented."""
    lines = (FOLDER / name / downtimes.FILE).read_text().splitlines()
    example = [line[1:] for line in lines if line.startswith("#  ")]
    file = tmp_path / downtimes.FILE
    file.write_text("\n".join(["downtimes:", *example]))
    (found,) = downtimes.load(file, load(name))
    assert found.is_scheduled


@pytest.mark.parametrize(
    ("file", "key"),
    [
        (agreement.FILE, agreement.KEY),
        (deviations.FILE, deviations.KEY),
        (downtimes.FILE, downtimes.KEY),
    ],
)
def test_what_stands_beside_the_hosts_is_no_host(file: str, key: str) -> None:
    """Ansible reads every file of the folder, but these."""
    assert (FOLDER / "twin" / file).exists()
    found = inventory.load(FOLDER / "twin")
    assert file not in str(found.variables)
    assert not any(key in fields.get("group_names", ()) for fields in found.variables.values())


def test_the_plays_leave_out_what_the_harness_does() -> None:
    config = configparser.ConfigParser()
    config.read(FOLDER.parent / "playbooks" / "ansible.cfg")
    ignored = re.compile(config["inventory"]["ignore_patterns"])
    assert all(ignored.fullmatch(file) for file in inventory.BESIDE)
