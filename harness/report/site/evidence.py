"""The evidence of a cell, cut to what a page can hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUDGET = 90_000
"""Characters of evidence on a page; the file beside it holds all of it."""


@dataclass(frozen=True)
class ShownStep:
    """A step as the page shows it; `depth` is 0 for the outermost."""

    title: str
    depth: int
    milliseconds: int
    failed: bool
    sent: str
    answer: str


@dataclass(frozen=True)
class Evidence:
    """What a scenario did and saw in one attempt."""

    file: str
    status: str
    seconds: float
    message: str
    steps: tuple[ShownStep, ...]
    left_out: int
    """Steps that the page has no space for."""


def read(folder: Path, file: str, *, budget: int = BUDGET) -> Evidence | None:
    """Read a file of evidence; None where it is gone, or is none."""
    try:
        content = json.loads((folder / file).read_text(encoding="utf-8"))
        steps = list(_steps(content["steps"], 0))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    shown: list[ShownStep] = []
    for step in steps:
        budget -= len(step.sent) + len(step.answer) + len(step.title) + 200
        if budget < 0:
            break
        shown.append(step)
    return Evidence(
        file=file,
        status=str(content.get("status", "")),
        seconds=_seconds(content),
        message=str(content.get("message", "")),
        steps=tuple(shown),
        left_out=len(steps) - len(shown),
    )


def _steps(steps: list[dict[str, Any]], depth: int) -> Iterator[ShownStep]:
    for step in steps:
        yield ShownStep(
            title=step["title"],
            depth=depth,
            milliseconds=round(1000 * (step["stop"] - step["start"])),
            failed=step["status"] != "passed",
            sent=step["sent"],
            answer=step["answer"],
        )
        yield from _steps(step["steps"], depth + 1)


def _seconds(content: dict[str, Any]) -> float:
    steps = content["steps"]
    return steps[-1]["stop"] - steps[0]["start"] if steps else 0.0
