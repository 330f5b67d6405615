"""The process of a part of a run: it finds and removes what an earlier try has left, and runs the part."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from harness import cleaning, execution, interruption, inventory, names
from harness.cluster.order import Order
from harness.inventory import Inventory
from harness.provision import lock, recovery
from harness.shards import Shard
from harness.state import State


def run(order: Order, folder: Path, *, parent: int, console: Console) -> int:
    """Run a part in its folder, and end with the process that started this one; return the exit code.

    Raises
    ------
    Busy
        where another process has one of the part's sites and does not let go of it.
    """
    with interruption.raised():
        interruption.end_with(parent)
        names.run_part(order.name)
        loaded = inventory.load(order.inventory)
        with lock.hold_sites(State(loaded.testbed.name), order.mine) as held:
            if (
                held.alone
            ):  # on a machine that does not share the state of the one that started the run
                recovery.settle(loaded, console=console)
            held.share()
            if folder != order.place(1):
                _remove_leftovers(loaded, order, console)
            done = execution.run(
                loaded,
                choice=order.choice,
                routes=order.routes,
                sites=order.sites,
                read_only=order.read_only,
                shard=Shard.parse(order.shard),
                part=order.part,
                scenarios=order.scenarios,
                folder=folder,
                console=console,
            )
    return done.exit_code


def _remove_leftovers(loaded: Inventory, order: Order, console: Console) -> None:
    """Remove what the try before this one has left: so a second try does what the first would have done."""
    recovery.settle_part(loaded, order.name, console=console)
    routes = loaded.testbed.select(order.routes, order.sites)
    cleaning.clean_part(
        loaded,
        homes=sorted({one.home.name for one in routes if one.resource.name in order.mine}),
        sites=order.mine,
        folder=order.part.limits,
        console=console,
    )
