"""How a run ends that is not let go on: what is sent to which of its processes."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class End:
    """Something that ends a run, or one of its processes, before its time."""

    name: str
    strike: Callable[[subprocess.Popen[str]], None]
    codes: tuple[int, ...]
    """Exit codes with which the command may end then; a negative one is a signal's."""
    whole: bool = False
    """Whether the run goes on to its end all the same."""


def _workers(process: subprocess.Popen[str]) -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
    return [int(child) for child in children.split()]


def _kill_worker(process: subprocess.Popen[str]) -> None:
    os.kill(_workers(process)[0], signal.SIGKILL)


def _to_group(number: signal.Signals) -> Callable[[subprocess.Popen[str]], None]:
    return lambda process: os.killpg(process.pid, number)


ENDS = (
    # What it was at is tried once more, and may be shown then.
    End("a worker is killed (SIGKILL)", _kill_worker, (0, 3), whole=True),
    End("the command is killed (SIGKILL)", lambda p: p.kill(), (-9,)),
    End("the command is ended (SIGTERM)", lambda p: p.terminate(), (143,)),
    End("the terminal is lost (SIGHUP to all)", _to_group(signal.SIGHUP), (129,)),
    End("Ctrl-C (SIGINT to all)", _to_group(signal.SIGINT), (130,)),
)
