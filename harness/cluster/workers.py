"""Where the workers of a run come from: this machine, a Dask scheduler, or a batch system."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from harness.errors import BadInput, PreconditionError

BATCH = {"slurm": "sbatch", "htcondor": "condor_submit"}
"""Batch systems that start workers as jobs -> the command by which they take one."""
_SCHEMES = ("tcp://", "tls://")

_ANSWER = 15.0
"""Seconds that a scheduler gets to answer."""
_COME = 60.0
"""Seconds in which a worker must have come; jobs of a batch system get ten times as many."""


def check(cluster: str) -> None:
    """Refuse what is no place for workers, or what is not installed for it.

    Raises
    ------
    BadInput
        where nobody could find a worker there.
    PreconditionError
        where the packages are missing.
    """
    if cluster and cluster not in BATCH and not cluster.startswith(_SCHEMES):
        raise BadInput(
            f"--cluster {cluster}: write the address of a Dask scheduler (tcp://host:8786, or tls://), "
            f"{' or '.join(BATCH)}; or leave it out: then the parts run on this machine."
        )
    try:
        import distributed  # noqa: F401, PLC0415

        if cluster in BATCH:
            import dask_jobqueue  # noqa: F401, PLC0415
    except ImportError as error:
        raise PreconditionError(
            f"--shards needs the package {error.name}, which is not installed. It is part of the extra "
            "`cluster`: `make setup` installs it, and so does `pip install 'interop-testbed[cluster]'`."
        ) from error
    if cluster in BATCH and shutil.which(BATCH[cluster]) is None:
        raise PreconditionError(
            f"--cluster {cluster}: `{BATCH[cluster]}` is not on this machine. Start the run on one from "
            "which jobs are submitted."
        )


@contextmanager
def connected(cluster: str, *, parts: int, logs: Path) -> Iterator[Any]:
    """Give a client of Dask that has a worker; the workers that were started for it end with the block.

    Raises
    ------
    PreconditionError
        where no scheduler answers, or no worker comes.
    """
    import distributed  # noqa: PLC0415

    with ExitStack() as stack:
        place: Any = cluster
        if not cluster:
            place = stack.enter_context(_here(parts))
        elif cluster in BATCH:
            place = stack.enter_context(_batch(cluster, parts, logs))
        try:
            client = stack.enter_context(distributed.Client(place, timeout=_ANSWER))
        except OSError as error:  # a TimeoutError too
            raise PreconditionError(
                f"--cluster {cluster}: no Dask scheduler answers there within {_ANSWER:g} s "
                f"({type(error).__name__}). Start one on that machine: `.venv/bin/dask scheduler`, and "
                f"workers on others: `.venv/bin/dask worker {cluster} --nthreads 1`."
            ) from error
        patience = _COME * 10 if cluster in BATCH else _COME
        try:
            client.wait_for_workers(1, timeout=patience)
        except TimeoutError as error:
            raise PreconditionError(_nobody(cluster, patience, logs)) from error
        yield client


def _nobody(cluster: str, patience: float, logs: Path) -> str:
    if cluster in BATCH:
        queue = "squeue" if cluster == "slurm" else "condor_q"
        return (
            f"--cluster {cluster}: no worker has come within {patience:g} s. See the jobs (`{queue}`) and "
            f"what they wrote ({logs}); queue, account and memory of the jobs are set in "
            "~/.config/dask/jobqueue.yaml."
        )
    return (
        f"--cluster {cluster}: the scheduler has no worker, and none has come within {patience:g} s. "
        f"Start some: `.venv/bin/dask worker {cluster} --nthreads 1`."
    )


@contextmanager
def _here(parts: int) -> Iterator[Any]:
    """Start workers on this machine; as many as it has processors, for the scenarios wait side by side."""
    import distributed  # noqa: PLC0415

    number = min(parts, max(2, os.cpu_count() or 1))
    with distributed.LocalCluster(
        n_workers=number,
        threads_per_worker=1,
        memory_limit=None,
        dashboard_address=None,
        silence_logs=logging.CRITICAL,  # that a worker died is told in our own words
    ) as cluster:
        yield cluster


@contextmanager
def _batch(cluster: str, parts: int, logs: Path) -> Iterator[Any]:
    """Let a batch system start a worker for each part; the user's jobqueue.yaml says how."""
    import dask  # noqa: PLC0415
    import dask_jobqueue  # noqa: PLC0415

    kind = {"slurm": dask_jobqueue.SLURMCluster, "htcondor": dask_jobqueue.HTCondorCluster}[cluster]
    wanted: dict[str, Any] = {"cores": 1, "memory": "2GiB", "processes": 1}
    if cluster == "htcondor":
        wanted["disk"] = "1GiB"
    settings = {
        name: value
        for name, value in wanted.items()
        if dask.config.get(f"jobqueue.{cluster}.{name}", None) is None
    }
    options = dask.config.get(f"jobqueue.{cluster}.scheduler-options", None) or {}
    try:
        made = kind(
            python=sys.executable,
            log_directory=str(logs),
            scheduler_options={"dashboard": False, **options},
            **settings,
        )
    except (OSError, RuntimeError, ValueError) as error:
        raise PreconditionError(
            f"--cluster {cluster}: {error}. What its jobs are is set in ~/.config/dask/jobqueue.yaml."
        ) from error
    with made:
        try:
            made.scale(jobs=parts)
        except (OSError, RuntimeError) as error:
            raise PreconditionError(f"--cluster {cluster}: {error}.") from error
        yield made
