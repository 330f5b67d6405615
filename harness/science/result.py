"""The result of a job: which run it is of, what it has in it, and whether a scientist would take it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.science import archive
from harness.science.field import Field, Figure, Files, WrongResult
from harness.science.plan import Plan

MANIFEST: Final = "manifest.json"
RIGHT, CONTROL = "right", "control"


class Told(BaseModel):
    """What the job tells of a part of its work; a later program may tell more."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Model = TypeVar("Model", bound=Told)


class Sums(Told):
    """The checksums of a file, as the worker found them."""

    sha256: str
    adler32: str
    size: int
    seconds: float = 0.0
    """That the transfer took."""


class Worker(Told):
    """The machine on which the job ran."""

    host: str
    system: str
    machine: str
    cores: int
    memory: int
    """MiB free at the start."""
    python: str


class Computed(Told):
    """One run of the field's program."""

    parameters: dict[str, Any]
    seconds: float
    processor: float
    """Seconds of the processor."""
    memory: int
    """MiB at the most."""
    files: dict[str, Sums]


class Manifest(Told):
    """What the job says that it did."""

    run: str
    field: str
    worker: Worker
    start: str
    end: str
    bundle: Sums
    input: Sums
    runs: dict[str, Computed]


class Report(Manifest):
    """What the job says at its end, by its standard output: also what it has sent home."""

    result: Sums


def report(output: str) -> Report:
    """Read the job's standard output.

    Raises
    ------
    WrongResult
        where the job failed: its stage and its reason; or where it says nothing of the kind.
    """
    last = output.strip().splitlines()[-1:] or [""]
    try:
        told = json.loads(last[0])
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise WrongResult(f"the job does not say what it did: {output.strip()[-300:] or 'nothing'}")
    if "failed" in told:
        raise WrongResult(f"{told['failed']}: {told.get('why', 'no reason is told')}")
    return _read(Report, last[0], "what the job says")


@dataclass(frozen=True)
class Result:
    """A result that has come home, and is that of the plan."""

    field: Field
    manifest: Manifest
    runs: Mapping[str, Files]
    """Name of the run -> the files that the program has written."""

    @property
    def right(self) -> Files:
        """The result itself."""
        return self.runs[RIGHT]


def read(packed: bytes, plan: Plan, told: Report) -> Result:
    """Return the result that the home storage gives.

    Raises
    ------
    WrongResult
        where it is not what the worker sent, is of another run, or lacks a file.
    """
    found = sha256(packed).hexdigest()
    if found != told.result.sha256:
        raise WrongResult(
            f"the result at home is not what the worker sent: its SHA-256 is {found} ({len(packed)} "
            f"bytes); the worker sent {told.result.sha256} ({told.result.size} bytes)"
        )
    return opened(packed, plan)


def opened(packed: bytes, plan: Plan) -> Result:
    """Return a result after a look whether it is complete, and that of this plan.

    Raises
    ------
    WrongResult
        where it is of another run, or lacks a file.
    """
    files = archive.unpack(packed)
    if MANIFEST not in files:
        raise WrongResult(f"the result has no {MANIFEST}, but {', '.join(files) or 'nothing'}")
    manifest = _read(Manifest, files[MANIFEST], MANIFEST)
    if (manifest.run, manifest.field) != (plan.run, plan.field.name):
        raise WrongResult(
            f"the result is of another run: it is of {manifest.field}, {manifest.run}, and "
            f"{plan.field.name}, {plan.run} is expected"
        )
    for what, archive_ in (("bundle", plan.bundle), ("input", plan.input)):
        if (sums := getattr(manifest, what)).sha256 != archive_.sha256:
            raise WrongResult(f"another {what} was used: its SHA-256 is {sums.sha256}")
    runs = {name: dict(_files_of(name, files, manifest)) for name in plan.field.runs}
    return Result(plan.field, manifest, runs)


def _files_of(run: str, files: Files, manifest: Manifest) -> list[tuple[str, bytes]]:
    if run not in manifest.runs:
        raise WrongResult(f"the result has no run {run!r}")
    found = []
    for name, sums in manifest.runs[run].files.items():
        content = files.get(f"{run}/{name}")
        if content is None or sha256(content).hexdigest() != sums.sha256:
            what = "is missing" if content is None else "is not what the program has written"
            raise WrongResult(f"in the result, {run}/{name} {what}")
        found.append((name, content))
    return found


@dataclass(frozen=True)
class Judged:
    """A result that a scientist would take, and its figures by the names of the runs."""

    result: Result
    figures: Mapping[str, tuple[Figure, ...]]

    def __str__(self) -> str:
        return "\n".join(
            f"{run}: {figure}{'' if figure.right else ' (out of its bounds)'}"
            for run, figures in self.figures.items()
            for figure in figures
        )


def judge(result: Result) -> Judged:
    """Return the figures of the right run and of the control.

    Raises
    ------
    WrongResult
        where a figure of the right run is out of its bounds, or one by which the control must be told
        from it is not.
    """
    figures = {name: result.field.check(files) for name, files in result.runs.items()}
    if wrong := [str(one) for one in figures[RIGHT] if not one.right]:
        raise WrongResult(f"the result is wrong: {'; '.join(wrong)}")
    require_told(result.field, figures[CONTROL])
    return Judged(result, figures)


def require_told(field: Field, figures: tuple[Figure, ...]) -> None:
    """See that the check tells a control from a right run.

    Raises
    ------
    WrongResult
        naming the figures that ought to be out of their bounds.
    """
    out = {one.what for one in figures if not one.right}
    if missed := [one for one in field.control.wrong if one not in out]:
        raise WrongResult(
            f"the check does not tell the control from a right result ({field.control.what}): "
            f"within its bounds is {', '.join(missed)}"
        )


def _read(model: type[Model], content: bytes | str, what: str) -> Model:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise WrongResult(f"{what} cannot be read: {where}: {first['msg']}") from None
