"""The inventories that we ship: people start from them, so they must load as they stand."""

import configparser
import itertools
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from harness import inventory
from harness.conformance import agreement, beside, catalogue, deviations, downtimes, framework
from harness.conformance.outcomes import Cell
from harness.inventory.source import LEFTOVERS
from harness.kinds import registry
from harness.model import Testbed

FOLDER = Path(__file__).resolve().parents[2] / "inventories"
ALL = sorted(path.name for path in FOLDER.iterdir() if (path / "hosts.yml").exists())

COLLECT = """
import sys
from pathlib import Path
from harness.engine import session

for cell in session.collect(session.Selection(Path(sys.argv[1]))).cells:
    print(cell.model_dump_json())
"""


def load(name: str) -> Testbed:
    return inventory.load(FOLDER / name).testbed


@pytest.mark.parametrize("name", ALL)
def test_routes_lead_to_every_site_and_every_home_has_issuer_and_workstation(name: str) -> None:
    testbed = load(name)
    assert sorted((route.home.name, route.resource.name) for route in testbed.routes) == sorted(
        itertools.product(
            (i.name for i in testbed.infrastructures), (s.name for s in testbed.sites)
        )
    )
    for infrastructure in testbed.infrastructures:
        assert testbed.issuer_service(infrastructure.name).endpoint == infrastructure.issuer
        assert testbed.workstation(infrastructure.name)


@pytest.mark.parametrize("name", ALL)
def test_the_ten_lines_of_the_docs_add_a_site(name: str, tmp_path: Path) -> None:
    """Copied from docs/sites.md beside the hosts of an inventory, they add a site and change no other."""
    docs = (FOLDER.parent / "docs" / "sites.md").read_text()
    (lines,) = re.findall(r"^## A site\n.*?^```yaml\n(.*?)^```", docs, re.MULTILINE | re.DOTALL)
    assert lines.count("\n") <= 10
    shutil.copytree(FOLDER / name, tmp_path / name)
    (tmp_path / name / "my-site.yml").write_text(lines)
    before, after = load(name), inventory.load(tmp_path / name).testbed
    assert {s.name: s for s in after.sites if s.name != "MY-SITE"} == {
        s.name: s for s in before.sites
    }
    (added,) = (site for site in after.sites if site.name == "MY-SITE")
    assert (added.infrastructure, len(added.services)) == ("egi", 1)


@pytest.mark.parametrize("name", ALL)
def test_every_relying_party_names_its_audience(name: str) -> None:
    # An accounting repository is opened by a key, not by a token.
    others = {*registry().home_types, "egi.APELRepository"}
    services = [s for s in load(name).services() if s.type not in others]
    assert services
    assert [s.endpoint for s in services if not s.audience] == []


@pytest.fixture(scope="module")
def scenarios() -> set[str]:
    """The names of all functions that the twin's scenarios consist of."""
    return {cell.scenario.partition("[")[0] for cell in cells("twin")}


@cache
def cells(name: str) -> tuple[Cell, ...]:
    """Return the cells of the real scenarios over an inventory; pytest has a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", COLLECT, FOLDER / name],
        cwd=FOLDER.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return tuple(map(Cell.model_validate_json, done.stdout.splitlines()))


@pytest.mark.parametrize("name", ALL)
def test_the_scenarios_are_collected_over_it(name: str, scenarios: set[str]) -> None:
    """Whatever its sites declare: what none of them offers is no misspelt word."""
    found, testbed = cells(name), load(name)
    assert {cell.scenario.partition("[")[0] for cell in found} == scenarios
    assert {cell.route for cell in found} == {route.id for route in testbed.routes}
    assert len({cell.key for cell in found}) == len(found)
    endpoints = {(service.site, service.endpoint) for service in testbed.services()}
    assert {(cell.site, cell.service) for cell in found if cell.service} <= endpoints
    known = deviations.load(FOLDER / name / deviations.FILE)
    assert deviations.faults(known, catalogue=catalogue.load(), cells=found) == []


@pytest.mark.parametrize("name", ALL)
def test_every_storage_of_a_site_is_tested_under_its_own_name(name: str) -> None:
    tested = {(cell.site, cell.service) for cell in cells(name)}
    storages = [s for s in load(name).services() if s.type == "webdav"]
    assert storages
    assert [s.endpoint for s in storages if (s.site, s.endpoint) not in tested] == []


def test_real_sites_have_no_containers() -> None:
    testbed = load("egi-cstcloud")
    assert {host.connection for host in testbed.hosts} == {"ssh", "local"}
    assert [i.network for i in testbed.infrastructures] == [None, None]


def test_the_triple_has_more_of_everything_than_two() -> None:
    """What is written for two infrastructures, or for one site of each, is found by it."""
    testbed, twin = load("triple"), load("twin")
    assert [i.name for i in testbed.infrastructures] == ["egi", "cstcloud", "gosc"]
    assert {site.name for site in testbed.sites if site.infrastructure == "egi"} == {
        "EGI-ONE", "EGI-TWO",
    }  # fmt: skip
    storages = [s for s in testbed.services() if (s.site, s.type) == ("EGI-TWO", "webdav")]
    assert len(storages) == 2
    assert {host.roles for host in testbed.hosts} <= {host.roles for host in twin.hosts}
    networks = [i.network for bed in (testbed, twin) for i in bed.infrastructures]
    assert len(set(networks)) == len(networks), "it stands beside the twin"


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
    assert sorted(found.policies) == framework.names()
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
    assert all(ignored.fullmatch(file) for file in beside.FILES)
    assert set(LEFTOVERS) <= set(ignored.pattern.split("|"))
