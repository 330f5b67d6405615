"""Temperature over salinity: how an oceanographer tells bodies of water apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.science.field import Files
from harness.science.fields.environment.check import RESULT
from harness.science.fields.environment.inputs import make
from harness.science.fields.environment.tables import read

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def draw(result: Files, drawing: Drawing) -> None:
    """Draw the casts in the plane of salinity and temperature, and the profiles of density."""
    table = {**read(make()["casts.csv"], "casts.csv"), **read(result[RESULT], RESULT)}
    plane, profile = drawing.subplots(1, 2)
    for number in sorted(set(table["cast"])):
        rows = [row for row, cast in enumerate(table["cast"]) if cast == number]
        of = {name: [column[row] for row in rows] for name, column in table.items()}
        place = f"{of['latitude'][0]:g}° N, {of['longitude'][0]:g}° E"
        plane.plot(of["absolute_salinity"], of["conservative_temperature"], ".-", label=place)
        profile.plot(of["density"], of["pressure"], ".-")
    plane.set_xlabel("Absolute Salinity (g/kg)")
    plane.set_ylabel("Conservative Temperature (°C)")
    plane.legend()
    profile.set_xlabel("density (kg/m³)")
    profile.set_ylabel("pressure (dbar)")
    profile.invert_yaxis()
