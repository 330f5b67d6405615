"""Three infrastructures, one with two sites: every cell has its own name, every failure its site."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness import inventory as inventories
from harness.conformance import outcomes
from harness.conformance.verdicts import CellVerdict, Judgement, Verdict
from harness.errors import ExitCode
from harness.model import Testbed as Model
from tests.e2e.conftest import command, copied
from tests.e2e.night import Testbed

SECOND = "EGI-TWO"
"""The second site of EGI: two storages on one host, Apache's and XRootD's."""

PART = (
    "test_a_token_names_issuer_audience_and_life or test_a_member_enters_the_project"
    " or (test_an_object_comes_back and MiB) or test_the_storage_tells_the_checksum_of_a_file"
    " or (test_a_file_comes_back_as_it_was_stored and MiB)"
    " or (test_a_pulled_copy_keeps_its_checksum and MiB)"
    " or test_writing_with_a_scope_to_read_is_refused or test_no_issuer_signs_for_another"
    " or (test_a_faulty_token_is_refused and expired) or test_a_storage_accepts_both_algorithms"
)
"""Quick scenarios of issuers, storages and the cloud; two of them need another infrastructure's issuer."""

AUDIENCE = "https://se.two.test:8443"


@dataclass(frozen=True)
class Triple:
    """The testbed, up."""

    model: Model
    folder: Path
    testbed: Testbed

    def run(self, expression: str) -> tuple[int, Judgement]:
        """Run a part of the scenarios over all routes; return the exit code and the verdicts."""
        done = self.testbed("run", "-k", expression)
        return done.returncode, Judgement.read(self.folder / "runs" / "latest")

    @property
    def latest(self) -> Path:
        """The folder of the latest run."""
        return self.folder / "runs" / "latest"

    def shell(self, host: str, line: str) -> None:
        """Run a line of shell on a host, which must succeed."""
        target = self.model.host(host).target
        subprocess.run(["docker", "exec", target, "sh", "-ec", line], check=True)


@pytest.fixture(scope="module")
def triple(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Triple]:
    """The testbed under another name and in other address ranges; it goes down after the last test."""
    folder = tmp_path_factory.mktemp("triple")
    inventory = copied(
        "triple", folder / "inventory", name="e2e-triple", ranges=("10.112.", "10.115.")
    )
    testbed = command(folder, inventory, pytestconfig)
    try:
        up = testbed("up")
        assert up.returncode == 0, up.stdout[-3000:]
        yield Triple(inventories.load(inventory).testbed, folder, testbed)
    finally:
        testbed("down")


@pytest.fixture
def wrong_audience(triple: Triple) -> Iterator[None]:
    """The Apache of the second site takes tokens for another service in the place of its own."""
    host, file = "se.two.test", "/etc/apache2/scopes.lua"

    def replace(old: str, new: str) -> None:
        script = (
            f"grep -qF '{old}' {file}; sed -i 's#{old}#{new}#' {file}; systemctl restart apache2"
        )
        triple.shell(host, script)

    wrong = "https://another.invalid"
    replace(AUDIENCE, wrong)
    yield
    replace(wrong, AUDIENCE)


def _told(cells: list[CellVerdict]) -> str:
    return "\n".join(f"{cell}: {cell.verdict}: {cell.reason}" for cell in cells)


def test_every_cell_of_every_route_is_found_under_its_own_name(triple: Triple) -> None:
    """Each home at each site, and each storage of a site that has two."""
    code, judged = triple.run(PART)
    wrong = [
        cell
        for cell in judged.scenarios
        if cell.verdict not in (Verdict.CONFORMANT, Verdict.NOT_OFFERED)
    ]
    assert not wrong, _told(wrong)
    assert code == ExitCode.AS_EXPECTED

    planned = outcomes.read_plan(triple.latest)
    keys = [outcome.key for outcome in outcomes.read(triple.latest)]
    assert sorted(keys) == sorted(cell.key for cell in planned)
    assert len(set(keys)) == len(keys)
    homes = [infrastructure.name for infrastructure in triple.model.infrastructures]
    routes = {f"{home}:{site.name}" for home, site in itertools.product(homes, triple.model.sites)}
    assert len(routes) == 12
    assert {cell.route for cell in planned} == routes
    for scenario in {cell.test_name for cell in planned}:
        assert {cell.route for cell in planned if cell.test_name == scenario} == routes

    stored = [c for c in judged.scenarios if "test_a_file_comes_back" in c.scenario]
    at_second = sorted((c.home, c.implementation) for c in stored if c.site == SECOND)
    assert at_second == sorted(itertools.product(homes, ["apache", "xrootd"]))
    assert all(cell.verdict is Verdict.CONFORMANT for cell in stored)


@pytest.mark.usefixtures("wrong_audience")
def test_a_fault_of_the_second_site_is_found_there_alone(triple: Triple) -> None:
    """For users of every home; neither EGI's first site nor the storage beside it is blamed."""
    code, judged = triple.run("test_a_file_comes_back_as_it_was_stored and MiB")
    assert code == ExitCode.DEVIATIONS
    failed = [cell for cell in judged.scenarios if cell.verdict is not Verdict.CONFORMANT]
    assert {(cell.site, cell.implementation, cell.verdict) for cell in failed} == {
        (SECOND, "apache", Verdict.SITE_FAULT)
    }, _told(failed)
    assert sorted(cell.home for cell in failed) == sorted(
        infrastructure.name for infrastructure in triple.model.infrastructures
    )
    assert {(cell.origin, cell.responsible) for cell in failed} == {("resource", SECOND)}


def test_a_site_can_be_run_alone(triple: Triple) -> None:
    """From every home, and nothing else."""
    assert triple.testbed("run", "-k", "discovery", "--site", SECOND).returncode in (0, 1)
    assert {outcome.route for outcome in outcomes.read(triple.latest)} == {
        f"{infrastructure.name}:{SECOND}" for infrastructure in triple.model.infrastructures
    }
