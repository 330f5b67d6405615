"""The properties of seawater: the published values are right, and what differs from them is wrong."""

from __future__ import annotations

import pytest

from harness.science.field import Files, WrongResult, field
from harness.science.fields.environment.tables import DATA
from harness.science.pictures import MOST, picture

FIELD = field("environment")


@pytest.fixture
def right() -> Files:
    return {"seawater.csv": (DATA / "check_values.csv").read_bytes()}


def test_the_published_values_are_right(right: Files) -> None:
    assert all(figure.right for figure in FIELD.check(right))
    assert len(picture(FIELD, right)) < MOST


def test_the_temperature_of_the_thermometer_gives_another_density(right: Files) -> None:
    """The density that GSW computes of the first bottle with it, and of all others the right one."""
    head, first, rest = right["seawater.csv"].split(b"\n", 2)
    salinity, temperature, _, sound = first.split(b",")
    wrong = b",".join([salinity, temperature, b"1021.8974", sound])
    figures = FIELD.check({"seawater.csv": b"\n".join([head, wrong, rest])})
    assert [one.what for one in figures if not one.right] == ["largest error of the density"]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "seawater.csv is missing"),
        ({"seawater.csv": b""}, "no table of numbers"),
        ({"seawater.csv": b"density\n1\n"}, "has 0 values of absolute_salinity"),
        ({"seawater.csv": b"density\nx\n"}, "no table of numbers"),
    ],
)
def test_what_is_no_result_is_told(files: Files, said: str) -> None:
    with pytest.raises(WrongResult, match=said):
        FIELD.check(files)


def test_what_is_no_number_is_wrong(right: Files) -> None:
    text = right["seawater.csv"].replace(b"1021.8863044505447", b"nan")
    assert not all(figure.right for figure in FIELD.check({"seawater.csv": text}))
