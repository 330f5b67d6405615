"""A scenario runs once for each service that it tests; in a proof, against mutants of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from harness.conformance.outcomes import Cell
from tests.unit.routes import BACK, CROSS
from tests.unit.suites import Ran

ROOT = Path(__file__).resolve().parents[3]

_SCRIPT = """
import json, os, sys
from pathlib import Path
from harness.engine import session

inventory, suite, *mutants = sys.argv[1:]
selection = session.Selection(
    Path(inventory),
    scenarios=Path(suite),
    prove=True,
    mutants=tuple(mutants),
    only=tuple(filter(None, os.environ["ONLY"].split())),
)
cells = session.collect(selection).cells
print(json.dumps([
    [c.test.rpartition(":")[2], c.route, c.mutant, c.implementation] for c in cells
]))
"""

_CELLS = """
import sys
from pathlib import Path
from harness.engine import session

inventory, suite, *routes = sys.argv[1:]
selection = session.Selection(Path(inventory), scenarios=Path(suite), routes=tuple(routes))
for cell in session.collect(selection).cells:
    print(cell.model_dump_json())
"""

_AGAIN = """
import sys
from dataclasses import replace
from pathlib import Path
from harness.engine import session

inventory, suite = sys.argv[1:]
selection = session.Selection(Path(inventory), scenarios=Path(suite), prove=True)
first = session.collect(selection)
sound = [first.node_ids[cell.key] for cell in first.cells if cell.mutant == "faultless"]
again = session.collect(replace(selection, only=tuple(sound)))
print(len(sound), len(again.cells))
"""

SCENARIOS = """
import pytest

@pytest.mark.requirement("AUTH-017")
@pytest.mark.killed_by("ignores-expiry")
def test_refusal(route, storage, refused):
    pass

@pytest.mark.requirement("AUTH-017")
@pytest.mark.killed_by("closed")
def test_grant(route, storage):
    pass

@pytest.mark.requirement("AUTH-017")
@pytest.mark.parametrize("case", [
    pytest.param(1, id="one", marks=pytest.mark.killed_by("ignores-nbf")),
    pytest.param(2, id="two", marks=pytest.mark.killed_by("ignores-expiry")),
])
def test_cases(route, storage, case):
    pass

@pytest.mark.requirement("AUTH-017")
@pytest.mark.killed_by("closed")
def test_jobs(route, compute, refused):
    pass

@pytest.mark.requirement("AUTH-017")
@pytest.mark.killed_by("closed")
@pytest.mark.needs("egi.aai.oidc", "device")
def test_issuer(route, issuer):
    pass
"""

Found = set[tuple[str, str, str, str]]
"""Test, route, mutant, and the software of the service that it tests."""
BOTH = (CROSS, BACK)


@pytest.fixture
def pairs(tmp_path: Path, inventory_folder: Path) -> Callable[..., Found]:
    """Collect the pairs of a file of scenarios."""

    def collect(source: str, *mutants: str, only: str = "") -> Found:
        file = tmp_path / "suite" / "auth" / "test_suite.py"
        file.parent.mkdir(parents=True)
        file.write_text(textwrap.dedent(source))
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, inventory_folder, file.parents[1], *mutants],
            env=os.environ | {"PYTHONPATH": str(ROOT), "ONLY": only},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return {tuple(found) for found in json.loads(done.stdout)}

    return collect


def mutants_of(found: Found, test: str, *routes: str) -> set[str]:
    return {
        mutant for name, way, mutant, _ in found if name == test and (way in routes or not routes)
    }


def routes_of(found: Found, test: str, software: str = "") -> set[str]:
    return {way for name, way, _, of in found if name == test and (of == software or not software)}


def test_every_scenario_meets_its_own_mutants_and_those_of_every_proof(
    pairs: Callable[..., Found],
) -> None:
    found = pairs(SCENARIOS)
    of_all = {"faultless", "closed"}
    assert mutants_of(found, "test_refusal") == {*of_all, "open", "ignores-expiry"}
    assert mutants_of(found, "test_grant") == of_all
    assert mutants_of(found, "test_cases[one]") == {*of_all, "ignores-nbf"}
    assert mutants_of(found, "test_cases[two]") == {*of_all, "ignores-expiry"}


def test_a_pair_runs_once_for_each_implementation(pairs: Callable[..., Found]) -> None:
    """One storage of the sites is the same, the other is at one site; computing elements differ."""
    found = pairs(SCENARIOS)
    for test in ("test_refusal", "test_grant", "test_cases[one]"):
        assert len(routes_of(found, test, "xrootd")) == 1
        assert routes_of(found, test, "apache") == {CROSS}
    for route in BOTH:
        assert mutants_of(found, "test_jobs", route) == {"faultless", "closed", "open"}
    assert {route for _, route, _, _ in found} == set(BOTH), "routes at home show nothing here"


def test_nothing_runs_where_it_is_not_offered(pairs: Callable[..., Found]) -> None:
    assert routes_of(pairs(SCENARIOS), "test_issuer") == {CROSS}


def test_one_mutant_brings_the_faultless_site_along(pairs: Callable[..., Found]) -> None:
    found = pairs(SCENARIOS, "ignores-nbf")
    assert {name for name, *_ in found} == {"test_cases[one]"}
    assert mutants_of(found, "test_cases[one]") == {"faultless", "ignores-nbf"}


def test_a_pair_that_is_named_is_kept_without_the_others(pairs: Callable[..., Found]) -> None:
    named = f"auth/test_suite.py::test_grant[{CROSS}@apache~faultless]"
    assert pairs(SCENARIOS, only=named) == {("test_grant", CROSS, "faultless", "apache")}


def test_what_is_known_to_fail_shows_nothing_against_a_mutant(
    pairs: Callable[..., Found], inventory_folder: Path
) -> None:
    entry = {
        "requirement": "AUTH-017",
        "scenario": "auth/test_suite.py::test_grant",
        "routes": [CROSS],
        "owner": "somebody",
        "reason": "it is so",
        "link": "https://example.org/1",
        "since": "2026-01-01",
        "expires": "2100-01-01",
    }
    text = yaml.safe_dump({"known_deviations": [entry]})
    (inventory_folder / "known-deviations.yaml").write_text(text)
    found = pairs(SCENARIOS)
    assert routes_of(found, "test_grant") == {BACK}


def test_controls_that_are_named_one_by_one_are_tried_again(
    tmp_path: Path, inventory_folder: Path
) -> None:
    """Where only the faultless site showed nothing, no pair of a broken one keeps its place."""
    file = tmp_path / "suite" / "auth" / "test_suite.py"
    file.parent.mkdir(parents=True)
    file.write_text(SCENARIOS)
    done = subprocess.run(
        [sys.executable, "-c", _AGAIN, inventory_folder, file.parents[1]],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    before, after = done.stdout.split()[-2:]
    assert before == after != "0"


SERVICES = """
import pytest
from harness.evidence import step

pytestmark = [pytest.mark.requirement("AUTH-017"), pytest.mark.killed_by("closed")]


@pytest.fixture
def storage(): pass


@pytest.fixture
def cloud(): pass


@pytest.fixture
def entrances(): pass


def ask(service):
    with step(f"GET {service.endpoint}") as record:
        record.send(f"GET {service.endpoint}")


def test_storage(route, storage):
    found = [one for one in route.resource.services if one.type == "webdav"]
    assert len(found) == 1
    ask(found[0])


@pytest.mark.needs("webdav", "copy")
def test_needs(route, storage):
    ask(route.resource.service("webdav"))


@pytest.mark.needs("webdav", implementation="apache")
def test_needs_software(route, storage):
    ask(route.resource.service("webdav"))


@pytest.mark.parametrize("size", [1, 2])
def test_sizes(route, storage, size):
    ask(route.resource.service("webdav"))


@pytest.mark.needs("org.openstack.keystone")
def test_cloud(route, cloud):
    ask(route.resource.service("org.openstack.keystone"))


def test_nothing(route):
    assert [one.type for one in route.resource.services].count("webdav") == 2
    ask(route.resource.service("webdav"))


def test_all_at_once(route, entrances, storage):
    ask(route.resource.service("webdav"))
"""

DATA = "https://se.cstcloud.test/vo.interop"
OTHER = "https://se.cstcloud.test:8443/vo.interop"


@pytest.fixture
def collected(tmp_path: Path, inventory_folder: Path) -> Callable[..., dict[str, Cell]]:
    """Collect scenarios over a route; return the cells by their scenario's name in the file."""

    def collect(source: str, *words: str) -> dict[str, Cell]:
        file = tmp_path / "suite" / "auth" / "test_suite.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
        done = subprocess.run(
            [sys.executable, "-c", _CELLS, inventory_folder, file.parents[1], *words],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        cells = [Cell.model_validate_json(line) for line in done.stdout.splitlines()]
        return {cell.scenario.partition("::")[2]: cell for cell in cells}

    return collect


def test_a_scenario_runs_once_for_each_service_of_the_site_under_its_name(
    collected: Callable[..., dict[str, Cell]],
) -> None:
    found = collected(SERVICES, CROSS)
    services = {name: (cell.service, cell.implementation) for name, cell in found.items()}
    keystone = ("https://cloud.cstcloud.test:5000/v3", "keystone")
    assert services == {
        "test_storage[xrootd]": (DATA, "xrootd"),
        "test_storage[apache]": (OTHER, "apache"),
        # needs choose among them; where one is left, it needs no name
        "test_needs": (OTHER, "apache"),
        "test_needs_software": (OTHER, "apache"),
        "test_sizes[1-xrootd]": (DATA, "xrootd"),
        "test_sizes[1-apache]": (OTHER, "apache"),
        "test_sizes[2-xrootd]": (DATA, "xrootd"),
        "test_sizes[2-apache]": (OTHER, "apache"),
        "test_cloud": keystone,
        "test_nothing": ("", ""),
        "test_all_at_once": ("", ""),
    }
    assert found["test_sizes[1-apache]"].test == "auth/test_suite.py::test_sizes[1]"
    assert found["test_storage[xrootd]"].test == found["test_storage[apache]"].test


def test_where_a_site_has_one_service_its_name_is_left_out(
    collected: Callable[..., dict[str, Cell]],
) -> None:
    found = collected(SERVICES, BACK)
    assert found["test_storage"].implementation == "xrootd"
    assert found["test_storage"].scenario == found["test_storage"].test


def test_services_of_one_software_are_told_apart_by_their_address(
    collected: Callable[..., dict[str, Cell]], inventory_folder: Path
) -> None:
    hosts = inventory_folder / "hosts.yml"
    hosts.write_text(hosts.read_text().replace("implementation: apache", "implementation: xrootd"))
    found = collected(SERVICES, CROSS)
    assert {name: cell.service for name, cell in found.items() if "test_storage" in name} == {
        "test_storage[se.cstcloud.test]": DATA,
        "test_storage[se.cstcloud.test:8443]": OTHER,
    }
    assert {cell.implementation for name, cell in found.items() if "sizes" in name} == {"xrootd"}


def test_services_at_one_address_are_told_apart_by_their_endpoint(
    collected: Callable[..., dict[str, Cell]], inventory_folder: Path
) -> None:
    hosts = inventory_folder / "hosts.yml"
    text = hosts.read_text().replace("implementation: apache", "implementation: xrootd")
    hosts.write_text(text.replace(f"endpoint: {OTHER}", "endpoint: https://se.cstcloud.test/other"))
    found = collected(SERVICES, CROSS)
    assert {name.partition("[")[2] for name in found if "test_storage" in name} == {
        f"{DATA}]",
        "https://se.cstcloud.test/other]",
    }


def test_routes_are_chosen_by_pattern_and_by_site(
    collected: Callable[..., dict[str, Cell]], inventory_folder: Path
) -> None:
    one = "import pytest\n@pytest.mark.requirement('AUTH-017')\n@pytest.mark.killed_by('closed')\n"
    source = f"{one}@pytest.mark.parametrize('n', [1])\ndef test_it(route, n):\n    pass\n"
    for pattern, route in (("egi:cstcloud", CROSS), (BACK, BACK)):
        assert [cell.route for cell in collected(source, pattern).values()] == [route]


def test_in_a_scenario_the_route_has_the_service_under_test_alone(
    suite: Callable[..., Ran],
) -> None:
    """Each is run under its own name, and what it asked is that service and no other."""
    ran = suite(SERVICES, CROSS)
    passed = {o.scenario.partition("::")[2]: o for o in ran.outcomes if o.status == "passed"}
    assert passed.keys() >= {"test_storage[xrootd]", "test_storage[apache]", "test_nothing"}
    assert len(passed) == len(ran.outcomes) == 11
    for name, endpoint in (
        ("test_storage[xrootd]", DATA),
        ("test_storage[apache]", OTHER),
        ("test_needs", OTHER),
        ("test_sizes[2-apache]", OTHER),
    ):
        assert [one.endpoint for one in passed[name].services] == [endpoint], name
        assert passed[name].acted
