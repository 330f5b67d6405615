"""Trouble in mid-run, on real containers: a part of what `make robustness` tries."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import inventory as inventories
from harness.conformance.verdicts import Judgement
from tests.e2e.night import Night
from tests.robustness import trials
from tests.robustness.bed import Bed
from tests.robustness.ends import ENDS
from tests.robustness.faults import FAULTS

PART = "test_files or test_token_claims or test_ranges"


@pytest.fixture(scope="module")
def bed(night: Night, inventory: Path, tmp_path_factory: pytest.TempPathFactory) -> Bed:
    """The testbed of the night, and a folder of its own for these runs."""
    assert night.code == 0
    folder = tmp_path_factory.mktemp("robustness")
    return Bed(inventory, inventories.load(inventory), folder, part=PART)


@pytest.fixture(scope="module")
def calm(bed: Bed) -> Judgement:
    """The verdicts of the part where nothing disturbs it."""
    return trials.undisturbed(bed)


@pytest.mark.parametrize("name", ["a storage's service is stopped"])
def test_a_fault_of_a_site_in_mid_run_is_told_where_it_is_and_nowhere_else(
    bed: Bed, calm: Judgement, name: str
) -> None:
    (fault,) = (one for one in FAULTS if one.name == name)
    said, *flaws = trials.try_fault(bed, fault, calm)
    assert not flaws, bed.log[-2:]
    assert not said.startswith("0 of"), "the fault came too late to be seen"


@pytest.mark.parametrize(
    "name", ["a worker is killed (SIGKILL)", "the command is killed (SIGKILL)"]
)
def test_what_ends_a_run_blames_no_site_and_the_next_command_works(
    bed: Bed, calm: Judgement, name: str
) -> None:
    (end,) = (one for one in ENDS if one.name == name)
    said, *flaws = trials.try_end(bed, end, calm)
    assert not flaws, bed.log[-2:]
    assert not said.startswith("0 of"), "the end came too late to be seen"
