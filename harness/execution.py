"""`testbed run`: the scenarios over the routes, the health of the hosts around them, the verdicts."""

from __future__ import annotations

import datetime as dt
import subprocess
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Protocol

from rich.console import Console

from harness import interruption, preflight, readiness, report
from harness.clients.outages import FOLDER as OUTAGES
from harness.clients.outages import outages
from harness.conformance import (
    agreement,
    catalogue,
    deviations,
    downtimes,
    evidence,
    framework,
    inputs,
    judging,
    outcomes,
    runs,
)
from harness.conformance.catalogue import Catalogue
from harness.conformance.deviations import KnownDeviation
from harness.conformance.outcomes import Cell, Outcome
from harness.conformance.runs import Run, RunRoute, RunService
from harness.conformance.verdicts import HostFault
from harness.engine import lint, session
from harness.engine.choice import EVERYTHING, Choice
from harness.engine.progress import RunLive
from harness.engine.session import Collected, Selection
from harness.errors import BadInput, ExitCode
from harness.extent import Extent
from harness.inventory import Inventory
from harness.model import Route
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


class HealthCheck(Protocol):
    """Asks every host how it is, for at most `deadline` seconds."""

    def __call__(self, inventory: Inventory, *, deadline: float = ...) -> Health:
        """Return the state of all hosts."""
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
    scenarios: Path = session.SCENARIOS,
    check: HealthCheck = healths.check,
    reporting: bool = True,
) -> Done:
    """Run scenarios over routes, judge, and (where `reporting`) build the report.

    Where `read_only`, nothing is stored or submitted: scenarios that would are not run, and the run counts
    as one of a part. What belongs to a larger `extent` is not run either, and says so. `folder` is made
    where it is not given. `before` is the state of the hosts, where the caller has just looked; else
    `check` asks them. They are asked again afterwards. Of a `shard`, only its sites are run, and no report
    is built: `testbed merge` does that of all parts.

    Raises
    ------
    BadInput
        where a route or a word of the choice means nothing, a scenario breaks a rule, or a known
        deviation covers nothing.
    Busy
        where another process works on the testbed.
    """
    wanted = _choose(inventory, routes, sites)
    chosen = shard.take(wanted) if shard else wanted
    selection = Selection(
        inventory=inventory.path,
        choice=choice,
        routes=tuple(route.id for route in chosen),
        scenarios=scenarios,
        read_only=read_only,
        extent=extent,
    )
    listed = inventory.folder / deviations.FILE
    known = deviations.load(listed)
    # What the report will need is read now: a night shall not fail at its end for a typo.
    required = catalogue.load()
    framework.load(required)
    agreement.load(inventory.folder / agreement.FILE, inventory.testbed)
    downtimes.load(inventory.folder / downtimes.FILE, inventory.testbed)
    lint.check(scenarios)
    state = State(inventory.testbed.name)
    keeping.require(inventory.testbed, state)
    containers = hosts.exist(inventory.testbed)
    with lock.hold(state, "run", containers=containers):
        recovery.settle(inventory, console=console)
        collected = _collect(selection)
        preflight.require_secrets(inventory.testbed, state, collected.contacts)
        _check_known(known, listed.parent, selection, collected, required)
        bundles.prepare(collected.cells, extent, Progress(console))
        for notice in readiness.make_ready(inventory, chosen):
            console.print(notice, highlight=False, soft_wrap=True)
        folder = folder or runs.make_folder()
        whole = not choice and not read_only and len(wanted) == len(inventory.testbed.routes)
        plan = _Plan(
            chosen,
            choice,
            collected.cells,
            partial=not whole,
            shard=str(shard or ""),
            extent=extent,
        )
        record = _begin(inventory, folder, plan)
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
        self._check = check

    def run(self, selection: Selection, collected: Collected, before: Health | None) -> None:
        """Check the hosts, run, check them again, judge."""
        try:
            with interruption.raised():
                self._note_health("before", before or self._check(self.inventory))
                if self._any_host_is_healthy():
                    self._look_around(collected)
                    self._attempt(selection, collected)
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
        kept = [outcomes.OUTCOMES, evidence.DIGESTS, *records.names(self.folder)]
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
        if ill >= {host.name for host in self.inventory.testbed.hosts}:
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
        """Run all cells, and once more those that showed nothing."""
        start = time.monotonic()
        self._session(selection, attempt=1, cells=len(collected.cells), what="scenarios")
        ill = {fault.host for fault in self.record.faults}
        again = [] if self.record.interrupted else _inconclusive(outcomes.read(self.folder), ill)
        if again:
            self.console.print(f"{len(again)} cells showed nothing; they are tried once more")
            if not ill and any(outcome.error == "unreachable" for outcome in again):
                # A service that restarts is away for seconds: it is asked again once it answers.
                self._check(self.inventory, deadline=_RETURN)
            only = tuple(collected.node_ids[outcome.key] for outcome in again)
            retried = Selection(
                inventory=selection.inventory,
                routes=selection.routes,
                scenarios=selection.scenarios,
                only=only,
                read_only=selection.read_only,
                extent=selection.extent,
            )
            self._session(retried, attempt=2, cells=len(again), what="second attempt")
        seconds = time.monotonic() - start
        self.console.print(f"[green]✓[/] scenarios [dim]({seconds:.1f} s)[/]", highlight=False)
        if not self.record.interrupted:
            self._note_health("after", self._check(self.inventory, deadline=_AFTERWARDS))

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


def _inconclusive(found: Iterable[Outcome], ill: set[str]) -> list[Outcome]:
    """Return what is worth a second attempt: set-up or clean-up failed, no answer came, a host is ill."""
    return [
        one
        for one in found
        if one.status == "error"
        or one.error == "unreachable"
        or (one.status == "failed" and ill.intersection(one.hosts))
    ]


def _choose(inventory: Inventory, routes: Sequence[str], sites: Sequence[str]) -> tuple[Route, ...]:
    try:
        chosen = inventory.testbed.select(routes, sites)
    except LookupError as error:
        raise BadInput(str(error)) from error
    if not chosen:
        raise BadInput(
            f"no route leads to the sites that were named: --route {' '.join(routes)}, "
            f"--site {' '.join(sites)}. Leave one of the two out."
        )
    return chosen


def _collect(selection: Selection) -> Collected:
    """Collect, and refuse a selection that means nothing."""
    collected = session.collect(selection)
    if collected.cells:
        return collected
    everything = session.collect(
        Selection(inventory=selection.inventory, scenarios=selection.scenarios)
    )
    names = sorted({cell.scenario for cell in everything.cells})
    if not names:
        raise BadInput(f"{selection.scenarios}: there is no scenario.")
    listed = "\n  ".join(names)
    raise BadInput(f"no scenario matches {selection.choice}; there are\n  {listed}")


def _check_known(
    known: Sequence[KnownDeviation],
    where: Path,
    selection: Selection,
    collected: Collected,
    wanted: Catalogue,
) -> None:
    """Refuse known deviations that can cover nothing in this testbed, whatever part of it runs."""
    if deviations.faults(known, catalogue=wanted, cells=collected.cells):
        everything = Selection(inventory=selection.inventory, scenarios=selection.scenarios)
        found = session.collect(everything).cells
        if faults := deviations.faults(known, catalogue=wanted, cells=found):
            raise BadInput("\n".join(f"{where}/{fault}" for fault in faults))


@dataclass(frozen=True)
class _Plan:
    """What a run sets out to do."""

    routes: Sequence[Route]
    choice: Choice
    cells: Sequence[Cell]
    partial: bool
    """True where only some scenarios or routes were asked for, whatever part of them this is."""
    shard: str = ""
    extent: Extent = "core"


def _begin(inventory: Inventory, folder: Path, plan: _Plan) -> Run:
    """Write what the run sets out to do, and all that it will be judged by; the record comes last."""
    copies = inputs.keep(folder, inventory.testbed, beside=inventory.folder)
    outcomes.write_plan(folder, plan.cells)
    record = Run(
        id=folder.name,
        form=runs.FORM,
        planned=len(plan.cells),
        files=inputs.digests(folder, [outcomes.PLAN]) | copies,
        start=runs.now(),
        testbed=inventory.testbed.name,
        inventory=str(inventory.path),
        keyword=plan.choice.keyword,
        requirements=plan.choice.requirements,
        families=plan.choice.families,
        infrastructures={one.name: one.title for one in inventory.testbed.infrastructures},
        homes={
            one.name: inventory.testbed.home_site(one.name).name
            for one in inventory.testbed.infrastructures
        },
        routes=tuple(
            RunRoute(
                id=route.id,
                home=route.home.name,
                resource=route.resource.infrastructure,
                site=route.resource.name,
                control=route.is_control,
            )
            for route in plan.routes
        ),
        services=tuple(
            RunService(**service.model_dump(include=set(RunService.model_fields)))
            for service in inventory.testbed.services()
        ),
        partial=plan.partial,
        shard=plan.shard,
        extent=plan.extent,
        harness=_version(),
        commit=_commit(),
    )
    record.write(folder)
    return record


def _version() -> str:
    """Return the harness's version."""
    with suppress(metadata.PackageNotFoundError):
        return metadata.version("interop-testbed")
    return "unknown"


def _commit() -> str | None:
    """Return the checkout's commit; None where it is no checkout, or git is not there."""
    try:
        commit = _git("rev-parse", "HEAD")
        return f"{commit}+changes" if _git("status", "--porcelain") else commit
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(session.ROOT), *words], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
