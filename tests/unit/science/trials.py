"""Runs the job of a use case on this machine, with a program that stands for a field's own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from harness.science import archive, field
from harness.science.field import Control, Field, Figure, Files, exactly
from harness.science.fields.environment.tables import DATA
from harness.science.plan import PLAN, READ, WRITE, Archive, Plan
from harness.science.result import Judged, Manifest, Result, judge

PROGRAM = """
import json, sys
from pathlib import Path
source, target, given = map(Path, sys.argv[1:])
numbers = json.loads((source / "numbers.json").read_text())
total = sum(numbers) * json.loads(given.read_text())["factor"]
(target / "sum.json").write_text(json.dumps(total))
"""


@dataclass(frozen=True)
class Adding(Field):
    """A field whose scientists add numbers; it needs no software but Python."""

    program: str = PROGRAM

    def inputs(self) -> Files:
        return {"numbers.json": b"[1, 2, 3]"}

    def programs(self) -> Files:
        return {"program.py": self.program.encode()}

    def check(self, result: Files) -> tuple[Figure, ...]:
        return (exactly("sum", json.loads(result["sum.json"]), 6, source="arithmetic"),)


ADDING = Adding(
    name="adding",
    title="Adding",
    question="How much is it?",
    method="Numbers are added.",
    requirement="SCI-101",
    software=(field.Software("Python", "3", "PSF-2.0", "https://www.python.org/"),),
    parameters={"factor": 1},
    control=Control("The sum is doubled.", {"factor": 2}, ("sum",)),
    memory=1,
)


@dataclass(frozen=True)
class Trial:
    """A job in a folder of its own; what lies at home lies in another."""

    plan: Plan
    home: Path
    worker: Path

    def changed(self, **changes: object) -> Trial:
        """Return the trial with another plan."""
        return replace(self, plan=replace(self.plan, **changes))  # type: ignore[arg-type]

    def run(self, tokens: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run the job to its end."""
        shutil.rmtree(self.worker, ignore_errors=True)
        self.worker.mkdir()
        given = self.plan.files(tokens or {READ: "read-canary", WRITE: "write-canary"})
        for name, content in given.items():
            (self.worker / name).write_bytes(content)
        return subprocess.run(
            [sys.executable, "job.py", PLAN],
            cwd=self.worker,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def result(self) -> bytes:
        return (self.home / "result.tar.gz").read_bytes()


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """A job that adds."""
    return prepared(ADDING, tmp_path)


def prepared(adding: Field, place: Path) -> Trial:
    """Prepare a job of a field."""
    home, worker = place / "home", place / "worker"
    home.mkdir()
    contents = {
        "bundle": archive.pack({"python/nothing.txt": b""}),
        "input": archive.pack(adding.inputs()),
    }
    for name, content in contents.items():
        (home / name).write_bytes(content)
    plan = Plan(
        field=adding,
        run="run-1",
        bundle=Archive.of(f"file://{home}/bundle", contents["bundle"]),
        input=Archive.of(f"file://{home}/input", contents["input"]),
        output=f"file://{home}/result.tar.gz",
    )
    return Trial(plan, home, worker)


def judged_seawater(run: str = "run-1") -> Judged:
    """Return a right result of the field `environment`, as a worker would have sent it."""
    chosen = field.field("environment")
    right = (DATA / "check_values.csv").read_bytes()
    runs = {
        "right": {"seawater.csv": right},
        "control": {"seawater.csv": right.replace(b"1021", b"1022").replace(b"1540", b"1543")},
    }
    sums = {"sha256": "0" * 64, "adler32": "00000001", "size": 1}
    computed = {"seconds": 0.5, "processor": 0.4, "memory": 37, "files": {"seawater.csv": sums}}
    manifest = Manifest.model_validate(
        {
            "run": run,
            "field": chosen.name,
            "worker": {
                "host": "ce.egi.test",
                "system": "Debian GNU/Linux 13 (trixie)",
                "machine": "x86_64",
                "cores": 2,
                "memory": 4000,
                "python": "3.13.5",
            },
            "start": "2026-11-30T14:00:00Z",
            "end": "2026-11-30T14:00:02Z",
            "bundle": sums,
            "input": sums,
            "runs": {name: computed | {"parameters": chosen.runs[name]} for name in runs},
        }
    )
    return judge(Result(chosen, manifest, runs))
