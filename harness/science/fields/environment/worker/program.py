"""Runs on the worker: casts of seawater into their thermodynamics, by TEOS-10.

program.py INPUT OUTPUT PARAMETERS
"""

import csv
import json
import sys
from pathlib import Path

import gsw
import numpy as np

source, target, parameters = (Path(word) for word in sys.argv[1:4])
options = json.loads(parameters.read_text())

with (source / "casts.csv").open(newline="") as file:
    rows = list(csv.DictReader(file))
cast = {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}
p, t = cast["pressure"], cast["temperature"]

salinity = gsw.SA_from_SP(cast["practical_salinity"], p, cast["longitude"], cast["latitude"])
temperature = gsw.CT_from_t(salinity, t, p)
used = temperature if options["conservative_temperature"] else t
computed = {
    "absolute_salinity": salinity,
    "conservative_temperature": temperature,
    "density": gsw.rho(salinity, used, p),
    "sound_speed": gsw.sound_speed(salinity, used, p),
}
with (target / "seawater.csv").open("w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(computed)
    for values in zip(*computed.values(), strict=True):
        writer.writerow(repr(float(value)) for value in values)
