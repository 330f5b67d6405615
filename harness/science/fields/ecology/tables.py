"""The tables that the program writes, and those that it reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from harness.science.field import Files, WrongResult
from harness.science.fields.ecology.inputs import make

Numbers = npt.NDArray[np.float64]

_TERMS: Final = ("management", "residual", "total")

BINS: Final = np.arange(101) / 10
"""Bounds of the bins of F."""


@dataclass(frozen=True)
class Test:
    """The analysis of variance as the program gives it."""

    squares: Numbers
    """Sums of squares: of the management, within it, and both."""
    shares: Numbers
    """R²: of the management, of what is within it, and of both."""
    freedom: Numbers
    """The degrees of freedom of the three."""
    f: float
    p: float
    chance: Numbers
    """How many random labellings give an F of each bin (`BINS`)."""
    eigenvalues: Numbers
    """Of the ordination."""


@dataclass(frozen=True)
class Map:
    """The ordination: meadows of like vegetation lie near each other."""

    management: tuple[str, ...]
    points: Numbers
    """A line for each meadow, in the order of the input: first and second principal coordinate."""


def read(result: Files) -> Test:
    """Read the figures of a result.

    Raises
    ------
    WrongResult
        where a file is missing, or is not such a table.
    """
    table = _columns(result, "permanova.csv")
    try:
        if table["term"] != _TERMS:
            raise WrongResult(f"permanova.csv has not the lines {', '.join(_TERMS)}")
        found = Test(
            squares=_numbers(table["squares"]),
            shares=_numbers(table["share"]),
            freedom=_numbers(table["freedom"]),
            f=float(table["f"][0]),
            p=float(table["p"][0]),
            chance=_chance(result),
            eigenvalues=_eigenvalues(result),
        )
    except (ValueError, KeyError) as error:
        raise WrongResult(
            f"permanova.csv or a table beside it cannot be read: {error!r}"
        ) from error
    return found


def places(result: Files) -> Map:
    """Read the ordination.

    Raises
    ------
    WrongResult
        as for `read`.
    """
    table = _columns(result, "ordination.csv")
    if table.get("site") != _columns(make(), "species.csv")["site"]:
        raise WrongResult("ordination.csv does not list the meadows of the input")
    try:
        points = np.array([_numbers(table[axis]) for axis in ("first", "second")]).T
        return Map(tuple(table["management"]), points)
    except (ValueError, KeyError) as error:
        raise WrongResult(f"ordination.csv cannot be read: {error!r}") from error


def meadows() -> tuple[Numbers, tuple[str, ...]]:
    """Return the input: counts of each meadow (line) and species (column), and the management."""
    given = make()
    species = _columns(given, "species.csv")
    counts = [_numbers(column) for name, column in species.items() if name != "site"]
    return np.array(counts).T, tuple(_columns(given, "environment.csv")["Management"])


def _columns(files: Files, name: str) -> dict[str, tuple[str, ...]]:
    if name not in files:
        raise WrongResult(f"{name} is missing; there are: {', '.join(files) or 'no files'}")
    try:
        names, *rows = csv.reader(io.StringIO(files[name].decode()))
        return dict(zip(names, zip(*rows, strict=True), strict=True))
    except ValueError as error:
        raise WrongResult(f"{name} is no table: {error}") from error


def _chance(result: Files) -> Numbers:
    table = _columns(result, "chance.csv")
    if not np.array_equal(_numbers(table["f"]), BINS[:-1]):
        raise WrongResult(f"chance.csv has not the bins {BINS[0]:g}, {BINS[1]:g}, ... {BINS[-2]:g}")
    return _numbers(table["labellings"])


def _eigenvalues(result: Files) -> Numbers:
    found = _numbers(_columns(result, "eigenvalues.csv")["eigenvalue"])
    wanted = len(_columns(make(), "species.csv")["site"]) - 1
    if len(found) != wanted:
        raise WrongResult(f"eigenvalues.csv has {len(found)} eigenvalues, not {wanted}")
    return found


def _numbers(words: Sequence[str]) -> Numbers:
    return np.array(words, dtype=float)
