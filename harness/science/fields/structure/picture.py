"""Which residues touch: of the model, and of the known complex."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.science.field import Files
from harness.science.fields.structure.check import known, read
from harness.science.fields.structure.complex import CONTACT, Complex

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_SHOWN = 12.0
"""Å: what is farther apart is not drawn."""


def draw(result: Files, drawing: Drawing) -> None:
    """Draw the distances of residues of both proteins; rings are the known contacts."""
    of_model, of_known = drawing.subplots(1, 2, sharex=True, sharey=True)
    contacts = [pair for pair, distance in known().apart().items() if distance < CONTACT]
    places = [(other[1], one[1]) for one, other in contacts]
    for panel, shown, title in (
        (of_model, read(result), "best model"),
        (of_known, known(), "known complex (PDB 1GGR)"),
    ):
        image = _distances(panel, shown)
        panel.plot(
            *zip(*places, strict=True),
            "o",
            mfc="none",
            color="tab:red",
            ms=5,
            label="known contacts",
        )
        panel.set_title(title, fontsize="medium")
        panel.set_xlabel("residue of HPr")
    of_model.set_ylabel("residue of IIA(glucose)")
    of_model.legend(loc="upper right")
    drawing.colorbar(image, ax=[of_model, of_known], label="distance of heavy atoms (Å)")


def _distances(panel: Any, shown: Complex) -> Any:
    near = [(b[1], a[1], d) for (a, b), d in shown.apart().items() if d < _SHOWN]
    ligand, receptor, distance = np.array(near).T if near else np.empty((3, 0))
    return panel.scatter(
        ligand, receptor, c=distance, cmap="viridis", vmin=2, vmax=_SHOWN, s=9, marker="s"
    )
