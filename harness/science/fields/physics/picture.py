"""How many charged particles the events have, and how their mean settles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from harness.science.field import Files
from harness.science.fields.physics.check import MEASURED, MEASURED_ERROR, read

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def draw(result: Files, drawing: Drawing) -> None:
    """Draw the distribution of the multiplicity, and its mean beside that of LEP."""
    charged = np.array(read(result).charged)
    number = np.arange(1, len(charged) + 1)
    mean = np.cumsum(charged) / number
    spread = charged.std() / np.sqrt(number)
    many, settling = drawing.subplots(1, 2)
    many.hist(charged, bins=np.arange(-1, charged.max() + 2, 2), color="tab:blue", alpha=0.7)
    many.axvline(charged.mean(), color="tab:blue", label=f"mean {charged.mean():.2f}")
    many.axvline(MEASURED, color="tab:red", linestyle="--", label=f"LEP {MEASURED:.2f}")
    many.set_xlabel("charged particles of an event")
    many.set_ylabel("events")
    many.legend()
    seen = slice(50, None)
    settling.axhspan(
        MEASURED - MEASURED_ERROR,
        MEASURED + MEASURED_ERROR,
        color="tab:red",
        alpha=0.2,
        label="LEP",
    )
    settling.plot(number[seen], mean[seen], label="mean so far")
    settling.fill_between(
        number[seen], (mean - spread)[seen], (mean + spread)[seen], alpha=0.2, label="its error"
    )
    settling.set_xlabel("events")
    settling.set_ylabel("mean charged multiplicity")
    settling.legend()
