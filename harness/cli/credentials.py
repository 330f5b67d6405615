"""The command that lists secrets and keys."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.app import program
from harness.cli.options import TWIN, InventoryOption
from harness.cli.terminal import out
from harness.errors import ExitCode

app = program()


@app.command()
def secrets(
    where: InventoryOption = TWIN,
    make: Annotated[
        bool,
        typer.Option(
            "--make", help="Make those that `testbed up` would make, without touching a host."
        ),
    ] = False,
) -> None:
    """List the secrets, certificates and keys that a testbed needs.

    No value is shown. Ends with 2 if one that you must provide is missing.
    """
    from harness import inventory
    from harness.provision import credentials, lock
    from harness.state import State

    found = inventory.load(where)
    state = State(found.testbed.name)
    if make:
        with lock.hold(state, "secrets"):
            credentials.make(found, state)
    listed = credentials.listed(found, state)
    credentials.show(listed, state, console=out())
    lacking = any(one.lacking for one in listed)
    raise typer.Exit(ExitCode.USAGE if lacking else ExitCode.AS_EXPECTED)
