"""A testbed goes down: what is removed, and what stays.

Containers, their networks and images are the testbed's own. On machines that it has provisioned over SSH,
what is installed stays.
"""

from __future__ import annotations

import shutil

from rich.console import Console

from harness import interruption
from harness.inventory import Inventory
from harness.journal import Journal
from harness.model import Testbed
from harness.provision import engine, hosts, lock, network, plays, recovery, snapshots
from harness.provision.progress import Progress
from harness.state import State


def down(inventory: Inventory, *, console: Console, purge: bool = False) -> None:
    """Remove the testbed's containers and networks; with `purge` its images, keys and secrets too.

    Machines are never touched, but for changes that a command was killed over: before their journal goes,
    they are undone.
    """
    testbed = inventory.testbed
    state = State(testbed.name)
    contained = bool(hosts.of_containers(testbed))
    machines = hosts.of_machines((*testbed.hosts, *testbed.mutants))
    if not contained:
        console.print(f"no host of {testbed.name} is a container, so none is removed")
    if machines:
        names = ", ".join(host.name for host in machines)
        console.print(
            f"not touched, with everything installed there: {names} (machines, not containers)",
            soft_wrap=True,
        )
    if not contained and not (purge and state.root.exists()):
        return
    with lock.hold(state, "down", containers=contained), interruption.raised():
        if purge and machines:
            recovery.settle(inventory, console=console)
        if contained:
            _remove(testbed, state, console=console, purge=purge)
        if purge:
            shutil.rmtree(state.root)
            console.print(f"removed the keys and secrets of {testbed.name}")


def what_stays(testbed: Testbed) -> str:
    """Say what is there after `testbed up` was interrupted, and what `testbed down` does with it."""
    said = []
    if hosts.of_containers(testbed):
        said.append("containers that are there stay: `testbed down` removes them")
    if hosts.of_machines(testbed.hosts):
        said.append("machines keep what is installed there: `testbed down` does not touch them")
    return f"{testbed.name}: {'; '.join(said) or 'no host is provisioned by the testbed'}"


def _remove(testbed: Testbed, state: State, *, console: Console, purge: bool) -> None:
    """Remove containers and networks; with `purge` images, too."""
    client = engine.awake()
    if client is None:
        _forget(testbed, state)
        console.print(
            f"nothing of {testbed.name} is running: a testbed stopped the container engine that "
            "it had started"
        )
        if not purge:
            return
        client = engine.ensure(Progress(console))  # the images can be removed by it alone
    containers = hosts.remove_all(client, testbed=testbed.name)
    networks = network.remove(client, testbed)
    _forget(testbed, state)
    console.print(f"removed {containers} containers and {networks} networks of {testbed.name}")
    if purge:
        with lock.shared_images() as alone:
            images = snapshots.remove_outdated(client, testbed.name, None, shared=alone())
        console.print(f"removed {images} images of {testbed.name}")
    if engine.release(client):
        console.print("stopped the container engine that a testbed had started")


def _forget(testbed: Testbed, state: State) -> None:
    """Remove what was noted of hosts that are gone."""
    plays.remove_leftovers(state)
    for path in state.journals():
        Journal(path).forget(hosts.of_containers(testbed))
