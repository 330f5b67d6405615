"""A result as people look at it: its figures, those of the run that was done wrongly, and its picture."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, Final

from harness.evidence import exhibit
from harness.science.field import Figure
from harness.science.result import CONTROL, RIGHT, Judged

FIGURES: Final = "figures.json"


def show(judged: Judged) -> None:
    """Show a result to who looks on (`harness.evidence.exhibit`)."""
    field = judged.result.field
    exhibit(FIGURES, lambda: _figures(judged.figures[RIGHT], wrong=""))
    exhibit(f"{field.name}.png", lambda: _picture(judged))
    exhibit(FIGURES, lambda: _figures(judged.figures[CONTROL], wrong=field.control.what))


def _picture(judged: Judged) -> bytes:
    from harness.science.pictures import picture  # noqa: PLC0415, a second, for who looks on

    return picture(judged.result.field, judged.result.right)


def _figures(figures: Iterable[Figure], *, wrong: str) -> bytes:
    return json.dumps({"figures": [_figure(one) for one in figures], "wrong": wrong}).encode()


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "what": figure.what,
        "value": figure.value,
        "unit": figure.unit,
        "low": figure.low if math.isfinite(figure.low) else None,
        "high": figure.high if math.isfinite(figure.high) else None,
        "right": figure.right,
        "source": figure.source,
    }
