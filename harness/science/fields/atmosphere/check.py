"""The fitted state of the ionosphere against the one from which the spectra were made."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

import numpy as np

from harness.science.field import Figure, Files, WrongResult, at_most
from harness.science.fields.atmosphere import ionosphere
from harness.science.fields.atmosphere.inputs import measured
from harness.science.fields.atmosphere.ionosphere import CHANNELS, Numbers, Profile

_TRUTH: Final = "the state from which the spectra are made"
_BOUND: Final = f"{_TRUTH}; bound of ours: three times what noise and the two theories (1.2 %) make"


def read(result: Files) -> tuple[Profile, Numbers]:
    """Return the fitted state, and the fitted spectra: a line for each height.

    Raises
    ------
    WrongResult
        where one is missing, or is not over the heights that were measured.
    """
    wanted = ionosphere.truth().height
    state = _table(result, "profile.csv", 5, len(wanted))
    fitted = _table(result, "fitted.csv", 3, len(wanted) * CHANNELS)
    if not np.array_equal(state[:, 0], wanted):
        raise WrongResult("profile.csv is over other heights than those that were measured")
    grid = np.meshgrid(wanted, ionosphere.channels(), indexing="ij")
    if not np.allclose(fitted[:, :2], np.stack(grid, axis=-1).reshape(-1, 2), rtol=1e-6):
        raise WrongResult(
            "fitted.csv is over other heights or channels than those that were measured"
        )
    return Profile(*state.T), fitted[:, 2].reshape(len(wanted), CHANNELS)


def check(result: Files) -> Sequence[Figure]:
    """Return the largest errors over all heights, and how well the spectra are fitted."""
    found, fitted = read(result)
    exact = ionosphere.truth()
    power, error = measured()
    misfit = (((fitted - power) / error) ** 2).sum(axis=1) / (CHANNELS - 4)
    return (
        _relative("electron density", found.density, exact.density, 4.0),
        _relative("electron temperature", found.electrons, exact.electrons, 4.0),
        _relative("ion temperature", found.ions, exact.ions, 4.0),
        at_most(
            "largest error of the velocity",
            float(np.abs(found.velocity - exact.velocity).max()),
            5.0,
            unit="m/s",
            source=_BOUND,
        ),
        at_most(
            "largest misfit of a spectrum",
            float(misfit.max()),
            2.0,
            unit="χ² per degree of freedom",
            source="1 where the theory is the one that made the spectra; 2 lets theories differ by 1.2 %",
        ),
    )


def _relative(what: str, found: Numbers, exact: Numbers, bound: float) -> Figure:
    error = float(np.abs(found / exact - 1).max())
    return at_most(f"largest error of the {what}", 100 * error, bound, unit="%", source=_BOUND)


def _table(result: Files, name: str, columns: int, lines: int) -> Numbers:
    if name not in result:
        raise WrongResult(f"{name} is missing; there are: {', '.join(result) or 'no files'}")
    try:
        _, *rows = csv.reader(io.StringIO(result[name].decode()))
        found = np.array(rows, dtype=float)
    except ValueError as error:
        raise WrongResult(f"{name} is no table of numbers: {error}") from error
    if found.shape != (lines, columns):
        raise WrongResult(
            f"{name} has {len(found)} lines of numbers; {lines} of {columns} are expected"
        )
    return found
