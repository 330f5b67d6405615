"""Stamps of the brightest new sources: the later night, what was expected, and the difference."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from harness.science.field import Files, WrongResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def draw(result: Files, drawing: Drawing) -> None:
    """Draw three rows of stamps; a source is new where the last row has it."""
    try:
        stamps = np.load(io.BytesIO(result["stamps.npy"]), allow_pickle=False)
    except (KeyError, ValueError, EOFError) as error:
        raise WrongResult(f"stamps.npy is missing or no array: {error!r}") from error
    rows = ("later night", "expected of the earlier one", "difference")
    panels = drawing.subplots(len(rows), len(stamps), squeeze=False)
    for column, stamp in enumerate(stamps):
        for row, (image, words) in enumerate(zip(stamp, rows, strict=True)):
            panel = panels[row][column]
            panel.imshow(image, origin="lower", cmap="gray", vmin=-60, vmax=0.5 * stamp[0].max())
            panel.set_xticks([])
            panel.set_yticks([])
            if column == 0:
                panel.set_ylabel(words, fontsize="small")
