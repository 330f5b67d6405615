"""What the tests of a whole night look at."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Testbed = Callable[..., subprocess.CompletedProcess[str]]
"""Runs `testbed` with these words (and environment); returns exit code and output."""


@dataclass(frozen=True)
class Night:
    """A nightly that has ended: where it worked, and what it told."""

    folder: Path
    code: int
    output: str
    witnessed: frozenset[str]
    """Every secret that was issued or used."""

    @property
    def run(self) -> Path:
        """The folder of the latest run."""
        return self.folder / "runs" / "latest"

    @property
    def proof(self) -> Path:
        """The folder of the latest proof."""
        return self.folder / "proofs" / "latest"
