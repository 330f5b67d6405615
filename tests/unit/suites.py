"""Runs small suites of scenarios, each in a process of its own, on a testbed that is nowhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import certifi
import pytest

from harness.conformance import deviations, outcomes
from harness.conformance.outcomes import Outcome

ROOT = Path(__file__).resolve().parents[2]

PASSWORD = "canary-password-71f0"
"""In the testbed's vault; scenarios of these tests print it, raise it and send it."""

_SCRIPT = """
import sys
from pathlib import Path
from harness.conformance import outcomes
from harness.engine import session

inventory, suite, folder, prelude, *routes = sys.argv[1:]
selection = session.Selection(Path(inventory), routes=tuple(routes), scenarios=Path(suite))
collected = session.collect(selection)
outcomes.write_plan(Path(folder), collected.cells)
plugins = []
exec(prelude)
interrupted = session.run(
    selection, Path(folder), attempt=1, cells=len(collected.cells), plugins=plugins
)
sys.exit(130 if interrupted else 0)
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


def copy_of_the_twin(place: Path) -> Path:
    """Make a copy of the twin's inventory, named `unit`; nothing listens at its addresses."""
    copy = place / "inventory"
    ignored = shutil.ignore_patterns(deviations.FILE)
    shutil.copytree(ROOT / "inventories" / "twin", copy, ignore=ignored)
    for path in copy.rglob("*.yml"):
        text = path.read_text().replace("10.111.", "127.111.")
        path.write_text(text.replace("testbed_name: twin", "testbed_name: unit"))
    return copy


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The testbed's state: authorities to trust, and one known secret."""
    return state_of(tmp_path)


def state_of(place: Path) -> Path:
    """Make such a state."""
    folder = place / "state" / "unit"
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


@dataclass(frozen=True)
class Suite:
    """Runs the source of one file of scenarios (`auth/test_suite.py`) over some routes."""

    place: Path
    inventory: Path
    state: Path

    def __call__(
        self, source: str, *routes: str, env: dict[str, str] | None = None, prelude: str = ""
    ) -> Ran:
        """Run it to its end; `prelude` is run before it, and may name `plugins`."""
        process = self.start(source, *routes, env=env, prelude=prelude)
        output, _ = process.communicate()
        return Ran(self.folder, process.returncode, output)

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.place / "run"

    def start(
        self, source: str, *routes: str, env: dict[str, str] | None = None, prelude: str = ""
    ) -> subprocess.Popen[str]:
        """Start it."""
        file = self.place / "suite" / "auth" / "test_suite.py"
        file.parent.mkdir(parents=True)
        file.write_text(textwrap.dedent(source))
        (self.folder / "logs").mkdir(parents=True)
        words = [self.inventory, file.parents[1], self.folder, textwrap.dedent(prelude), *routes]
        return subprocess.Popen(
            [sys.executable, "-c", _SCRIPT, *words],
            cwd=self.place,
            env=os.environ
            | {"PYTHONPATH": str(ROOT), "TESTBED_STATE": str(self.state), "TESTBED_WORKERS": "4"}
            | (env or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture
def suite(tmp_path: Path, inventory_folder: Path, state: Path) -> Suite:
    """A small suite that can be run."""
    return Suite(tmp_path, inventory_folder, state)
