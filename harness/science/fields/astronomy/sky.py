"""The synthetic sky: stars, new sources among them, and how a camera sees them on two nights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

SIZE: Final = 640
"""Pixels of each side of an image."""
SCALE: Final = 0.2
"""Arc seconds a pixel, as of the camera of the Rubin Observatory."""
NEW: Final = 20
STARS: Final = 500
DIMMED: Final = 0.9
"""Transparency of the later night, of the earlier one's."""

_SEED: Final = 42
_EDGE: Final = 40
"""Pixels at the edge without new sources."""


@dataclass(frozen=True)
class Sources:
    """Point sources: places in pixels from 0, and electrons in the earlier night."""

    x: Numbers
    y: Numbers
    flux: Numbers


@dataclass(frozen=True)
class Night:
    """How a night's image is blurred and lit."""

    seeing: float
    """Standard deviation of the image of a star, in pixels."""
    background: float
    """Electrons a pixel."""


EARLIER: Final = Night(seeing=1.6, background=300.0)
LATER: Final = Night(seeing=2.1, background=450.0)


@cache
def sources() -> tuple[Sources, Sources]:
    """Return the stars, which are on both images, and the new sources."""
    chance = np.random.default_rng(_SEED)
    x, y = chance.uniform(20, SIZE - 20, (2, STARS))
    # As many stars of each brightness as in the disk of our galaxy: N(>flux) falls by flux^-1.2.
    flux = np.minimum(500 * (1 - chance.random(STARS)) ** (-1 / 1.2), 2e5)
    new_x, new_y = chance.uniform(_EDGE, SIZE - _EDGE, (2, NEW))
    return Sources(x, y, flux), Sources(new_x, new_y, chance.uniform(3000, 20000, NEW))


def planted() -> Sources:
    """Return the new sources as the later night sees them."""
    _, new = sources()
    return Sources(new.x, new.y, DIMMED * new.flux)


def images() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return the image of the earlier night and that of the later one, in electrons."""
    stars, new = sources()
    chance = np.random.default_rng(_SEED + 1)
    both = Sources(
        *(np.concatenate([getattr(s, k) for s in (stars, new)]) for k in ("x", "y", "flux"))
    )
    earlier = _light(stars, EARLIER)
    later = DIMMED * _light(both, LATER)
    return (
        chance.poisson(earlier + EARLIER.background).astype(np.int32),
        chance.poisson(later + LATER.background).astype(np.int32),
    )


def _light(of: Sources, night: Night) -> Numbers:
    """Return the light of sources on the pixels, without the sky's."""
    image = np.zeros((SIZE, SIZE))
    reach = int(6 * night.seeing) + 1
    for x, y, flux in zip(of.x, of.y, of.flux, strict=True):
        left, right = max(0, int(x) - reach), min(SIZE, int(x) + reach + 1)
        bottom, top = max(0, int(y) - reach), min(SIZE, int(y) + reach + 1)
        across, along = _share(left, right, x, night), _share(bottom, top, y, night)
        image[bottom:top, left:right] += flux * np.outer(along, across)
    return image


def _share(start: int, end: int, middle: float, night: Night) -> Numbers:
    """Return which part of a star's light falls on each row or column of pixels."""
    width = night.seeing * math.sqrt(2)
    edges = [math.erf((edge - 0.5 - middle) / width) for edge in range(start, end + 1)]
    return np.diff(edges) / 2
