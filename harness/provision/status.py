"""`testbed status`: which hosts are there, and whether they are as the inventory says.

It stands apart from `lifecycle` so that a look does not wait for the import of what only `up` needs, and
asks the engine for lists, not for each container and image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from harness.inventory import Inventory
from harness.model import Host
from harness.provision import engine, hosts, image, keeping, labels, lock, snapshots
from harness.state import State


def show(inventory: Inventory, *, console: Console) -> None:
    """Print hosts, whether they are as the inventory says, and who works on the testbed.

    Raises
    ------
    PreconditionError
        where no container engine answers, although there should be one; where keys or secrets of running
        hosts are gone, damaged, or open to others.
    """
    testbed = inventory.testbed
    state = State(testbed.name)
    keeping.require(testbed, state)
    table = Table(title=f"testbed {testbed.name}", title_justify="left")
    for column in ("host", "roles", "container", "snapshot"):
        table.add_column(column, overflow="fold")
    for host in testbed.hosts:
        if host.connection not in hosts.CONNECTIONS:
            table.add_row(host.name, " ".join(host.roles), f"none ({host.connection})", "")
    if mine := hosts.of_containers(testbed):
        _add_containers(table, inventory, state, mine)
    console.print(table)
    if other := lock.holder(state):
        console.print(f"process {other[0]} is working on it (`testbed {other[1]}`)")


@dataclass(frozen=True)
class _Container:
    """A finished host's container, running or not."""

    state: str
    key: str | None
    """Of what it was made from (`labels.KEY`)."""


@dataclass(frozen=True)
class _Engine:
    """What the container engine has of a testbed."""

    containers: dict[str, _Container]
    """Of finished hosts, by the host's name."""
    snapshots: frozenset[str]
    """Names of the images of hosts."""
    base: str | None
    """Id of the base image."""


def _look(testbed: str) -> _Engine | None:
    client = engine.awake()
    if client is None:
        return None
    # By the API's own lists: the objects of the library would be inspected one after the other.
    made = client.api.containers(
        all=True, filters=labels.query(testbed=testbed, kind=labels.RUNNING)
    )
    kept = client.api.images(filters=labels.query(testbed=testbed, kind=labels.SNAPSHOT))
    base = image.find(client)
    return _Engine(
        containers={
            one["Labels"].get(labels.HOST, ""): _Container(
                state=one["State"], key=one["Labels"].get(labels.KEY)
            )
            for one in made
        },
        snapshots=frozenset(tag for one in kept for tag in one["RepoTags"] or ()),
        base=str(base.id) if base else None,
    )


def _add_containers(table: Table, inventory: Inventory, state: State, mine: Sequence[Host]) -> None:
    testbed = inventory.testbed
    there = _look(testbed.name)
    if there is None:
        table.caption = "a testbed stopped the container engine that it had started"
        for host in mine:
            if not host.mutant:
                table.add_row(host.name, " ".join(host.roles), "none", "")
        return
    plan = snapshots.plan(inventory, state, base=there.base) if there.base else None
    for host in mine:
        if (host.mutant or host.extent == "full") and host.name not in there.containers:
            continue  # nobody misses it until `testbed prove`, or a full night, starts it
        wanted = plan.snapshots[host.name] if plan else None
        kept = wanted is not None and wanted.tag(testbed.name) in there.snapshots
        table.add_row(
            host.name,
            " ".join(host.roles),
            _container_state(there.containers.get(host.name), wanted.key if wanted else ""),
            "current" if kept else "none that is current",
        )


def _container_state(container: _Container | None, key: str) -> str:
    if container is None:
        return "none"
    return container.state if container.key == key else f"{container.state}, outdated"
