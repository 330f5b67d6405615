"""How much of a testbed is started and run: the core by default, or all of it."""

from __future__ import annotations

import os
from typing import Final, Literal

from harness.errors import BadInput

Extent = Literal["core", "full"]
"""`core`: identity, data, jobs and the light services; `full`: what is heavy, too."""

EXTENTS: Final[tuple[Extent, ...]] = ("core", "full")
SETTING: Final = "TESTBED_EXTENT"


def chosen(word: str = "") -> Extent:
    """Return the extent that an option names; where it is empty, that of the environment, else the core.

    Raises
    ------
    BadInput
        where there is no such extent.
    """
    found = word or os.environ.get(SETTING, "")
    for extent in EXTENTS:
        if found == extent:
            return extent
    if found:
        where = "--extent" if word else SETTING
        raise BadInput(f"{where}={found}: it must be one of {', '.join(EXTENTS)}.")
    return "core"


def includes(extent: Extent, part: Extent) -> bool:
    """Tell whether a part that belongs to an extent is there in this one."""
    return part == "core" or extent == "full"
