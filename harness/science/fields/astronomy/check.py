"""The list of new sources against those that were planted."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

import numpy as np

from harness.science.field import Figure, Files, WrongResult, at_most, exactly
from harness.science.fields.astronomy import sky
from harness.science.fields.astronomy.inputs import CENTRE
from harness.science.fields.astronomy.sky import Numbers

RESULT: Final = "new.csv"
_MATCH: Final = 0.3
"""Arc seconds within which a source is the planted one."""

_PLANTED: Final = "planted in the synthetic image"
_NOISE: Final = (
    f"{_PLANTED}; bound of ours: five times what the noise of photons allows for the faintest"
)


def read(result: Files) -> tuple[Numbers, Numbers]:
    """Return the places that are listed (arc seconds from the middle; a line each), and flux and its error.

    Raises
    ------
    WrongResult
        where the list is missing or is none.
    """
    if RESULT not in result:
        raise WrongResult(f"{RESULT} is missing; there are: {', '.join(result) or 'no files'}")
    if not result[RESULT].endswith(b"\n"):
        raise WrongResult(f"{RESULT} is cut off: its last line has no end")
    try:
        rows = list(csv.DictReader(io.StringIO(result[RESULT].decode())))
        table = [[float(row[name]) for name in ("ra", "dec", "flux", "error")] for row in rows]
    except (ValueError, KeyError, TypeError) as error:
        raise WrongResult(f"{RESULT} is no list of sources: {error!r}") from error
    found = np.array(table).reshape(-1, 4)
    return _plane(found[:, 0], found[:, 1]), found[:, 2:]


def check(result: Files) -> Sequence[Figure]:
    """Return what was found, what was not, what is false, and the errors of place and brightness."""
    places, brightness = read(result)
    planted = sky.planted()
    true = (np.array([planted.x, planted.y]).T - (sky.SIZE / 2 - 1)) * sky.SCALE * (-1, 1)
    apart = np.hypot(*(true[:, None] - places[None]).transpose(2, 0, 1))
    nearest = np.full(len(true), np.inf) if not len(places) else apart.min(axis=1)
    hit = nearest < _MATCH
    which = apart.argmin(axis=1)[hit] if len(places) else np.array([], dtype=int)
    flux, error = brightness[which].T
    pull = np.abs(flux - planted.flux[hit]) / error
    return (
        exactly("planted sources found", int(hit.sum()), sky.NEW, source=_PLANTED),
        exactly("false sources", len(places) - len(set(which.tolist())), 0, source=_PLANTED),
        at_most(
            "largest error of a place",
            float(nearest[hit].max(initial=0.0)) if hit.any() else np.nan,
            0.15,
            unit="arc seconds",
            source=_NOISE,
        ),
        at_most(
            "median error of the brightness",
            100 * float(np.abs(np.median(flux / planted.flux[hit] - 1))) if hit.any() else np.nan,
            3.0,
            unit="%",
            source=_NOISE,
        ),
        at_most(
            "largest error of a brightness",
            float(pull.max()) if hit.any() else np.nan,
            5.0,
            unit="standard deviations",
            source=_PLANTED,
        ),
    )


def _plane(ra: Numbers, dec: Numbers) -> Numbers:
    """Return arc seconds in the plane of the image, eastwards and northwards (gnomonic projection).

    M. Calabretta, E. Greisen, A&A 395 (2002) 1077, section 5.1.3.
    """
    turn, up = np.radians(ra - CENTRE[0]), np.radians(dec)
    middle = np.radians(CENTRE[1])
    height = np.sin(up) * np.sin(middle) + np.cos(up) * np.cos(middle) * np.cos(turn)
    east = np.cos(up) * np.sin(turn) / height
    north = (np.sin(up) * np.cos(middle) - np.cos(up) * np.sin(middle) * np.cos(turn)) / height
    found: Numbers = np.degrees(np.array([east, north]).T) * 3600
    return found
