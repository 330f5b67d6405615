"""The measured spectra: synthetic, from the textbook's theory and noise of a fixed seed."""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import Final

import numpy as np

from harness.science.field import Files
from harness.science.fields.atmosphere import ionosphere
from harness.science.fields.atmosphere.ionosphere import Numbers

_PULSES: Final = 20_000
"""Spectra that are averaged: their noise is that of each by the root of this."""
_NOISE: Final = 0.3
"""Of the receiver and the sky, as a part of the spectrum's peak."""
_SEED: Final = 1


@cache
def measured() -> tuple[Numbers, Numbers]:
    """Return power and standard deviation of each height (line) and channel."""
    exact = ionosphere.spectra(ionosphere.truth())
    error = (exact + _NOISE * exact.max(axis=1, keepdims=True)) / np.sqrt(_PULSES)
    chance = np.random.default_rng(_SEED).standard_normal(exact.shape)
    return exact + error * chance, error


def make() -> Files:
    """Return a table: height (km), frequency (Hz), power and its standard deviation (electrons a m3)."""
    power, error = measured()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("height", "frequency", "power", "error"))
    for line, height in enumerate(ionosphere.truth().height):
        for column, frequency in enumerate(ionosphere.channels()):
            values = (frequency, power[line, column], error[line, column])
            writer.writerow((f"{height:g}", *(f"{value:.9e}" for value in values)))
    return {"spectra.csv": text.getvalue().encode()}
