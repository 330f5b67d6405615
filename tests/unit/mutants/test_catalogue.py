"""The list of mutants: what is wrong in it is told with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import mutants
from harness.errors import ExitCode
from harness.mutants.catalogue import CLOSED, FAULTLESS, OPEN, MutantsError

GOOD = """\
mutants:
  - id: ignores-expiry
    fault: A token past its end is accepted.
    services: [webdav]
"""


def fault(path: Path, text: str) -> str:
    path.write_text(text)
    with pytest.raises(MutantsError) as caught:
        mutants.load(path)
    assert caught.value.exit_code is ExitCode.USAGE
    return str(caught.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mutants.yaml"


def test_a_good_list_is_read(path: Path) -> None:
    path.write_text(GOOD)
    found = mutants.load(path)
    assert found["ignores-expiry"].services == ("webdav",)
    assert len(found) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mutants: [\n", ":2: "),
        ("mutant: []\n", "the key `mutants` (a list) is expected"),
        ("mutants: [open]\n", "a mutant is a mapping, not 'open'"),
        (GOOD + GOOD.partition("\n")[2], ":5: ignores-expiry is already defined"),
        (
            GOOD.replace("webdav", "webdaf"),
            ":2: ignores-expiry: unknown service type 'webdaf'; similar: webdav",
        ),
        (GOOD.replace("ignores-expiry", "Ignores Expiry"), ":2: Ignores Expiry: id: "),
        (
            GOOD.replace("    fault: A token past its end is accepted.\n", ""),
            "fault: Field required",
        ),
        (GOOD + "    colour: red\n", "colour: Extra inputs are not permitted (found 'red')"),
    ],
)
def test_what_is_wrong_names_file_and_line(path: Path, text: str, said: str) -> None:
    told = fault(path, text)
    assert told.startswith(str(path))
    assert said in told


def test_an_unknown_mutant_is_told_with_what_is_near() -> None:
    assert "similar: ignores-expiry" in mutants.load().unknown("ignore-expiry")


def test_the_shipped_list_has_what_every_proof_needs() -> None:
    found = mutants.load()
    assert {FAULTLESS, OPEN, CLOSED} <= {mutant.id for mutant in found}
    assert len(found) >= 30
