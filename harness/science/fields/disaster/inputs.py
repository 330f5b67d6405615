"""What the scientist has at home: the shape of the ground, and the settings of GeoClaw."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from harness.science.field import Files

_SETTINGS: Final = Path(__file__).parent / "data" / "settings"
_POINTS: Final = 200
"""Of the map of the ground, along each side."""
_EDGE: Final = 2.0
"""m from the middle."""


def make() -> Files:
    """Return the map of the ground, and the settings."""
    return {
        "bowl.topotype2": _ground().encode(),
        **{path.name: path.read_bytes() for path in sorted(_SETTINGS.glob("*.data"))},
    }


def _ground() -> str:
    """Return the heights from the north-west on (GeoClaw, topography files, type 2).

    Without numpy: these must be the same bytes on every machine.
    """
    size = 2 * _EDGE / (_POINTS - 1)
    steps = [-_EDGE + number * size for number in range(_POINTS)]
    head = f"{_POINTS} ncols\n{_POINTS} nrows\n{-_EDGE} xlower\n{-_EDGE} ylower\n{size:.15e} cellsize\n"
    heights = (0.1 * (x * x + y * y - 1.0) for y in reversed(steps) for x in steps)
    return f"{head}-99999 nodata_value\n" + "".join(f"{height:.9e}\n" for height in heights)
