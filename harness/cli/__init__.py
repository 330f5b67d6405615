"""The command `testbed`: reads arguments, calls one stage, turns its result into an exit code.

One module for each group of commands. Each command imports what it needs when it is called, so that
`testbed --help` does not wait for Ansible, pytest or a client of the container engine.
"""

from __future__ import annotations

import gc
import sys
from contextlib import suppress

import typer

from harness import interruption
from harness.cli import (
    crash,
    credentials,
    demo,
    hosts,
    imports,
    new,
    results,
    runs,
    surroundings,
    token,
)
from harness.cli.app import app
from harness.cli.terminal import err
from harness.errors import ExitCode, TestbedError
from harness.printable import storable

__all__ = ["app", "main"]

_BY_TYPER = 130
"""What Typer makes of a `KeyboardInterrupt`, whatever raised it."""

OBJECTS = 100_000
"""So many more objects than before are looked at for garbage; Python's own number is 700."""

for group in (hosts, runs, results, demo, token, credentials):
    app.add_typer(group.app)
app.add_typer(new.app, name="new")
app.add_typer(imports.app, name="import")


def main() -> None:
    """Run the command line and exit with its code (`harness.errors.ExitCode`).

    An error of ours is told in its own words, without a traceback. Any other exception is a bug of the
    testbed: it ends with 3 (inconclusive), and its traceback goes to a file. SIGTERM and SIGHUP end a
    command as Ctrl-C does, through all its clean-up.
    """
    surroundings.make_fit()
    # Most of what a command makes, the modules above all, lives to its end: to look for garbage in it is
    # a quarter of a short command's time.
    gc.set_threshold(OBJECTS)
    code: int = ExitCode.INCONCLUSIVE
    # Where even the terminal takes nothing more, the exit code still tells.
    with suppress(OSError):
        code = _code()
    gc.freeze()
    sys.exit(code)


def _code() -> int:
    try:
        with interruption.raised():
            app()
    except TestbedError as error:
        _tell_error(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return _tell_interruption()
    except SystemExit as end:
        return _tell_interruption() if end.code == _BY_TYPER else _of(end)
    except OSError as error:
        return _of_disk(error) or crash.tell(error, console=err())
    except BaseException as error:  # noqa: BLE001, whatever it is, it must not end as "deviations"
        return crash.tell(error, console=err())
    return ExitCode.AS_EXPECTED


def _of(end: SystemExit) -> int:
    """Return the code of a command that has ended; 1 means deviations, and comes from a command alone.

    Typer and Rich end with 1 too: where nobody reads what is written, or nobody answers.
    """
    if isinstance(end.code, int) and (end.code != 1 or isinstance(end.__context__, typer.Exit)):
        return end.code
    if end.code is None:
        return ExitCode.AS_EXPECTED
    if isinstance(end.code, str):
        _tell_error(end.code)
    return ExitCode.INCONCLUSIVE


def _of_disk(error: OSError) -> int | None:
    """Tell of a disk that is full; None where it is something else."""
    from harness import files

    if error.errno not in files.FULL:
        return None
    where = f"{error.filename}: " if error.filename else ""
    _tell_error(f"{where}{error.strerror}.\n  {files.remedy(error.errno)}")
    return ExitCode.INCONCLUSIVE


def _tell_error(text: str) -> None:
    err().print("error:", style="bold red", end=" ")
    err().print(storable(text), markup=False, highlight=False, soft_wrap=True)


def _tell_interruption() -> int:
    err().print("interrupted. Run the same command again.", soft_wrap=True)
    return interruption.exit_code()
