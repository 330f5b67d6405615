"""The evidence of a cell: what its pages say themselves, and the packed file from which they show the rest.

Where something failed, a page shows the failed steps and names the others. All else stands in the packed
file alone, once for all pages, and `assets/evidence.js` brings it in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.conformance import evidence as kept
from harness.report.site import curl
from harness.report.site.templating import Page

_LISTED = 200
"""Steps that a page names itself; its script shows them all."""
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
    """All of them, outermost first."""
    failed: tuple[ShownStep, ...]
    """What the failure is read from: the innermost steps that failed; else the last one before it."""

    @property
    def script(self) -> str:
        """The packed file, within the night's folder."""
        return kept.packed_name(self.file)

    @property
    def named(self) -> bool:
        """Whether the scenario's page names the steps itself: where something failed."""
        return bool(self.failed)

    @property
    def listed(self) -> Sequence[ShownStep]:
        """The steps that a page names; of very many, the first."""
        return self.steps[:_LISTED]

    @property
    def left_out(self) -> int:
        """Steps that a page does not name."""
        return len(self.steps) - len(self.listed)


def read(folder: Path, file: str) -> Evidence | None:
    """Read a file of evidence; None where it is gone, or is none."""
    try:
        if (folder / file).stat().st_size > _MOST:
            return None
        return _evidence(file, (folder / file).read_bytes())
    except OSError:
        return None


def packed(folder: Path, file: str) -> Page:
    """Return the script that holds a file of evidence, as it is published.

    Raises
    ------
    OSError
        where the file cannot be read.
    """
    content = (folder / file).read_bytes()
    found = _evidence(file, content) if len(content) <= _MOST else None
    commands = [step.curl for step in found.steps] if found else []
    return kept.packed_name(file), kept.packed(file, content, commands)


def _evidence(file: str, text: bytes) -> Evidence | None:
    try:
        content = json.loads(text.decode())
        steps = list(_steps(content["steps"], 0))
        status, seconds = str(content["status"]), _seconds(content)
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return None
    return Evidence(
        file=file,
        status=status,
        seconds=seconds,
        message=str(content.get("message", "")),
        steps=tuple(steps),
        failed=tuple(_failed(steps)) if status != "passed" else (),
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
