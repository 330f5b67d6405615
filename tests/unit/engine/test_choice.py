"""A part of the scenarios is chosen by their own words alone, wherever the checkout stands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.engine import cells
from harness.engine.choice import Choice
from harness.errors import BadInput

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = """
import json, sys
from pathlib import Path
from harness.engine import session
from harness.engine.choice import Choice

inventory, suite, choices = sys.argv[1:]
found = []
for keyword, requirements, families in json.loads(choices):
    choice = Choice(keyword, tuple(requirements), tuple(families))
    cells = session.collect(session.Selection(Path(inventory), choice, scenarios=Path(suite))).cells
    found.append(sorted({cell.scenario for cell in cells}))
print(json.dumps(found))
"""

JOBS = """
import pytest

@pytest.mark.requirement("JOB-001", "AUTH-017")
@pytest.mark.killed_by("closed")
@pytest.mark.long
def test_a_job_ends(route):
    pass

@pytest.mark.requirement("AUTH-019")
@pytest.mark.killed_by("closed")
@pytest.mark.parametrize("size", ["small", "large"])
def test_a_quota(route, size):
    pass
"""
STORAGE = """
import pytest

@pytest.mark.requirement("XFER-002")
@pytest.mark.killed_by("closed")
def test_a_checksum(route):
    pass
"""
ENDS = "jobs/test_queue.py::test_a_job_ends"
LARGE, SMALL = "jobs/test_queue.py::test_a_quota[large]", "jobs/test_queue.py::test_a_quota[small]"
SUM = "storage/test_sums.py::test_a_checksum"
EVERYTHING = [ENDS, LARGE, SMALL, SUM]

Chosen = list[tuple[str, list[str], list[str]]]


@pytest.fixture
def chosen(tmp_path: Path, inventory_folder: Path) -> Callable[[Chosen], list[list[str]]]:
    """Return the scenarios of each choice, in a checkout whose folders have telling names."""
    suite = tmp_path / "test_moves" / "alone" / "suite"
    for name, source in {"jobs/test_queue.py": JOBS, "storage/test_sums.py": STORAGE}.items():
        (suite / name).parent.mkdir(parents=True)
        (suite / name).write_text(source)
    (tmp_path / "test_moves" / "conftest.py").write_text("raise RuntimeError('for other tests')")

    def collect(choices: Chosen) -> list[list[str]]:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, inventory_folder, suite, json.dumps(choices)],
            env=os.environ | {"PYTHONPATH": str(ROOT), "TESTBED_STATE": str(tmp_path / "state")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: list[list[str]] = json.loads(done.stdout)
        return found

    return collect


def test_a_scenario_is_chosen_by_its_own_words(
    chosen: Callable[[Chosen], list[list[str]]],
) -> None:
    """Its file, name, parameters, marks and requirements; not by folders above, nor by routes."""
    expected: list[tuple[tuple[str, list[str], list[str]], list[str]]] = [
        (("", [], []), EVERYTHING),
        (("moves", [], []), []),  # a folder above the scenarios
        (("alone", [], []), []),  # another, with the name of a mark
        (("suite", [], []), []),
        (("cstcloud or twin", [], []), []),  # each route has the word
        (("storage", [], []), [SUM]),  # the family's own folder
        (("QUEUE and not small", [], []), [ENDS, LARGE]),
        (("long", [], []), [ENDS]),
        (("AUTH-01", [], []), [ENDS, LARGE, SMALL]),
        (("xfer-002 or large", [], []), [LARGE, SUM]),
        (("", ["AUTH-017"], []), [ENDS]),
        (("", ["auth-017", "XFER-002"], []), [ENDS, SUM]),
        (("", ["XFER-003"], []), []),
        (("", [], ["AUTH"]), [ENDS, LARGE, SMALL]),
        (("", [], ["xfer", "JOB"]), [ENDS, SUM]),
        (("quota", ["AUTH-019"], ["AUTH"]), [LARGE, SMALL]),
        (("quota", ["AUTH-017"], []), []),  # each narrows the others
    ]
    found = chosen([words for words, _ in expected])
    assert dict(zip(map(str, (w for w, _ in expected)), found, strict=True)) == {
        str(words): scenarios for words, scenarios in expected
    }


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice(requirements=("AUTH-17",)), r"unknown requirement 'AUTH-17'; similar: AUTH-017"),
        (Choice(requirements=("?",)), "similar: none; `testbed catalogue` lists all"),
        (Choice(families=("XFERS",)), "--family: unknown family 'XFERS'; similar: XFER"),
        (Choice(families=("",)), "unknown family ''; known are ACC"),
        (Choice(keyword="a and ("), r"-k 'a and \(' is not an expression: .* Use words"),
        (Choice(keyword="not"), "is not an expression"),
    ],
)
def test_what_the_catalogue_has_not_is_refused(choice: Choice, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        choice.check(cells.requirements())


def test_a_choice_says_what_was_asked_for() -> None:
    choice = Choice("a or b", ("AUTH-017", "AUTH-019"), ("XFER",))
    expected = "-k 'a or b' --requirement AUTH-017 --requirement AUTH-019 --family XFER"
    assert str(choice) == expected
    assert choice
    assert not Choice(keyword=" ")
