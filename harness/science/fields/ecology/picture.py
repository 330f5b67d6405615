"""The meadows by likeness of their vegetation, and how far chance alone would divide them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from harness.science.field import Files
from harness.science.fields.ecology.tables import BINS, places, read

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_NAMES = {
    "BF": "biological farming",
    "HF": "hobby farming",
    "NM": "nature conservation",
    "SF": "standard farming",
}


def draw(result: Files, drawing: Drawing) -> None:
    """Draw the ordination, and the distribution of F over random labellings."""
    test, found = read(result), places(result)
    meadows, chance = drawing.subplots(1, 2, width_ratios=(3, 2))
    labels = np.array(found.management)
    for label, name in _NAMES.items():
        of = found.points[labels == label]
        middle = of.mean(axis=0)
        (drawn,) = meadows.plot(*of.T, "o", label=name)
        for point in of:
            meadows.plot(*zip(middle, point, strict=True), color=drawn.get_color(), alpha=0.4)
    meadows.set_aspect("equal", adjustable="datalim")
    meadows.set_xlabel("first principal coordinate")
    meadows.set_ylabel("second principal coordinate")
    meadows.legend(loc="upper left")
    chance.stairs(test.chance, BINS, fill=True, color="lightgrey", label="random labels")
    chance.set_xlim(0, 4)
    chance.axvline(test.f, color="tab:red", label=f"these: {test.f:.2f}")
    chance.set_xlabel("pseudo-F")
    chance.set_ylabel("labellings")
    chance.legend(loc="upper right")
