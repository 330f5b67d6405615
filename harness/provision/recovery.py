"""Undoes what a command that was killed has left changed at the testbed's hosts (`harness.journal`)."""

from __future__ import annotations

from rich.console import Console

from harness.errors import Busy
from harness.inventory import Inventory
from harness.journal import Journal
from harness.provision import lock
from harness.state import State


def settle(inventory: Inventory, *, console: Console) -> None:
    """Undo it, and tell of each change. Whoever calls holds the testbed."""
    state = State(inventory.testbed.name)

    def tell(what: str) -> None:
        console.print(what, style="yellow", markup=False, highlight=False, soft_wrap=True)

    for path in state.journals():
        Journal(path).undo_all(inventory.testbed.host, tell)


def settle_part(inventory: Inventory, part: str, *, console: Console) -> None:
    """Undo what an earlier try of a part of a run has left. Whoever calls holds the sites of the part."""
    state = State(inventory.testbed.name)

    def tell(what: str) -> None:
        console.print(what, markup=False, highlight=False, soft_wrap=True)

    Journal(state.journal_of(part)).undo_all(inventory.testbed.host, tell)


def settle_if_free(inventory: Inventory, *, console: Console) -> None:
    """Undo it where no other command works on the testbed: what that one changes, is its own."""
    state = State(inventory.testbed.name)
    if not any(path.exists() for path in state.journals()):
        return
    try:
        with lock.hold(state, "check"):
            settle(inventory, console=console)
    except Busy:
        return
