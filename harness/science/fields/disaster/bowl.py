"""The bowl, and the exact solution for the water in it.

W. C. Thacker, Some exact solutions to the nonlinear shallow-water wave equations, Journal of Fluid
Mechanics 107 (1981), 499-508: the surface stays flat, and turns round like that of a tilted plate.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

RADIUS: Final = 1.0
"""m, of the shore of the water at rest."""
DEPTH: Final = 0.1
"""m, of the water at rest, in the middle."""
TILT: Final = 0.5
"""How far the water is from its rest, in parts of the radius."""
GRAVITY: Final = 9.81
"""m/s2."""

TURN: Final = math.sqrt(2 * GRAVITY * DEPTH) / RADIUS
"""Radians in a second."""
PERIOD: Final = 2 * math.pi / TURN
"""s."""
VOLUME: Final = math.pi * RADIUS**2 * DEPTH / 2
"""m3 of water."""

Numbers = NDArray[np.float64]


def bed(x: Numbers, y: Numbers) -> Numbers:
    """Return the height of the bed, m."""
    return DEPTH * ((x**2 + y**2) / RADIUS**2 - 1)


def depth(x: Numbers, y: Numbers, time: float) -> Numbers:
    """Return the depth of the water, m; zero where it is dry."""
    turned = 2 * x * np.cos(TURN * time) + 2 * y * np.sin(TURN * time) - TILT
    found: Numbers = np.maximum(0, TILT * DEPTH / RADIUS**2 * turned - bed(x, y))
    return found


def reach(depth: float) -> float:
    """Return how far from the middle water of a depth comes, m; it does so at all times."""
    return TILT * RADIUS + RADIUS * math.sqrt(1 - depth / DEPTH)


def velocity(time: float) -> tuple[float, float]:
    """Return the velocity, m/s, which is the same for all water."""
    size = TILT * TURN
    return -size * math.sin(TURN * time), size * math.cos(TURN * time)
