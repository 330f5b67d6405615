"""The evidence of a cell, cut to what a page can hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.report.site import curl

BUDGET = 90_000
"""Characters of evidence on a page; the file beside it holds all of it."""

_OF_STEP = 400
"""What a step costs beside its text: a page of many small ones must stay small, too."""
_FEW = 3
"""Failed steps that a page shows before all others."""

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

    @property
    def curl(self) -> str:
        """The request as a curl command; empty where it was none."""
        return curl.command(self.sent)


@dataclass(frozen=True)
class Evidence:
    """What a scenario did and saw in one attempt."""

    file: str
    status: str
    seconds: float
    message: str
    steps: tuple[ShownStep, ...]
    failed: tuple[ShownStep, ...]
    """What the failure is read from: the innermost steps that failed; else the last one before it."""
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
        budget -= len(step.sent) + len(step.answer) + len(step.title) + len(step.curl) + _OF_STEP
        if budget < 0:
            break
        shown.append(step)
    return Evidence(
        file=file,
        status=status,
        seconds=seconds,
        message=str(content.get("message", "")),
        steps=tuple(shown),
        failed=tuple(_failed(steps)) if status != "passed" else (),
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


def _failed(steps: list[ShownStep]) -> list[ShownStep]:
    """Return the innermost steps that failed, few of them; else the last step, after which it was told."""
    found: list[ShownStep] = []
    within = -1
    # From the last to the first, a step comes after those within it.
    for step in reversed(steps):
        if step.failed and step.depth >= within:
            found.insert(0, step)
        if step.failed or step.depth <= within:
            within = step.depth
    return found[-_FEW:] or steps[-1:]


def _seconds(content: dict[str, Any]) -> float:
    steps = content["steps"]
    return steps[-1]["stop"] - steps[0]["start"] if steps else 0.0
