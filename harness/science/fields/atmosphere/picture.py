"""The fitted spectra over the measured ones, and the state of the ionosphere over the heights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.science.field import Files
from harness.science.fields.atmosphere import ionosphere
from harness.science.fields.atmosphere.check import read
from harness.science.fields.atmosphere.inputs import measured

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def draw(result: Files, drawing: Drawing) -> None:
    """Draw three spectra with their fits; density and temperatures, found (dots) and true (lines)."""
    found, fitted = read(result)
    exact, (power, error) = ionosphere.truth(), measured()
    lines, density, heat = drawing.subplots(1, 3, width_ratios=(2, 1, 1))
    frequency = ionosphere.channels() / 1e3
    for number, row in enumerate((1, 5, 11)):
        colour = f"C{number}"
        scale = power[row].max()
        shift = 1.1 * number
        lines.errorbar(
            frequency,
            power[row] / scale + shift,
            error[row] / scale,
            fmt=".",
            markersize=2,
            elinewidth=0.5,
            color=colour,
        )
        label = f"{exact.height[row]:.0f} km"
        lines.plot(frequency, fitted[row] / scale + shift, color=colour, label=label)
    lines.set_xlim(-20, 20)
    lines.set_xlabel("kHz from 931 MHz; dots: measured, lines: fitted")
    lines.set_yticks([])
    lines.legend(loc="lower center")
    density.plot(exact.density / 1e11, exact.height, color="C0", alpha=0.5)
    density.plot(found.density / 1e11, found.height, ".", color="C0")
    density.set_xlabel("10¹¹ electrons in a m³")
    density.set_ylabel("height (km)")
    for name, colour in (("electrons", "C3"), ("ions", "C2")):
        heat.plot(getattr(exact, name), exact.height, color=colour, alpha=0.5)
        heat.plot(getattr(found, name), found.height, ".", color=colour, label=name)
    heat.set_xlabel("K; lines: true, dots: found")
    heat.set_yticklabels([])
    heat.legend(loc="lower right")
