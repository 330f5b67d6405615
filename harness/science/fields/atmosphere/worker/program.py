"""Runs on the worker: fits density, temperatures and velocity to spectra of a radar, by ISRSpectrum.

program.py INPUT OUTPUT PARAMETERS
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
from ISRSpectrum import Specinit
from scipy.optimize import least_squares

source, target, parameters = (Path(word) for word in sys.argv[1:4])
options = json.loads(parameters.read_text())

with (source / "spectra.csv").open(newline="") as file:
    table = np.array([[float(value) for value in row.values()] for row in csv.DictReader(file)])
heights = np.unique(table[:, 0])
frequency = table[table[:, 0] == heights[0], 1]
theory = Specinit(
    centerFrequency=options["radar"], bMag=options["field"], nspec=len(frequency), f=frequency
)

SCALES = np.array([0.1, 0.2, 0.2, 0.5])
LOW, HIGH = (9.0, 0.2, 0.2, -10.0), (13.0, 6.0, 6.0, 10.0)


def spectrum(state):
    """Return the power in each channel; the state: log density, temperatures in kK, velocity in 100 m/s."""
    density, electrons, ions, velocity = (
        10 ** state[0],
        state[1] * 1e3,
        state[2] * 1e3,
        state[3] * 100,
    )
    _, shape, scattering = theory.getspecsep(
        np.array([[density, ions], [density, electrons]]),
        ["O+", "e-"],
        vel=velocity,
        alphadeg=options["angle"],
        rcsflag=True,
    )
    return shape / shape.sum() * scattering


def fitted(power, error):
    """Return the best of three fits to a spectrum, which start at different ratios of the temperatures."""
    best = None
    for ratio in (1.0, 1.8, 2.6):
        start = [np.log10(power.sum() * (1 + ratio)), ratio, 1.0, 0.0]
        found = least_squares(
            lambda state: (spectrum(state) - power) / error,
            np.clip(start, LOW, HIGH),
            x_scale=SCALES,
            bounds=(LOW, HIGH),
            max_nfev=25,
        )
        if best is None or found.cost < best.cost:
            best = found
    return best.x


fits, spectra = [], []
for height in heights:
    _, _, power, error = table[table[:, 0] == height].T
    state = fitted(power, error)
    density, electrons, ions, velocity = state
    fits.append((height, 10**density, electrons * 1e3, ions * 1e3, velocity * 100))
    spectra.append(spectrum(state))

with (target / "profile.csv").open("w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(("height", "density", "electrons", "ions", "velocity"))
    writer.writerows([f"{value:.9e}" for value in row] for row in fits)
with (target / "fitted.csv").open("w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(("height", "frequency", "power"))
    for height, powers in zip(heights, spectra, strict=True):
        rows = zip(frequency, powers, strict=True)
        writer.writerows([f"{value:.9e}" for value in (height, *row)] for row in rows)
