"""In a proof, a scenario runs against the mutants that it names, and those that every proof needs."""

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
print(json.dumps([[c.scenario.rpartition(":")[2], c.route, c.mutant] for c in cells]))
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

Found = set[tuple[str, str, str]]
BOTH = ("egi:cstcloud", "cstcloud:egi")


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


def mutants_of(found: Found, scenario: str, *routes: str) -> set[str]:
    return {
        mutant for name, way, mutant in found if name == scenario and (way in routes or not routes)
    }


def routes_of(found: Found, scenario: str) -> set[str]:
    return {way for name, way, _ in found if name == scenario}


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
    """Both sites have the same storage, and not the same computing element."""
    found = pairs(SCENARIOS)
    for scenario in ("test_refusal", "test_grant", "test_cases[one]"):
        assert len(routes_of(found, scenario)) == 1
    for route in BOTH:
        assert mutants_of(found, "test_jobs", route) == {"faultless", "closed", "open"}
    assert {route for _, route, _ in found} == set(BOTH), "routes at home show nothing here"


def test_nothing_runs_where_it_is_not_offered(pairs: Callable[..., Found]) -> None:
    assert routes_of(pairs(SCENARIOS), "test_issuer") == {"egi:cstcloud"}


def test_one_mutant_brings_the_faultless_site_along(pairs: Callable[..., Found]) -> None:
    found = pairs(SCENARIOS, "ignores-nbf")
    assert {name for name, _, _ in found} == {"test_cases[one]"}
    assert mutants_of(found, "test_cases[one]") == {"faultless", "ignores-nbf"}


def test_a_pair_that_is_named_is_kept_without_the_others(pairs: Callable[..., Found]) -> None:
    named = "auth/test_suite.py::test_grant[egi:cstcloud~faultless]"
    assert pairs(SCENARIOS, only=named) == {("test_grant", "egi:cstcloud", "faultless")}


def test_what_is_known_to_fail_shows_nothing_against_a_mutant(
    pairs: Callable[..., Found], inventory_folder: Path
) -> None:
    entry = {
        "requirement": "AUTH-017",
        "scenario": "auth/test_suite.py::test_grant",
        "routes": ["egi:cstcloud"],
        "owner": "somebody",
        "reason": "it is so",
        "link": "https://example.org/1",
        "since": "2026-01-01",
        "expires": "2100-01-01",
    }
    text = yaml.safe_dump({"known_deviations": [entry]})
    (inventory_folder / "known-deviations.yaml").write_text(text)
    found = pairs(SCENARIOS)
    assert routes_of(found, "test_grant") == {"cstcloud:egi"}


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
