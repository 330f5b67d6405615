"""A result is taken where it is whole, of its own run, and right, and for nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.science import archive, result
from harness.science.field import Control, Files, WrongResult
from harness.science.result import judge, opened, report
from tests.unit.science.trials import ADDING, Trial

Change = Callable[[dict[str, bytes]], None]


@pytest.fixture
def packed(trial: Trial) -> Files:
    """The files of a right result."""
    assert trial.run().returncode == 0
    return archive.unpack(trial.result)


def _change(name: str, content: bytes) -> Change:
    return lambda files: files.update({name: content})


def _manifest(**changes: object) -> Change:
    def change(files: dict[str, bytes]) -> None:
        files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | changes).encode()

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_manifest(run="run-0"), "of another run: it is of adding, run-0, and adding, run-1"),
        (_manifest(field="subtracting"), "of another run: it is of subtracting"),
        (lambda files: files.pop("manifest.json"), "the result has no manifest.json, but control/"),
        (lambda files: files.pop("right/sum.json"), "right/sum.json is missing"),
        (_change("right/sum.json", b"7"), "right/sum.json is not what the program has written"),
        (_manifest(runs={}), "the result has no run 'right'"),
        (_change("manifest.json", b"{}"), "manifest.json cannot be read"),
        (
            _manifest(bundle={"sha256": "0" * 64, "adler32": "", "size": 1}),
            "another bundle was used: its SHA-256 is 000",
        ),
    ],
)
def test_what_is_not_its_own_is_told(
    trial: Trial, packed: Files, change: Change, said: str
) -> None:
    assert opened(archive.pack(packed), trial.plan)
    changed = dict(packed)
    change(changed)
    with pytest.raises(WrongResult, match=said):
        opened(archive.pack(changed), trial.plan)


def test_a_result_that_was_changed_on_its_way_is_told(trial: Trial) -> None:
    told = report(trial.run().stdout)
    assert result.read(trial.result, trial.plan, told)
    with pytest.raises(WrongResult, match="the result at home is not what the worker sent"):
        result.read(trial.result + b" ", trial.plan, told)


def test_a_truncated_archive_is_told(trial: Trial, packed: Files) -> None:
    whole = archive.pack(packed)
    with pytest.raises(WrongResult, match="no whole archive"):
        opened(whole[: len(whole) // 2], trial.plan)


def test_one_digit_that_differs_makes_it_wrong(trial: Trial, packed: Files) -> None:
    found = opened(archive.pack(packed), trial.plan)
    judge(found)
    wrong = replace(found, runs={**found.runs, "right": {"sum.json": b"7"}})
    with pytest.raises(WrongResult, match="the result is wrong: sum: 7, wanted: exactly 6"):
        judge(wrong)


def test_a_control_that_is_right_shows_that_the_check_cannot_fail(
    trial: Trial, packed: Files
) -> None:
    found = opened(archive.pack(packed), trial.plan)
    blind = replace(found, runs={**found.runs, "control": found.right})
    with pytest.raises(WrongResult, match="does not tell the control from a right result"):
        judge(blind)


def test_a_control_must_be_wrong_in_what_the_field_says(trial: Trial, packed: Files) -> None:
    control = Control(ADDING.control.what, ADDING.control.parameters, ("product",))
    found = opened(archive.pack(packed), trial.plan)
    with pytest.raises(WrongResult, match="within its bounds is product"):
        judge(replace(found, field=replace(ADDING, control=control)))


@pytest.mark.parametrize("output", ["", "Traceback ...", "[]", "{}"])
def test_a_job_that_says_nothing_is_told(output: str) -> None:
    with pytest.raises(WrongResult):
        report(output)
