"""A testbed comes up (`status` shows what is there then, and `removal` takes it down).

What is half done never passes for finished: a host counts only when its container or its snapshot
bears the key that the inventory gives it now, and that label is written last.
"""

from __future__ import annotations

import datetime as dt
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import docker
from docker.models.containers import Container
from rich.console import Console
from rich.markup import escape

from harness import interruption
from harness.extent import Extent
from harness.inventory import Inventory
from harness.provision import (
    doctor,
    engine,
    health,
    hosts,
    image,
    keeping,
    labels,
    lock,
    network,
    pki,
    plays,
    recovery,
    removal,
    snapshots,
    stamps,
    system,
    vault,
)
from harness.provision.progress import Progress
from harness.redaction import redactor
from harness.state import State

_LOGS_KEPT = 10
_COMING_UP = 180.0
"""Seconds without progress that services get after all hosts were started at once."""


def up(
    inventory: Inventory,
    *,
    extent: Extent = "core",
    console: Console,
    logs: Path | None = None,
    mutants: bool = False,
) -> health.Health:
    """Start the hosts of an extent and return how they are; logs go to `logs`, or to the testbed's state.

    Hosts that are `mutants` are started only where that is asked for. A host beyond the extent that runs
    already is left alone.

    Containers come from snapshots where nothing changed; the others are provisioned. Machines that
    are no containers are provisioned in place.

    Raises
    ------
    PreconditionError, ProvisionError, Busy
        where that is not possible.
    """
    state = State(inventory.testbed.name)
    keeping.closed(state)
    if said := keeping.lost(inventory.testbed, state):
        console.print(
            f"[yellow]{escape(said)}: new keys are created, and the hosts are rebuilt with them[/]",
            highlight=False,
            soft_wrap=True,
        )
    with (
        lock.hold(state, "up", containers=bool(hosts.of_containers(inventory.testbed))),
        engine.in_use(),
        interruption.raised(),
    ):
        try:
            return _Up(
                inventory, state, extent=extent, console=console, logs=logs, mutants=mutants
            ).run()
        except KeyboardInterrupt:
            console.print(removal.what_stays(inventory.testbed), highlight=False, soft_wrap=True)
            raise


def again(inventory: Inventory, *, extent: Extent = "core", console: Console) -> int:
    """Run the playbooks once more on an extent's hosts; return how many tasks changed something.

    Roles that are idempotent change nothing. What this changes is no part of any snapshot.

    Raises
    ------
    ProvisionError, Busy
        where a host is not up or a task fails; where another process works on the testbed.
    """
    testbed, state = inventory.testbed, State(inventory.testbed.name)
    machines = [host for host in testbed.hosts_of(extent) if host.roles]
    owned = hosts.of_machines(machines)
    progress = Progress(console)
    logs = _log_folder(state)
    logs.mkdir(parents=True, exist_ok=True)
    with (
        lock.hold(state, "up", containers=bool(hosts.of_containers(inventory.testbed))),
        interruption.raised(),
    ):
        recovery.settle(inventory, console=console)
        marks = stamps.wanted(inventory, state, owned)
        stamps.begin(inventory, owned)
        with progress.stage(f"provision {_count(machines)} again"):
            played = plays.run(
                "all",
                [inventory.path, plays.overlay(machines)],
                hosts=[host.name for host in machines],
                state=state,
                log=logs / "again.log",
                progress=progress,
            )
        stamps.end(inventory, [host for host in owned if host.name in played.good], marks)
        played.require()
    for tally in played.tallies.values():
        progress.line(f"  {tally.host}: {tally.done} tasks, {tally.changed} changed")
    changed = sum(tally.changed for tally in played.tallies.values())
    progress.line(f"{changed} changed on {_count(machines)}; log: {logs / 'again.log'}")
    return changed


class _Up:
    """One `testbed up`: its stages in order."""

    def __init__(
        self,
        inventory: Inventory,
        state: State,
        *,
        extent: Extent,
        console: Console,
        logs: Path | None,
        mutants: bool,
    ) -> None:
        self.inventory, self.testbed, self.state = inventory, inventory.testbed, state
        self.hosts = self.testbed.hosts_of(extent, mutants=mutants)
        self.console, self.progress = console, Progress(console)
        self.logs = logs or _log_folder(state)
        self.logs.mkdir(parents=True, exist_ok=True)

    def run(self) -> health.Health:
        start = time.monotonic()
        pki.ensure(self.testbed, self.state)
        self._secrets()
        plays.remove_leftovers(self.state)
        if hosts.of_containers(self.testbed):
            client = engine.ensure(self.progress)
            with lock.shared_images() as alone:
                plan = self._containers(client)
                snapshots.remove_outdated(client, self.testbed.name, plan, shared=alone())
        self._provision()
        recovery.settle(self.inventory, console=self.console)
        with self.progress.stage("wait for the services"):
            found = health.check(self.inventory, hosts=self.hosts, deadline=_COMING_UP)
        for host in found.sick:
            for failure in host.failures:
                self.progress.line(health.told(host.host, failure))
        self._tell(found, time.monotonic() - start)
        return found

    def _tell(self, found: health.Health, seconds: float) -> None:
        """Say whether the testbed is up, and what a person has yet to do."""
        if found.healthy:
            self.progress.done(f"testbed {self.testbed.name} is up", seconds)
        else:
            names = ", ".join(host.host for host in found.sick)
            self.progress.line(
                f"[red]✗[/] testbed {self.testbed.name} is not up: {len(found.sick)} of "
                f"{len(found.hosts)} hosts are unhealthy: {names}"
            )
        vaults = vault.load(self.state)
        lacking = [
            s for s in vault.needed(self.inventory) if s.name not in vaults[s.infrastructure]
        ]
        if lacking:
            self.progress.line(
                f"[yellow]![/] {len(lacking)} secrets that you must provide are missing: "
                "`testbed secrets` lists them"
            )

    def _secrets(self) -> None:
        made = vault.ensure(self.inventory, self.state)
        for secrets in made.values():
            for secret in secrets.values():
                redactor.remember(secret)

    def _containers(self, client: docker.DockerClient) -> snapshots.Plan:
        doctor.require(client, self.testbed)
        system.inotify_instances()
        for kind in (labels.BUILD, labels.CONFIGURE):  # left by a command that was ended
            hosts.remove_all(client, testbed=self.testbed.name, kind=kind)
        base = image.ensure(client, logs=self.logs, progress=self.progress)
        plan = self._plan(str(base.id))
        name = self.testbed.name
        wanted = [s for s in plan.snapshots.values() if s.host in self.hosts]
        ready = [s for s in wanted if snapshots.exists(client, s.tag(name))]
        missing = [s for s in wanted if s not in ready]
        snapshots.install(
            client, name, plan, [s.install for s in missing],
            state=self.state, logs=self.logs, progress=self.progress,
        )  # fmt: skip
        self._drop_strangers(client, plan)
        network.ensure(client, self.testbed)
        self._start(client, ready)
        self._configure(client, plan, missing)
        self._start(client, missing)
        return plan

    def _drop_strangers(self, client: docker.DockerClient, plan: snapshots.Plan) -> None:
        """Remove finished hosts that the inventory does not name any more."""
        for name, container in hosts.find(client, self.testbed).items():
            if name not in plan.snapshots:
                hosts.remove(client, str(container.id))

    def _start(self, client: docker.DockerClient, chosen: list[snapshots.HostSnapshot]) -> None:
        """Start hosts from their snapshots; one that runs as it would be started now is left alone."""
        there = hosts.find(client, self.testbed)

        def is_up(snapshot: snapshots.HostSnapshot) -> bool:
            found = there.get(snapshot.host.name)
            return found is not None and hosts.runs(found, self.testbed, key=snapshot.key)

        waiting = [snapshot for snapshot in chosen if not is_up(snapshot)]
        if not waiting:
            return

        def start(snapshot: snapshots.HostSnapshot) -> None:
            hosts.start(
                client,
                self.testbed,
                snapshot.host,
                image=snapshot.tag(self.testbed.name),
                kind=labels.RUNNING,
                key=snapshot.key,
            )

        with self.progress.stage(f"start {_count(waiting)} from snapshots"):
            hosts.side_by_side(start, waiting)

    def _plan(self, base: str) -> snapshots.Plan:
        return snapshots.plan(self.inventory, self.state, base=base)

    def _configure(
        self,
        client: docker.DockerClient,
        plan: snapshots.Plan,
        chosen: list[snapshots.HostSnapshot],
    ) -> None:
        """Configure hosts on their install images, and keep each as a snapshot."""
        if not chosen:
            return

        def boot(snapshot: snapshots.HostSnapshot) -> Container:
            return hosts.start(
                client,
                self.testbed,
                snapshot.host,
                image=snapshot.install.tag,
                kind=labels.CONFIGURE,
                key="",
            )

        def keep(pair: tuple[snapshots.HostSnapshot, Container]) -> None:
            snapshot, container = pair
            snapshots.commit(self.testbed.name, container, snapshot)
            container.remove(v=True)

        machines = [snapshot.host for snapshot in chosen]
        with self.progress.stage(f"boot {_count(chosen)}"):
            containers = hosts.side_by_side(boot, chosen)
        with self.progress.stage(f"configure {_count(chosen)}"):
            played = plays.run(
                "configure",
                [self.inventory.path, plays.overlay(machines)],
                hosts=[host.name for host in machines],
                state=self.state,
                log=self.logs / "configure.log",
                progress=self.progress,
            )
        snapshots.require_unchanged(self._plan(plan.base), plan, chosen)
        pairs = zip(chosen, containers, strict=True)
        good = [(s, container) for s, container in pairs if s.host.name in played.good]
        with self.progress.stage(f"snapshot {_count(good)}"):
            hosts.side_by_side(keep, good)
        played.require()

    def _provision(self) -> None:
        """Provision in place the hosts that are no containers of ours, and bear no mark of it yet."""
        everyone = hosts.of_machines(self.hosts)
        if not everyone:
            return
        marks = stamps.wanted(self.inventory, self.state, everyone)
        there = stamps.read(self.inventory, everyone)
        machines = [host for host in everyone if there[host.name] != marks[host.name]]
        if len(machines) < len(everyone):
            ready = [host for host in everyone if host not in machines]
            self.progress.line(f"{_count(ready)} already provisioned as the inventory describes")
        if not machines:
            return
        stamps.begin(self.inventory, machines)
        with self.progress.stage(f"provision {_count(machines)}"):
            played = plays.run(
                "all",
                [self.inventory.path, plays.overlay(machines)],
                hosts=[host.name for host in machines],
                state=self.state,
                log=self.logs / "provision.log",
                progress=self.progress,
            )
            good = [host for host in machines if host.name in played.good]
            stamps.end(self.inventory, good, marks)
            played.require()


def _count(things: Sequence[object]) -> str:
    return f"{len(things)} host{'s' if len(things) != 1 else ''}"


def _log_folder(state: State) -> Path:
    """Return a new folder for logs; the oldest of many goes."""
    folder = state.make().root / "logs"
    folder.mkdir(exist_ok=True)
    for old in sorted(folder.iterdir())[: -_LOGS_KEPT + 1]:
        shutil.rmtree(old)
    return folder / dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
