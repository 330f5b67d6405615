"""The surface of the water along the middle of the bowl, computed and exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from harness.science.field import Files
from harness.science.fields.disaster import bowl
from harness.science.fields.disaster.check import read

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def draw(result: Files, drawing: Drawing) -> None:
    """Draw a cut through the water at three times, and the flooded land from above at the last."""
    frames = list(read(result))
    cut, above = drawing.subplots(1, 2, width_ratios=(3, 2))
    line = np.linspace(-1.6, 1.6, 400)
    ground = bowl.bed(line, np.zeros_like(line))
    cut.fill_between(line, ground, -0.12, color="tab:brown", alpha=0.3, label="ground")
    for frame, colour in zip(frames[::2], ("tab:blue", "tab:green", "tab:purple"), strict=True):
        exact = bowl.depth(line, np.zeros_like(line), frame.time)
        wet = exact > 0
        cut.plot(line[wet], (exact + ground)[wet], color=colour, alpha=0.5)
        middle = np.abs(frame.y) == np.abs(frame.y).min()
        x, depth = frame.x[middle], frame.depth[middle]
        surface = depth + bowl.bed(x, np.zeros_like(x))
        cut.plot(x, surface, ".", color=colour, markersize=3, label=f"after {frame.time:.2f} s")
    cut.set_ylim(-0.12, 0.14)
    cut.set_xlabel("m from the middle; lines: exact, dots: computed")
    cut.set_ylabel("height (m)")
    cut.legend()
    last = frames[-1]
    shown = above.scatter(last.x, last.y, c=last.depth, s=1, cmap="Blues", vmin=0)
    drawing.colorbar(shown, ax=above, label="depth (m)")
    above.set_title(f"flooded after {last.time:.2f} s", fontsize="medium")
    above.set_aspect("equal")
    above.set_xlabel("m")
