"""The computed water against the exact solution."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from harness.science.field import Figure, Files, WrongResult, at_most, exactly, near, worst
from harness.science.fields.disaster import bowl

FRAMES: Final = 5
"""At the start, and after each quarter of a period."""
WET: Final = 1e-2
"""m; where it is less deep, computed or exact, the line of the shore itself decides."""

_EXACT: Final = "exact solution: Thacker, J. Fluid Mech. 107 (1981) 499"
_BOUND: Final = f"{_EXACT}; bound of ours: a cell is 34 mm wide, the water at rest 100 mm deep"


@dataclass(frozen=True)
class Frame:
    """The wet cells at one time; lengths in m, times in s."""

    time: float
    size: bowl.Numbers
    """m2 of a cell."""
    x: bowl.Numbers
    y: bowl.Numbers
    depth: bowl.Numbers
    momentum: tuple[bowl.Numbers, bowl.Numbers]
    """Depth times velocity, eastwards and northwards."""


def read(result: Files) -> Iterator[Frame]:
    """Yield the frames.

    Raises
    ------
    WrongResult
        where one is missing, or has what is no number.
    """
    for number in range(FRAMES):
        name = f"water-{number}.csv"
        if name not in result:
            raise WrongResult(f"{name} is missing; there are: {', '.join(result) or 'no files'}")
        try:
            names, *rows = csv.reader(io.StringIO(result[name].decode()))
            column = dict(zip(names, np.array(rows, dtype=float).T, strict=True))
            yield Frame(
                time=float(column["time"][0]),
                size=column["size"],
                x=column["x"],
                y=column["y"],
                depth=column["depth"],
                momentum=(column["momentum_x"], column["momentum_y"]),
            )
        except (ValueError, KeyError, IndexError) as error:
            raise WrongResult(f"{name} is no table of cells: {error!r}") from error


def check(result: Files) -> Sequence[Figure]:
    """Return the errors of depth and velocity, the volume, and the shore, the worst of all frames."""
    frames = list(read(result))
    return (
        near(
            "time of the last output",
            frames[-1].time,
            bowl.PERIOD,
            1e-6,
            unit="s",
            source=f"{_EXACT}: one period",
        ),
        at_most(
            "largest mean error of the depth",
            100 * worst(map(_depth_error, frames)),
            3.0,
            unit="% of the depth at rest",
            source=_BOUND,
        ),
        at_most(
            "largest mean error of the velocity",
            100 * worst(map(_velocity_error, frames)),
            10.0,
            unit="% of the largest velocity",
            source=_BOUND,
        ),
        near(
            "volume of the water after a period",
            float((frames[-1].depth * frames[-1].size).sum()),
            bowl.VOLUME,
            0.05 * bowl.VOLUME,
            unit="m3",
            source="water is conserved: π/2 times radius² times depth; 5 % for the moving shore",
        ),
        exactly(
            "frames in which the shore is off by more than two cells",
            sum(_shore_error(frame) > 2 for frame in frames),
            0,
            source=_BOUND,
        ),
    )


def _wet(frame: Frame) -> tuple[bowl.Numbers, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    exact = bowl.depth(frame.x, frame.y, frame.time)
    return exact, (frame.depth > WET) & (exact > WET)


def _depth_error(frame: Frame) -> float:
    exact, wet = _wet(frame)
    return float(np.abs(frame.depth - exact)[wet].mean()) / bowl.DEPTH if wet.any() else math.nan


def _velocity_error(frame: Frame) -> float:
    _, wet = _wet(frame)
    if not wet.any():
        return math.nan
    errors = [
        (part[wet] / frame.depth[wet] - exact)
        for part, exact in zip(frame.momentum, bowl.velocity(frame.time), strict=True)
    ]
    return float(np.hypot(*errors).mean()) / (bowl.TILT * bowl.TURN)


def _shore_error(frame: Frame) -> float:
    """Return how many cells the farthest water is off, where water is deeper than `WET`."""
    reached = float(np.hypot(frame.x, frame.y)[frame.depth > WET].max(initial=0.0))
    return abs(reached - bowl.reach(WET)) / math.sqrt(float(frame.size[0]))
