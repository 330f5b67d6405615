"""Where no worker can come from is told, with what to do."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.cluster import workers
from harness.errors import BadInput, PreconditionError


def test_what_is_no_place_is_refused() -> None:
    with pytest.raises(BadInput, match=r"--cluster elsewhere: write the address of a Dask sched"):
        workers.check("elsewhere")
    for good in ("", "tcp://127.0.0.1:8786"):
        workers.check(good)


def test_a_batch_system_that_is_not_here_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PreconditionError, match="`sbatch` is not on this machine"):
        workers.check("slurm")
    with pytest.raises(PreconditionError, match="`condor_submit` is not on this machine"):
        workers.check("htcondor")


def test_packages_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(PreconditionError, match=r"distributed, which is not.*extra `cluster`"):
        workers.check("")


def test_a_scheduler_that_does_not_answer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_ANSWER", 0.2)
    said = r"--cluster tcp://127.0.0.1:9: no Dask scheduler answers there .*dask scheduler"
    with (
        pytest.raises(PreconditionError, match=said),
        workers.connected("tcp://127.0.0.1:9", parts=1, logs=tmp_path),
    ):
        pass
