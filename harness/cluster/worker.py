"""What a Dask worker does: it lets a part of a run run in a process of its own, which ends with it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distributed import Lock

from harness.cluster.order import PARENT, STOP, End, Lost, Order
from harness.conformance.runs import LOGS, Run
from harness.errors import BadInput, ExitCode

CONSOLE = "part.log"
"""In a part's folder of logs: what the process said."""

_GLANCE = 0.5
"""Seconds after which it is looked whether the part has ended or must end."""
_PATIENCE = 60.0
"""Seconds that an interrupted part gets to clean up and to judge what it saw."""
_LINES = 20
"""Lines of what a part said last that are told."""


def look(order: Order) -> str:
    """Say why this worker cannot run parts of a run; empty where it can."""
    return order.misfit()


def do(order: Order) -> End:
    """Run a part of a run, and return how it ended.

    Raises
    ------
    Lost
        where its process was killed: to run it again does no harm.
    """
    if why := order.misfit():
        return End(order.shard, ExitCode.USAGE, said=f"worker on {socket.gethostname()}: {why}.")
    with _sites(order):
        folder = order.place(order.attempts() + 1)
        (folder / LOGS).mkdir(parents=True)
        if (order.folder / STOP).exists():
            return End(order.shard, ExitCode.INCONCLUSIVE, said="stopped before it began")
        code = _run(order, folder)
    stopped = (order.folder / STOP).exists()
    record = _record(folder)
    if record is None or record.end is None or (record.interrupted and not stopped):
        said = _last(folder / LOGS / CONSOLE)
        if code == ExitCode.USAGE or stopped:
            return End(order.shard, code, said=said)
        raise Lost(f"part {order.shard} ended with code {code} before its time:\n{said}")
    return End(order.shard, code, str(folder))


@contextmanager
def _sites(order: Order) -> Iterator[None]:
    """Hold the part's sites against all other workers of the cluster, always in the same order."""
    locks = [Lock(f"interop-testbed {order.testbed} {site}") for site in sorted(order.mine)]
    taken: list[Lock] = []
    try:
        for lock in locks:
            lock.acquire()
            taken.append(lock)
        yield
    finally:
        for lock in taken:
            lock.release()


def _run(order: Order, folder: Path) -> int:
    """Let a process run the part; return its exit code, which is less than 0 where a signal ended it."""
    with (folder / LOGS / CONSOLE).open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "harness.cli", "part"],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**order.settings, **os.environ, PARENT: f"{os.getpid()} {folder}"},
            start_new_session=True,  # Ctrl-C reaches all of a terminal's processes: here, `STOP` tells
        )
        try:
            assert process.stdin is not None  # noqa: S101, it is a pipe
            with process.stdin as order_of_it:
                order_of_it.write(order.model_dump_json().encode())
            while process.poll() is None:
                time.sleep(_GLANCE)
                if (order.folder / STOP).exists():
                    return _end(process)
        finally:
            if process.poll() is None:
                process.kill()
    return process.returncode


def _end(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    try:
        return process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _record(folder: Path) -> Run | None:
    try:
        return Run.read(folder)
    except BadInput:
        return None


def _last(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-_LINES:])
