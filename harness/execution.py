"""`testbed run`: the scenarios over the routes, the health of the hosts around them, the verdicts."""

from __future__ import annotations

import datetime as dt
import functools
import pkgutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.markup import escape

from harness import attempts, interruption, planning, preflight, report
from harness.clients import limits
from harness.clients.outages import FOLDER as OUTAGES
from harness.clients.outages import outages
from harness.conformance import (
    agreement,
    catalogue,
    deviations,
    evidence,
    framework,
    inputs,
    judging,
    outcomes,
    runs,
    usage,
)
from harness.conformance.runs import Run
from harness.conformance.verdicts import HostFault
from harness.engine import limiting, lint, session
from harness.engine.choice import EVERYTHING, Choice
from harness.engine.progress import RunLive
from harness.engine.session import Collected, Part, Selection
from harness.errors import ExitCode, TestbedError
from harness.extent import Extent
from harness.inventory import Inventory
from harness.kinds import registry
from harness.model import Host, Route
from harness.planning import Plan
from harness.printable import printable
from harness.provision import health as healths
from harness.provision import hosts, keeping, lock, recovery
from harness.provision.health import Health
from harness.provision.progress import Progress
from harness.science import bundles, records
from harness.shards import Shard
from harness.state import State

_AFTERWARDS = 10.0
"""Seconds that a host gets to answer well after the run; it was well before, or has been named."""

_RETURN = 60.0
"""Seconds that a service which gave no answer gets to come back before it is asked once more."""


_FUTURE = (
    "[yellow]{} says that it began in the future: the clock of this machine is wrong, or was. Set it "
    "right, or remove that folder and its pages, which else stay the newest.[/]"
)


class HealthCheck(Protocol):
    """Asks hosts how they are, for at most `deadline` seconds."""

    def __call__(
        self, inventory: Inventory, *, hosts: Sequence[Host], deadline: float = ...
    ) -> Health:
        """Return the state of these hosts."""
        ...


@dataclass(frozen=True)
class Done:
    """A run that has ended."""

    folder: Path
    exit_code: int
    interrupted: bool


def run(
    inventory: Inventory,
    *,
    choice: Choice = EVERYTHING,
    routes: Sequence[str] = (),
    sites: Sequence[str] = (),
    read_only: bool = False,
    extent: Extent = "core",
    console: Console,
    folder: Path | None = None,
    before: Health | None = None,
    shard: Shard | None = None,
    part: Part | None = None,
    scenarios: Path = session.SCENARIOS,
    check: HealthCheck = healths.check,
    reporting: bool = True,
) -> Done:
    """Run scenarios over routes, judge, and (where `reporting`) build the report.

    Where `read_only`, nothing is stored or submitted: scenarios that would are not run, and the run counts
    as one of a part. What belongs to a larger `extent` is not run either, and says so. `folder` is made
    where it is not given. `before` is the state of the hosts, where the caller has just looked; else
    `check` asks them. They are asked again afterwards. Of a `shard`, only its sites are run, beside other
    shards of other sites, and no report is built: `testbed merge` does that of all. A `part` is a shard
    whose caller holds the testbed's containers, and has undone what an earlier try of it has left.

    Raises
    ------
    BadInput
        where a route or a word of the choice means nothing, a scenario breaks a rule, or a known
        deviation covers nothing.
    Busy
        where another process works on the testbed.
    """
    wanted = planning.choose(inventory, routes, sites)
    chosen = shard.take(wanted) if shard else wanted
    selection = Selection(
        inventory=inventory.path,
        choice=choice,
        routes=tuple(route.id for route in chosen),
        scenarios=scenarios,
        read_only=read_only,
        part=part,
        extent=extent,
    )
    listed = inventory.folder / deviations.FILE
    known = deviations.load(listed)
    # What the report will need is read now: a night shall not fail at its end for a typo.
    required = catalogue.load()
    framework.load(required)
    agreement.load(inventory.folder / agreement.FILE, inventory.testbed)
    lint.check(scenarios)
    state = State(inventory.testbed.name)
    keeping.require(inventory.testbed, state)
    with _begun(
        inventory, state, chosen if shard else None, part=part, read_only=read_only, console=console
    ):
        collected = planning.collect(selection)
        preflight.require_secrets(inventory.testbed, state, collected.contacts)
        planning.check_known(known, listed.parent, selection, collected, required)
        bundles.prepare(collected.cells, extent, Progress(console))
        for notice in preflight.make_ready(inventory.testbed, state, chosen):
            console.print(notice, highlight=False, soft_wrap=True)
        folder = folder or runs.make_folder()
        for name in runs.of_the_future(folder):
            console.print(_FUTURE.format(folder.parent / name), highlight=False, soft_wrap=True)
        whole = not choice and not read_only and len(wanted) == len(inventory.testbed.routes)
        plan = Plan(
            chosen,
            choice,
            collected.cells,
            partial=not whole,
            shard=str(shard or ""),
            extent=extent,
        )
        record = planning.begin(inventory, folder, plan)
        console.print(
            f"run {record.id}: {len({c.test_name for c in collected.cells})} scenarios, "
            f"{len(chosen)} routes, {len(collected.cells)} cells",
            highlight=False,
        )
        execution = _Execution(inventory, folder, record, console, check)
        execution.run(selection, collected, before)
    if execution.record.interrupted:
        console.print(
            f"interrupted; `testbed report {report.shown(folder)}` reports what was seen.",
            soft_wrap=True,
        )
    elif shard:
        console.print(f"part {shard}: {report.shown(folder)}", highlight=False, soft_wrap=True)
    elif reporting:
        report.build(folder, console=console)
    record = execution.record
    return Done(folder, record.exit_code or ExitCode.AS_EXPECTED, record.interrupted)


@contextmanager
def _begun(
    inventory: Inventory,
    state: State,
    mine: Sequence[Route] | None,
    *,
    part: Part | None,
    read_only: bool,
    console: Console,
) -> Iterator[None]:
    """Hold the testbed, or of a shard its sites alone, and keep the limits of the sites.

    Who is alone undoes what a run before has left, and forgets what it has used of the budgets.
    """
    testbed = inventory.testbed
    containers = part is None and hosts.exist(testbed)
    if mine is None:
        holding = lock.hold(state, "run", containers=containers)
    else:
        sites = {route.resource.name for route in mine}
        holding = lock.hold_sites(state, sites, containers=containers)
    with holding as held:
        if held.alone:
            recovery.settle(inventory, console=console)
            limits.forget(state.limits)
        held.share()
        folder = part.limits if part else None
        with limiting.kept(testbed, inventory.folder, read_only=read_only, folder=folder):
            yield


class _Execution:
    """One run under way; its record is on disk at all times."""

    def __init__(
        self,
        inventory: Inventory,
        folder: Path,
        record: Run,
        console: Console,
        check: HealthCheck,
    ) -> None:
        self.inventory, self.folder, self.record, self.console = inventory, folder, record, console
        self._hosts = inventory.testbed.hosts_of(record.extent)
        self._check = functools.partial(check, inventory, hosts=self._hosts)

    def run(self, selection: Selection, collected: Collected, before: Health | None) -> None:
        """Check the hosts, run, check them again, judge."""
        try:
            with interruption.raised():
                self._note_health("before", before or self._check())
                if self._any_host_is_healthy():
                    self._look_around(collected)
                    self._attempt(selection, collected)
                    self._keep_reports()
        except KeyboardInterrupt:
            self._interrupt()
        finally:
            self._seal()
            judgement = judging.judge(self.folder, self.record)
            interrupted = self.record.interrupted
            code = interruption.exit_code() if interrupted else int(judgement.exit_code)
            self._update(end=runs.now(), exit_code=code)
            runs.point_latest(self.folder)

    def _seal(self) -> None:
        """Record the digests of what the run saw, from which it is judged."""
        kept = [outcomes.OUTCOMES, evidence.DIGESTS, usage.FILE, *records.names(self.folder)]
        seen = inputs.digests(self.folder, kept)
        self._update(files=self.record.files | seen)

    def _note_health(self, when: str, health: Health) -> None:
        """Record which hosts are not well, and the versions of all middleware."""
        faults = [
            HostFault(host=host.host, when=when, what="; ".join(c.name for c in host.failures))
            for host in health.sick
        ]
        for fault in faults:
            self.console.print(f"[yellow]{fault}[/]", highlight=False)
        self._update(
            faults=(*self.record.faults, *faults),
            versions=health.versions if when == "before" else self.record.versions,
        )

    def _any_host_is_healthy(self) -> bool:
        ill = {fault.host for fault in self.record.faults}
        if ill >= {host.name for host in self._hosts}:
            self.console.print("[bold red]no host is healthy, so no scenario runs[/]")
            self._update(not_run="no host passed its health check before the run")
            return False
        return True

    def _look_around(self, collected: Collected) -> None:
        """Find out what does not answer, once, before each scenario does."""
        outages.keep(self.folder / OUTAGES)
        testbed = self.inventory.testbed
        faults = preflight.look(
            testbed, State(testbed.name), collected.contacts, console=self.console
        )
        self._update(faults=(*self.record.faults, *faults))

    def _interrupt(self) -> None:
        self._update(interrupted=True, not_run="the run was interrupted")

    def _attempt(self, selection: Selection, collected: Collected) -> None:
        """Run all cells, and once more those that showed nothing and the controls of what failed anew."""
        start = time.monotonic()
        self._session(selection, attempt=1, cells=len(collected.cells), what="scenarios")
        ill = {fault.host for fault in self.record.faults}
        found = outcomes.read(self.folder)
        again = attempts.showing_nothing(found, ill)
        if again and not self.record.interrupted:
            self.console.print(f"{len(again)} cells showed nothing; they are tried once more")
            if not ill and any(outcome.error == "unreachable" for outcome in found):
                # A service that restarts is away for seconds: it is asked again once it answers.
                self._check(deadline=_RETURN)
            self._repeat(selection, collected, again, what="second attempt")
        stale = [] if self.record.interrupted else self._stale_controls()
        if stale:
            self.console.print(
                f"{len(stale)} cells passed before others failed that are compared to them; "
                "they are run once more"
            )
            self._repeat(selection, collected, stale, what="controls")
        seconds = time.monotonic() - start
        self.console.print(f"[green]✓[/] scenarios [dim]({seconds:.1f} s)[/]", highlight=False)
        if not self.record.interrupted:
            self._note_health("after", self._check(deadline=_AFTERWARDS))

    def _keep_reports(self) -> None:
        """Keep what services report of the run; they report of all parts together, so a part has none."""
        if self.record.interrupted or self.record.shard:
            return
        testbed, since = self.inventory.testbed, dt.datetime.fromisoformat(self.record.start)
        for kind in registry():
            if kind.kept:
                keep = pkgutil.resolve_name(kind.kept)
                try:
                    keep(testbed, State(testbed.name), self.folder, since=since.timestamp())
                except TestbedError as error:
                    self.console.print(
                        f"[yellow]{escape(printable(str(error)))}[/]", highlight=False
                    )

    def _stale_controls(self) -> list[tuple[str, str]]:
        found = outcomes.read(self.folder)
        if all(outcome.status != "failed" for outcome in found):
            return []
        judgement = judging.verdicts(self.folder, self.record)
        return attempts.stale_controls(judgement, found, self.record.homes)

    def _repeat(
        self, selection: Selection, collected: Collected, keys: list[tuple[str, str]], *, what: str
    ) -> None:
        only = tuple(collected.node_ids[key] for key in keys)
        chosen = replace(selection, choice=EVERYTHING, only=only)
        self._session(chosen, attempt=2, cells=len(keys), what=what)

    def _session(self, selection: Selection, *, attempt: int, cells: int, what: str) -> None:
        view = RunLive(
            self.console,
            cells=cells,
            what=what,
            known=deviations.load(self.folder / deviations.FILE),
            faults=self.record.faults,
            day=dt.datetime.fromisoformat(self.record.start).date(),
        )
        with view as live:
            interrupted = session.run(
                selection, self.folder, attempt=attempt, cells=cells, plugins=[live]
            )
        if interrupted:
            self._interrupt()

    def _update(self, **changes: object) -> None:
        self.record = self.record.model_copy(update=changes)
        self.record.write(self.folder)
