"""PERMANOVA of the meadows: vegan's result is right, shuffled labels and changed digits are wrong."""

from __future__ import annotations

import pytest

from harness.science.field import WrongResult, field
from harness.science.pictures import MOST, picture
from tests.unit.science.fields.stored import (
    miscalculated,
    miscalculating,
    noticed,
    refuses_what_is_damaged,
    stored,
    wrong,
)

FIELD = field("ecology")
FILES = ("permanova.csv", "chance.csv", "eigenvalues.csv", "ordination.csv")


def test_the_result_of_vegan_is_right() -> None:
    assert wrong(FIELD, stored(FIELD, "right")) == []
    assert len(picture(FIELD, stored(FIELD, "right"))) < MOST


def test_shuffled_labels_are_wrong() -> None:
    assert set(FIELD.control.wrong) <= set(wrong(FIELD, stored(FIELD, "control")))


def test_a_node_that_miscalculates_is_noticed() -> None:
    assert noticed(FIELD, miscalculating(stored(FIELD, "right")))


@pytest.mark.parametrize("name", ["permanova.csv", "chance.csv", "eigenvalues.csv"])
def test_every_changed_digit_is_noticed(name: str) -> None:
    changed = list(miscalculated(stored(FIELD, "right"), name))
    assert len(changed) > 10
    assert [files[name] for files in changed if not noticed(FIELD, files)] == []


def test_a_changed_coordinate_is_noticed() -> None:
    assert all(noticed(FIELD, f) for f in miscalculated(stored(FIELD, "right"), "ordination.csv"))


def test_a_last_digit_is_noticed() -> None:
    files = stored(FIELD, "right")
    for digits in (b"1.46859", b"0.34161", b"2.76724"):
        assert digits in files["permanova.csv"]
        changed = files["permanova.csv"].replace(digits, digits[:-1] + b"8")
        assert wrong(FIELD, {**files, "permanova.csv": changed})


@pytest.mark.parametrize("name", FILES)
def test_what_is_damaged_is_told(name: str) -> None:
    refuses_what_is_damaged(FIELD, name)


def test_meadows_of_another_input_are_told() -> None:
    files = stored(FIELD, "right")
    other = files["ordination.csv"].replace(b"\n3,", b"\n33,")
    with pytest.raises(WrongResult, match="does not list the meadows"):
        FIELD.check({**files, "ordination.csv": other})
