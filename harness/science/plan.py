"""What the job of a use case is told: where its input lies, what to compute, where the result goes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from harness.science.bundles import recipe
from harness.science.field import Field, Files
from harness.science.recipe import PYTHON

JOB: Final = "job.py"
PLAN: Final = "plan.json"
READ, WRITE = "read.token", "write.token"
"""Files in which the job finds its tokens."""

_PROGRAM = Path(__file__).parent / "worker" / JOB


@dataclass(frozen=True)
class Archive:
    """An archive that lies at the user's home storage, and what it must be."""

    url: str
    sha256: str
    size: int

    @classmethod
    def of(cls, url: str, content: bytes) -> Archive:
        """Return the archive with this content."""
        return cls(url, sha256(content).hexdigest(), len(content))


@dataclass(frozen=True)
class Plan:
    """What one job does."""

    field: Field
    run: str
    """A word that no other run has, which comes back in the result."""
    bundle: Archive
    input: Archive
    output: str
    """URL of the result, which is not there yet."""
    memory: int = 0
    """MiB that the worker must have free; where 0, as many as the field says."""

    def as_dict(self) -> dict[str, Any]:
        """Return what the job reads."""
        return {
            "run": self.run,
            "field": self.field.name,
            "python": PYTHON if recipe(self.field).wheels else "",
            "memory": self.memory or self.field.memory,
            "bundle": vars(self.bundle),
            "input": vars(self.input),
            "output": {"url": self.output},
            "runs": {name: dict(given) for name, given in self.field.runs.items()},
        }

    def files(self, tokens: Mapping[str, str]) -> Files:
        """Return the files that travel with the job: its programs, this plan, and the tokens."""
        return {
            JOB: _PROGRAM.read_bytes(),
            PLAN: json.dumps(self.as_dict(), indent=1).encode(),
            **self.field.programs(),
            **{name: token.encode() for name, token in tokens.items()},
        }
