"""The command `testbed`: reads arguments, calls one stage, turns its result into an exit code.

One module for each group of commands. Each command imports what it needs when it is called, so that
`testbed --help` does not wait for Ansible, pytest or a client of the container engine.
"""

from __future__ import annotations

import sys

from harness.cli import crash, hosts, new, results, runs, token
from harness.cli.app import app
from harness.cli.terminal import err
from harness.errors import TestbedError
from harness.printable import storable

__all__ = ["app", "main"]

INTERRUPTED = 130

for group in (hosts, runs, results, token):
    app.add_typer(group.app)
app.add_typer(new.app, name="new")


def main() -> None:
    """Run the command line and exit with its code (`harness.errors.ExitCode`).

    An error of ours is told in its own words, without a traceback. Any other exception is a bug of the
    testbed: it ends with 3 (inconclusive), and its traceback goes to a file.
    """
    try:
        app()
    except TestbedError as error:
        err().print("error:", style="bold red", end=" ")
        err().print(storable(str(error)), markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            err().print("interrupted: the same command goes on from here, `testbed down` cleans up")
        raise
    except Exception as error:  # noqa: BLE001, whatever it is, it must not end as "deviations"
        sys.exit(crash.tell(error, console=err()))
