"""`testbed run --shards 8`: all parts of a run on the workers of a cluster, judged as one run."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from harness import interruption, planning, report
from harness.cluster import order as orders
from harness.cluster import workers
from harness.cluster.order import End, Lost, Order
from harness.cluster.progress import Following
from harness.conformance import deviations, runs
from harness.engine import session
from harness.engine.choice import EVERYTHING, Choice
from harness.engine.progress import RunLive
from harness.errors import BadInput, ExitCode, PreconditionError, TestbedError
from harness.inventory import Inventory
from harness.provision import hosts, keeping, lock, recovery
from harness.shards import Shard, merge
from harness.state import State

PARTS = runs.RUNS / "parts"
"""Where the parts of runs lie until they are merged."""

_AGAIN = 2
"""Times that a part is run again of which only the process was killed; of killed workers, Dask says it."""
_SETTINGS = ("TESTBED_STATE", "TESTBED_WORKERS", "TESTBED_PER_SERVICE")
_GLANCE = 1.0
_RETURN = 120.0
"""Seconds for which a run waits for another worker where none is left."""


def run(
    inventory: Inventory,
    *,
    shards: int,
    cluster: str = "",
    choice: Choice = EVERYTHING,
    routes: Sequence[str] = (),
    sites: Sequence[str] = (),
    read_only: bool = False,
    console: Console,
    scenarios: Path = session.SCENARIOS,
) -> int:
    """Run all parts, join them, judge, and build the report; return the exit code of the verdicts.

    Parameters
    ----------
    cluster
        the address of a Dask scheduler, or a batch system; this machine where empty.

    Raises
    ------
    BadInput
        as `harness.execution.run`; where there are fewer sites than parts; where a part was refused.
    PreconditionError
        where there is no Dask, no scheduler, or no worker that can run the parts.
    Busy
        where another process works on the testbed.
    TestbedError
        where a part was lost again and again.
    """
    workers.check(cluster)
    chosen = planning.choose(inventory, routes, sites)
    parts = {
        shard: tuple(sorted({route.resource.name for route in shard.take(chosen)}))
        for shard in (Shard(number, shards) for number in range(1, shards + 1))
    }
    testbed = inventory.testbed
    state = State(testbed.name)
    keeping.require(testbed, state)
    with lock.hold_sites(state, (), containers=hosts.exist(testbed)) as held:
        if held.alone:
            recovery.settle(inventory, console=console)
        held.share()
        folder = runs.make_folder(PARTS).resolve()
        (folder / orders.LIMITS).mkdir()
        mark = secrets.token_hex(16)
        (folder / orders.MARK).write_text(mark)
        for_all = Order(
            shard="",
            mine=(),
            folder=folder,
            mark=mark,
            checkout=orders.Checkout.here(),
            testbed=testbed.name,
            inventory=inventory.path.resolve(),
            digest=orders.digest(inventory.path),
            choice=choice,
            routes=tuple(routes),
            sites=tuple(sites),
            read_only=read_only,
            scenarios=scenarios.resolve(),
            settings={name: os.environ[name] for name in _SETTINGS if name in os.environ},
        )
        run_parts = _Run(inventory, orders.orders(for_all, parts), folder, console)
        try:
            with workers.connected(cluster, parts=shards, logs=folder / runs.LOGS) as client:
                ends = run_parts.on(client)
        except PreconditionError:
            if (
                cluster not in workers.BATCH
            ):  # whose jobs may have written there why they do not come
                shutil.rmtree(folder)
            raise
    if run_parts.interrupted:
        shown = report.shown(folder)
        console.print(f"interrupted; what was seen is in {shown}.", soft_wrap=True)
        return interruption.exit_code()
    code = merge([Path(end.folder) for end in ends], console=console)
    shutil.rmtree(folder)  # the merged run has all of it
    return code


class _Run:
    """The parts of a run under way."""

    def __init__(
        self, inventory: Inventory, parts: list[Order], folder: Path, console: Console
    ) -> None:
        self._inventory, self._parts = inventory, parts
        self._folder, self._console = folder, console
        self._pending: dict[Any, Order] = {}
        """Future of Dask -> the part that it is of."""
        self._ends: list[End] = []
        self._lost: list[str] = []
        self._alone_since: float | None = None
        """Since when there is no worker."""
        self.interrupted = False

    def on(self, client: Any) -> list[End]:
        """Let workers run all parts; return how these ended, in any order.

        Raises
        ------
        BadInput
            where a part was refused; the others are stopped.
        TestbedError
            where parts were lost.
        """
        from harness.cluster import worker  # noqa: PLC0415, it needs Dask

        self._require_fit(client)
        number = len(client.scheduler_info(n_workers=-1)["workers"])
        what = f"{len(self._parts)} parts, {number} worker{'' if number == 1 else 's'}"
        self._console.print(f"run {self._folder.name}: {what}", highlight=False)
        self._pending = {
            client.submit(worker.do, one, key=one.name, pure=False, retries=_AGAIN): one
            for one in self._parts
        }
        with interruption.noted() as noted, self._live() as live:
            following = Following(self._parts, live, self._console)
            while self._pending:
                self._take()
                if noted.has_come() and not self.interrupted:
                    self.interrupted = True
                    self._stop()
                following.look()
                if self._is_abandoned(client):
                    break
        if self.interrupted:
            return []
        if refused := [end for end in self._ends if end.code == ExitCode.USAGE]:
            raise BadInput(f"part {refused[0].shard}: {refused[0].said}")
        if self._lost:
            raise TestbedError("\n".join(self._lost) + f"\n  What was seen is in {self._folder}.")
        return self._ends

    def _require_fit(self, client: Any) -> None:
        """Refuse workers that could not run the parts as this machine would."""
        from harness.cluster import worker  # noqa: PLC0415

        try:
            found = client.run(worker.look, self._parts[0])
        except ImportError as error:
            raise PreconditionError(
                f"a worker does not have {error.name}. Start workers from this checkout, on a file system "
                "that they share: `.venv/bin/dask worker ADDRESS --nthreads 1`."
            ) from error
        if troubles := [f"worker {where}: {why}." for where, why in found.items() if why]:
            raise PreconditionError("\n".join(troubles))

    def _live(self) -> RunLive:
        return RunLive(
            self._console,
            cells=1,
            what="scenarios",
            known=deviations.load(self._inventory.folder / deviations.FILE),
            faults=(),
            day=dt.datetime.now(dt.UTC).date(),
        )

    def _take(self) -> None:
        """Take the results of parts that have ended."""
        import distributed  # noqa: PLC0415

        try:
            waited = distributed.wait(
                list(self._pending), timeout=_GLANCE, return_when="FIRST_COMPLETED"
            )
        except TimeoutError:
            return
        for future in waited.done:
            part = self._pending.pop(future)
            try:
                end = future.result()
            except (Lost, distributed.KilledWorker) as error:
                self._lost.append(f"part {part.shard} was lost again and again: {error}")
                continue
            self._ends.append(end)
            if end.code == ExitCode.USAGE:
                self._stop()

    def _is_abandoned(self, client: Any) -> bool:
        """Tell whether nobody can end what is pending: no worker is left, and none has come for a while.

        A signal to a whole group of processes ends the workers of this machine too, and they stay away.
        """
        if client.scheduler_info(n_workers=-1)["workers"]:
            self._alone_since = None
            return False
        now = time.monotonic()
        self._alone_since = now if self._alone_since is None else self._alone_since
        if not self.interrupted and now - self._alone_since < _RETURN:
            return False
        self._lost += [
            f"part {one.shard} has not ended, for no worker is left"
            for one in self._pending.values()
        ]
        return True

    def _stop(self) -> None:
        """Let running parts clean up and end; those that have not begun do not begin."""
        (self._folder / orders.STOP).touch()
        for future, part in list(self._pending.items()):
            if not part.attempts():
                del self._pending[future]
                future.cancel()
