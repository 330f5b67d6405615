"""The testbed under trial: the twin, a part of its scenarios, and a run that can be struck midway."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from harness.conformance import outcomes
from harness.inventory import Inventory

TESTBED = Path(sys.executable).parent / "testbed"
PART = "test_files or test_token_claims or test_ranges or test_cloud_login or test_issuer_metadata"
"""Quick scenarios that ask issuers, storages and clouds of both sides, over all routes."""
SOME = 40
"""So many cells have been seen when a run is struck."""
PROBE = "test_the_discovery_document_names_its_issuer"
"""One scenario, by which the next command is shown to work."""


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    output: str

    @property
    def last_line(self) -> str:
        """The last line that it printed."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        return lines[-1] if lines else ""


@dataclass
class Bed:
    """A testbed that is up, and the folder in which commands are typed."""

    inventory: Path
    model: Inventory
    folder: Path
    part: str = PART
    log: list[str] = field(default_factory=list)

    def command(self, *words: str, of_inventory: bool = True) -> Done:
        """Type a command and wait for its end."""
        with self.started(*words, of_inventory=of_inventory) as process:
            output, _ = process.communicate()
        self.log.append(f"$ testbed {' '.join(words)} -> {process.returncode}\n{output}")
        return Done(process.returncode, output)

    @contextmanager
    def started(self, *words: str, of_inventory: bool = True) -> Iterator[subprocess.Popen[str]]:
        """Start a command in a process group of its own, as a terminal does: SIGINT is heeded."""
        chosen = ["--inventory", str(self.inventory)] if of_inventory else []
        process = subprocess.Popen(
            ["env", "--default-signal=INT", str(TESTBED), *words, *chosen],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def struck(self, strike: Callable[[subprocess.Popen[str]], None]) -> Done:
        """Run the part; strike as soon as some of its cells have been seen; wait for its end."""
        before = self.newest()
        with self.started("run", "-k", self.part) as process:
            self._await_outcomes(process, before)
            strike(process)
            output, _ = process.communicate()
        self.log.append(f"$ testbed run, struck -> {process.returncode}\n{output}")
        return Done(process.returncode, output)

    def _await_outcomes(
        self, process: subprocess.Popen[str], before: Path | None, some: int = SOME
    ) -> None:
        while process.poll() is None:
            run = self.newest()
            if run is not None and run != before:
                file = run / outcomes.OUTCOMES
                if file.exists() and len(file.read_bytes().splitlines()) >= some:
                    return
            time.sleep(0.05)
        raise RuntimeError(
            "the run ended before it was struck; choose a larger part of the scenarios"
        )

    def newest(self) -> Path | None:
        """Return the folder of the newest run, also of one that goes on; None where there is none."""
        found = sorted((self.folder / "runs").glob("2*"))
        return found[-1] if found else None

    def shell(self, host: str, script: str) -> str:
        """Run a line of shell on a host, which must succeed."""
        target = self.model.testbed.host(host).target
        done = subprocess.run(
            ["docker", "exec", target, "sh", "-ec", script],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{host}: {script!r} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def docker(self, verb: str, host: str, *words: str) -> None:
        """Do something to a host's container, which must succeed."""
        target = self.model.testbed.host(host).target
        subprocess.run(["docker", verb, *words, target], check=True, capture_output=True)
