"""What a user is told of an exception that nobody expected."""

from __future__ import annotations

import datetime as dt
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import ExitCode, TestbedError
from harness.state import make_folder, state_root

if TYPE_CHECKING:
    from rich.console import Console

FOLDER = "crashes"
"""Below the state's root: one file for each traceback."""


def tell(error: BaseException, *, console: Console) -> ExitCode:
    """Write the traceback to a file, tell where it is, and return the exit code of the command.

    Where the file cannot be written, the traceback goes to `console`.
    """
    from harness.redaction import redactor

    trace = redactor.redact("".join(traceback.format_exception(error)))
    what = redactor.redact(" ".join(f"{type(error).__name__}: {error}".split()))
    try:
        where = f"{_write(trace)} has the traceback"
    except (OSError, TestbedError) as fault:
        console.print(trace, markup=False, highlight=False, soft_wrap=True)
        why = f"{fault.strerror} at {fault.filename}" if isinstance(fault, OSError) else str(fault)
        where = f"the traceback is above ({why})"
    console.print(
        f"error: the testbed itself failed: {what}; {where}. Try again. If it fails again, "
        "report it with that traceback.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    return ExitCode.INCONCLUSIVE


def _write(trace: str) -> Path:
    """Return the new file, which its owner alone can read: a message may hold a secret."""
    folder = make_folder(state_root() / FOLDER)
    path = folder / f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S.%fZ}.log"
    with open(
        path, "x", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)
    ) as log:
        log.write(f"{' '.join(sys.argv)}\n\n{trace}")
    return path
