"""Images as FITS files (FITS Standard 4.0, sections 3 and 4): the harness has no library for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_BLOCK: Final = 2880
_CARD: Final = 80


def image(pixels: npt.NDArray[np.int32], keywords: Mapping[str, float | str]) -> bytes:
    """Return an image of whole numbers, with its keywords, as a FITS file."""
    height, width = pixels.shape
    head: dict[str, Any] = {
        "SIMPLE": True,
        "BITPIX": 32,
        "NAXIS": 2,
        "NAXIS1": width,
        "NAXIS2": height,
    }
    cards = [_card(name, value) for name, value in {**head, **keywords}.items()]
    header = "".join([*cards, "END".ljust(_CARD)]).encode("ascii")
    return _filled(header, b" ") + _filled(pixels.astype(">i4").tobytes(), b"\0")


def _card(name: str, value: float | str | bool) -> str:
    match value:
        case bool():
            text = f"{'T' if value else 'F':>20}"
        case str():
            text = f"'{value:<8}'"
        case _:
            text = f"{value!r:>20}".upper()
    return f"{name:<8}= {text}".ljust(_CARD)


def _filled(content: bytes, filler: bytes) -> bytes:
    return content + filler * (-len(content) % _BLOCK)
