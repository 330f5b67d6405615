"""`testbed nightly`: the whole way, each stage timed, ending with the table and where the report is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import execution, preflight, report
from harness.conformance import runs
from harness.conformance.runs import Run
from harness.engine.cells import requirements
from harness.engine.choice import EVERYTHING, Choice
from harness.errors import TestbedError
from harness.extent import Extent
from harness.inventory import Inventory
from harness.notice import notify as notices
from harness.printable import storable
from harness.provision import hosts, lifecycle, lock
from harness.state import State


def run(
    inventory: Inventory,
    *,
    choice: Choice = EVERYTHING,
    notify: bool = False,
    extent: Extent = "core",
    console: Console,
) -> int:
    """Provision, check, run, judge and report; return the exit code that the verdicts ask for.

    Parameters
    ----------
    notify
        whether those concerned are told what has changed. A message that does not arrive changes no
        exit code: the verdicts stand, and the next notice sends it.

    Raises
    ------
    BadInput
        where the choice means nothing, or nobody can be told; nothing has been started then.
    """
    choice.check(requirements())
    if notify:
        notices.desk(inventory)
    stages = _Stages(console)
    folder = runs.make_folder()
    try:
        containers = bool(hosts.of_containers(inventory.testbed))
        with lock.hold(State(inventory.testbed.name), "nightly", containers=containers):
            # People do not wait at the terminal until all is provisioned.
            preflight.ask_people(inventory)
            with stages.stage("up and check"):
                health = lifecycle.up(
                    inventory, extent=extent, console=console, logs=folder / runs.LOGS
                )
            stages.split("up and check", {"up": None, "check": health.seconds})
            with stages.stage("run"):
                done = execution.run(
                    inventory,
                    choice=choice,
                    extent=extent,
                    console=console,
                    folder=folder,
                    before=health,
                    reporting=False,
                )
            parts = {f"run: {name}": seconds for name, seconds in done.seconds.items()}
            stages.split("run", {**parts, "run: judge, and the rest": None})
            if not done.interrupted:
                with stages.stage("report"):
                    report.build(folder, console=console)
            if notify and Run.read(folder).whole:
                with stages.stage("notify"):
                    _tell(inventory, folder, console)
    finally:
        stages.show()
    return done.exit_code


def _tell(inventory: Inventory, folder: Path, console: Console) -> None:
    """Tell those concerned; what goes wrong is shown, and does not end the night."""
    try:
        notices.notify(inventory, folder=folder, console=console)
    except TestbedError as error:
        console.print(Text(storable(f"not all were told: {error}"), style="red"), soft_wrap=True)


class _Stages:
    """The stages of a night and the seconds that they took."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Announce a stage, and time it."""
        self._console.rule(name, align="left")
        start = time.monotonic()
        try:
            yield
        finally:
            self._seconds[name] = time.monotonic() - start

    def split(self, name: str, parts: Mapping[str, float | None]) -> None:
        """Tell the seconds of a stage's parts apart, where the stage itself has measured them.

        A part of which that is not known (None) took the rest.
        """
        rest = self._seconds.pop(name) - sum(filter(None, parts.values()))
        self._seconds |= {part: rest if took is None else took for part, took in parts.items()}

    def show(self) -> None:
        """Print the seconds of every stage."""
        table = Table(title="stages", title_justify="left")
        table.add_column("stage")
        table.add_column("seconds", justify="right")
        for name, seconds in self._seconds.items():
            table.add_row(name, f"{seconds:.1f}")
        table.add_row("all", f"{sum(self._seconds.values()):.1f}")
        self._console.print(table)
