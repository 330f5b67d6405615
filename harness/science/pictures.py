"""The picture of a result, as a file of a fixed size."""

from __future__ import annotations

import io

import matplotlib
from matplotlib.figure import Figure

from harness.science.field import Field, Files

MOST = 300_000
"""Bytes that a picture may have: it is for pages that are read over slow lines."""

_INCHES = (8.0, 4.0)
_DOTS = 100
_STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "lines.linewidth": 1.2,
    "legend.fontsize": "small",
    "legend.frameon": False,
}


def picture(field: Field, result: Files) -> bytes:
    """Return the picture of a result as PNG; the same bytes for the same result.

    Raises
    ------
    ValueError
        where it has more than `MOST` bytes.
    """
    with matplotlib.rc_context(_STYLE):
        drawing = Figure(figsize=_INCHES, dpi=_DOTS, layout="constrained")
        field.draw(result, drawing)
        made = io.BytesIO()
        drawing.savefig(made, format="png", metadata={"Software": None})
    if made.tell() > MOST:
        raise ValueError(f"the picture of {field.name} has {made.tell()} bytes, more than {MOST}")
    return made.getvalue()
