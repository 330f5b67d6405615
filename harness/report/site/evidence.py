"""The evidence of a cell, cut to what a page can hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUDGET = 90_000
"""Characters of evidence on a page; the file beside it holds all of it."""

_MOST = 64 * 2**20
"""Bytes of a file of evidence; no run of ours writes a larger one."""


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
        if (folder / file).stat().st_size > _MOST:
            return None
        content = json.loads((folder / file).read_text(encoding="utf-8"))
        steps = list(_steps(content["steps"], 0))
        status, seconds = str(content["status"]), _seconds(content)
    except (OSError, ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return None
    shown: list[ShownStep] = []
    for step in steps:
        budget -= len(step.sent) + len(step.answer) + len(step.title) + 200
        if budget < 0:
            break
        shown.append(step)
    return Evidence(
        file=file,
        status=status,
        seconds=seconds,
        message=str(content.get("message", "")),
        steps=tuple(shown),
        left_out=len(steps) - len(shown),
    )


def _steps(steps: list[dict[str, Any]], depth: int) -> Iterator[ShownStep]:
    for step in steps:
        yield ShownStep(
            title=str(step["title"]),
            depth=depth,
            milliseconds=round(1000 * (step["stop"] - step["start"])),
            failed=step["status"] != "passed",
            sent=str(step["sent"]),
            answer=str(step["answer"]),
        )
        yield from _steps(step["steps"], depth + 1)


def _seconds(content: dict[str, Any]) -> float:
    steps = content["steps"]
    return steps[-1]["stop"] - steps[0]["start"] if steps else 0.0
