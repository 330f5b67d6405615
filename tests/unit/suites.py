"""Runs small suites of scenarios, each in a process of its own, on a testbed that is nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import certifi
import pytest

from harness.conformance import outcomes
from harness.conformance.outcomes import Outcome

ROOT = Path(__file__).resolve().parents[2]

PASSWORD = "canary-password-71f0"
"""In the testbed's vault; scenarios of these tests print it, raise it and send it."""

_SCRIPT = """
import sys
from pathlib import Path
from harness.conformance import outcomes
from harness.engine import session

inventory, suite, folder, *routes = sys.argv[1:]
selection = session.Selection(Path(inventory), routes=tuple(routes), scenarios=Path(suite))
collected = session.collect(selection)
outcomes.write_plan(Path(folder), collected.cells)
session.run(selection, Path(folder), attempt=1, cells=len(collected.cells), plugins=[])
"""


@dataclass(frozen=True)
class Ran:
    """A suite that has run: its folder, and what it wrote to the terminal."""

    folder: Path
    code: int
    output: str

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return outcomes.read(self.folder)

    def outcome(self, test: str) -> Outcome:
        """Return the outcome of a test, on the route that crosses where there is one.

        Workers end in any order, so the order of the file tells nothing.
        """
        found = [o for o in self.outcomes if o.scenario.endswith(f"::{test}")]
        return max(found, key=lambda o: not o.is_control)

    def evidence(self, test: str) -> dict[str, object]:
        name = self.outcome(test).evidence
        assert name is not None
        content: dict[str, object] = json.loads((self.folder / name).read_text())
        return content


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The testbed's state: authorities to trust, and one known secret."""
    folder = tmp_path / "state" / "unit"
    (folder / "pki").mkdir(parents=True)
    (folder / "pki" / "bundle.pem").write_text(Path(certifi.where()).read_text())
    (folder / "vault.json").write_text(json.dumps({"vault": {"egi": {"password_a": PASSWORD}}}))
    return folder.parent


@pytest.fixture
def foreign_issuer(inventory_folder: Path) -> None:
    """CSTCloud's issuer is a real one: no host of the testbed's own making."""
    hosts = inventory_folder / "hosts.yml"
    text = hosts.read_text()
    assert "[trust, lemonldap]" in text
    hosts.write_text(text.replace("[trust, lemonldap]", "[]"))


@pytest.fixture
def suite(tmp_path: Path, inventory_folder: Path, state: Path) -> Callable[..., Ran]:
    """Run the source of one file of scenarios (`auth/test_suite.py`) over some routes."""

    def run(source: str, *routes: str, env: dict[str, str] | None = None) -> Ran:
        file = tmp_path / "suite" / "auth" / "test_suite.py"
        file.parent.mkdir(parents=True)
        file.write_text(textwrap.dedent(source))
        folder = tmp_path / "run"
        (folder / "logs").mkdir(parents=True)
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, inventory_folder, file.parents[1], folder, *routes],
            cwd=tmp_path,
            env=os.environ
            | {"PYTHONPATH": str(ROOT), "TESTBED_STATE": str(state), "TESTBED_WORKERS": "4"}
            | (env or {}),
            capture_output=True,
            text=True,
            check=False,
        )
        return Ran(folder, done.returncode, done.stdout + done.stderr)

    return run
