"""The wave in a bowl: the exact solution is right, and water that is slowed down is not."""

from __future__ import annotations

import numpy as np
import pytest

from harness.science.field import Files, WrongResult, field
from harness.science.fields.disaster import bowl
from harness.science.pictures import MOST, picture

FIELD = field("disaster")
CELL = 4 / 41 / 4


def water(slower: float = 1.0, lower: float = 0.0) -> Files:
    """Return the exact solution in cells, with water that is slower by a factor, or lower (m)."""
    middle = -2 + CELL * (np.arange(164) + 0.5)
    x, y = (grid.ravel() for grid in np.meshgrid(middle, middle))
    found = {}
    for number in range(5):
        time = number * bowl.PERIOD / 4
        depth = bowl.depth(x, y, time) - lower
        u, v = bowl.velocity(time)
        rows = [
            f"{time:.9g},{CELL**2:.9g},{a:.6f},{b:.6f},{h:.6e},{h * u * slower:.6e},{h * v * slower:.6e}"
            for a, b, h in zip(x, y, depth, strict=True)
            if h > 1e-3
        ]
        head = "time,size,x,y,depth,momentum_x,momentum_y"
        found[f"water-{number}.csv"] = "\n".join([head, *rows]).encode()
    return found


def wrong(files: Files) -> list[str]:
    return [one.what for one in FIELD.check(files) if not one.right]


def test_the_exact_solution_is_right() -> None:
    exact = water()
    assert wrong(exact) == []
    assert len(picture(FIELD, exact)) < MOST


def test_water_that_is_slowed_down_is_wrong() -> None:
    assert wrong(water(slower=0.85)) == ["largest mean error of the velocity"]


def test_water_that_is_too_low_is_wrong() -> None:
    assert "largest mean error of the depth" in wrong(water(lower=0.006))
    assert "volume of the water after a period" in wrong(water(lower=0.006))


def test_a_frame_that_is_missing_or_no_table_is_told() -> None:
    exact = dict(water())
    with pytest.raises(WrongResult, match=r"water-4\.csv is missing"):
        FIELD.check({name: exact[name] for name in exact if name != "water-4.csv"})
    with pytest.raises(WrongResult, match=r"water-0\.csv is no table"):
        FIELD.check(exact | {"water-0.csv": b"time\n"})
