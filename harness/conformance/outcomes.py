"""What pytest saw, scenario by scenario and route by route: the record that verdicts are judged from.

A run's folder holds `plan.jsonl` (the cells that the run set out to do) and `outcomes.jsonl` (one
line for each attempt at a cell, written as it ends). The readers take nothing on trust: what no run can
have written is told with file and line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from harness import files, routes
from harness.conformance import evidence
from harness.conformance.fields import Name, Text, Word
from harness.errors import BadInput
from harness.extent import Extent

PLAN = "plan.jsonl"
OUTCOMES = "outcomes.jsonl"

Kind = TypeVar("Kind", bound="Cell")

Status = Literal["passed", "failed", "error", "not offered", "not run"]
"""`failed` while acting or asserting; `error` where set-up or clean-up failed, so nothing was shown;
`not run` where the testbed by its nature lacks what the scenario needs, such as a real issuer's key."""

Stage = Literal["setup", "control", "act", "assert", "cleanup"]
ErrorClass = Literal[
    "assertion", "unreachable", "timeout", "unusable", "unprepared", "hung", "crash"
]
"""How a test failed: `unusable` where what came is allowed, but our own client cannot go on with it;
`unprepared` where this machine lacks what it needs; `hung` where it was ended because it did not end itself
(a client that waits in vain has time-outs of its own: `timeout`)."""

OURS: Mapping[ErrorClass | None, str] = {
    "crash": "the testbed's own client crashed",
    "unusable": "the testbed's own client cannot use what it received",
    "unprepared": "this machine lacks what the scenario needs",
    "hung": "the scenario did not end, and was stopped",
}
"""Failures that are the harness's own, in words."""


class Cell(BaseModel):
    """A scenario on a route: what one run of a test shows."""

    model_config = ConfigDict(frozen=True)

    scenario: Word
    """File and function (and other parameters), without the route: `auth/test_tokens.py::test_x`.

    Where a site has several services that the scenario tests, the last parameter tells which.
    """
    test: Word = ""
    """The scenario without the service that it tests: the same at all sites. Empty in former runs."""
    title: Text
    """First line of the scenario's docstring."""
    family: Name
    requirements: tuple[Name, ...]
    home: Name
    """Infrastructure of the user."""
    resource: Name
    """Infrastructure of the resource."""
    site: Name
    """Site of the resource."""
    service: Word = ""
    """Endpoint of the site's service that the scenario tests; empty where it tests none, or all."""
    implementation: Text = ""
    """Its software."""
    side: routes.Side = "resource"
    """Whose service the scenario is about: that of the user's home, or that of the site."""
    profiles: tuple[str, ...] = ()
    """Token profiles of the site's services that the scenario asks; none in runs of former versions."""
    refusal: bool = False
    """True where the scenario asserts a refusal beside its control."""
    extent: Extent = "core"
    """The least extent of a run of which the scenario is."""
    mutant: Word = ""
    """In a proof, the fault that the site was given."""

    @property
    def route(self) -> str:
        """`home:SITE`."""
        return routes.name(self.home, self.site)

    @property
    def is_control(self) -> bool:
        """True where user and site belong to the same infrastructure."""
        return self.home == self.resource

    @property
    def test_name(self) -> str:
        """The scenario without the service that it tests."""
        return self.test or self.scenario

    @property
    def key(self) -> tuple[str, str]:
        """What names the cell within a run."""
        return self.scenario, f"{self.route}~{self.mutant}" if self.mutant else self.route

    def __str__(self) -> str:
        return f"{self.scenario} [{self.key[1]}]"


class Asked(BaseModel):
    """A service that a scenario asked something: sites may share an endpoint, so all three name it."""

    model_config = ConfigDict(frozen=True)

    site: Word
    type: Word
    endpoint: Word

    def __str__(self) -> str:
        return f"{self.type} {self.endpoint} of {self.site}"


class Measurement(BaseModel):
    """A figure that a scenario found, in seconds."""

    model_config = ConfigDict(frozen=True)

    what: Text
    """What was measured: `containment time`."""
    service: Word
    """Endpoint of the service at which."""
    detail: Text = ""
    """With what, where it was measured with several: `Keystone token`."""
    seconds: float
    at_least: bool = False
    """True where the end was not awaited: it is so long, or longer."""


class Outcome(Cell):
    """How one attempt at a cell ended; times are UTC, ISO 8601."""

    status: Status
    stage: Stage | None = None
    """Where it failed; None where it did not."""
    error: ErrorClass | None = None
    message: Text = ""
    """One line: what failed, or why it is not offered."""
    warning: Text = ""
    """What a reader must know although it decides nothing, such as an undeclared capability."""
    hosts: tuple[str, ...] = ()
    """Hosts of the testbed that took part: those that the scenario's steps or its error name, the
    user's workstation, and the routers where the route crosses."""
    services: tuple[Asked, ...] = ()
    """Services that the scenario's steps asked; none in runs of former versions."""
    failed_at: tuple[Asked, ...] = ()
    """Those that the step asked at which it failed."""
    acted: bool = True
    """False where no step sent anything: then nothing was shown."""
    start: str
    stop: str
    attempt: int = 1
    worker: str = "main"
    evidence: str | None = None
    """The steps, as a file beside this one."""
    measurements: tuple[Measurement, ...] = ()

    @property
    def executed(self) -> bool:
        """True where the scenario really acted on the sites."""
        return self.acted and self.status in ("passed", "failed")

    @property
    def seconds(self) -> float | None:
        """How long it took; None where its times are none."""
        with suppress(ValueError, TypeError):
            start, stop = map(dt.datetime.fromisoformat, (self.start, self.stop))
            return max(0.0, round((stop - start).total_seconds(), 3))
        return None


class Recorder:
    """Appends outcomes to a run's file, and the digests of their evidence beside it.

    Each is on disk when `add` returns.
    """

    def __init__(self, folder: Path) -> None:
        """Open the files, and make them where they are missing.

        Raises
        ------
        TestbedError
            where the folder cannot be written.
        """
        self._folder = folder
        with files.told(folder / OUTCOMES), ExitStack() as opened:
            self._digests, self._outcomes = (
                opened.enter_context((folder / name).open("a", encoding="utf-8"))
                for name in (evidence.DIGESTS, OUTCOMES)
            )
            self._open = opened.pop_all()

    def add(self, outcome: Outcome) -> None:
        """Append one outcome.

        Raises
        ------
        TestbedError
            where the disk is full.
        """
        with files.told(self._folder / OUTCOMES):
            if outcome.evidence:
                self._digests.write(evidence.line(self._folder, outcome.evidence))
                self._digests.flush()
            self._outcomes.write(outcome.model_dump_json() + "\n")
            self._outcomes.flush()

    def close(self) -> None:
        """Close the files.

        Raises
        ------
        TestbedError
            where the disk is full.
        """
        with files.told(self._folder / OUTCOMES):
            self._open.close()


def write_plan(folder: Path, cells: Iterable[Cell]) -> None:
    """Write what the run sets out to do.

    Raises
    ------
    BadInput
        where two cells have one key or one file of evidence: one would overwrite the other.
    TestbedError
        where the file cannot be written.
    """
    planned = tuple(cells)
    seen: dict[str, Cell] = {}
    for cell in planned:
        name = evidence.name(cell.key, 1)
        if name in seen:
            raise BadInput(
                f"{folder / PLAN}: two cells have the same file of evidence, {name}: {seen[name]} and "
                f"{cell}.\n  Give the scenario, or its parameter, another name."
            )
        seen[name] = cell
    lines = "".join(cell.model_dump_json() + "\n" for cell in planned)
    files.replace(folder / PLAN, lines)


def read_plan(folder: Path) -> tuple[Cell, ...]:
    """Read what the run set out to do.

    Raises
    ------
    BadInput
        naming file and line of what is no cell, is there twice, or was cut.
    """
    path = folder / PLAN
    cells = tuple(_lines(path, Cell))
    if files.content(path)[-1:] not in (b"", b"\n"):
        raise BadInput(f"{path}: ends in the middle of a line. Restore the file from a backup.")
    _refuse_twice(path, ((cell.key, str(cell)) for cell in cells))
    return cells


def read(folder: Path) -> tuple[Outcome, ...]:
    """Read all outcomes of a run, in the order in which they ended; one stands on each line.

    A last line without an end is passed over: the run was killed while writing it.

    Raises
    ------
    BadInput
        naming file and line of what is no outcome, or is there twice.
    """
    path = folder / OUTCOMES
    found = tuple(_lines(path, Outcome))
    for number, outcome in enumerate(found, start=1):
        if flaw := _flaw(outcome):
            raise BadInput(f"{path}:{number}: no outcome: {flaw}")
    _refuse_twice(
        path, (((one.key, one.attempt), f"attempt {one.attempt} at {one}") for one in found)
    )
    return found


def _flaw(outcome: Outcome) -> str:
    """Say what no run can have recorded of an attempt; empty where there is nothing."""
    for name, time in (("start", outcome.start), ("stop", outcome.stop)):
        if not is_time(time):
            return f"{name}: {time!r} is not a time in UTC, such as 2026-11-22T09:00:00+00:00"
    if outcome.attempt < 1:
        return f"attempt: {outcome.attempt} is less than 1"
    if outcome.evidence is not None and not evidence.is_name(outcome.evidence):
        return f"evidence: {outcome.evidence!r} is no file of {evidence.FOLDER}/"
    return ""


def is_time(text: str) -> bool:
    """Tell whether a text is a time in UTC (ISO 8601)."""
    try:
        return dt.datetime.fromisoformat(text).utcoffset() == dt.timedelta(0)
    except ValueError:
        return False


def _refuse_twice(path: Path, named: Iterable[tuple[Hashable, str]]) -> None:
    """Refuse a file of which two lines speak of the same."""
    seen: dict[Hashable, int] = {}
    for number, (key, name) in enumerate(named, start=1):
        if key in seen:
            raise BadInput(
                f"{path}:{number}: {name} is there already, in line {seen[key]}.\n"
                "  It is unclear which of the two is right. Restore the file from a backup."
            )
        seen[key] = number


def _lines(path: Path, kind: type[Kind]) -> Iterator[Kind]:
    try:
        content = files.content(path)
    except FileNotFoundError:
        raise BadInput(
            f"{path.parent} is not a run: it has no {path.name}. `testbed run` creates one."
        ) from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}.") from None
    # Only this ends a line: a message may hold what else Unicode takes for an end.
    *lines, _ = content.split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            yield kind.model_validate_json(line)
        except ValidationError as error:
            flaws = "; ".join(
                f"{'.'.join(map(str, one['loc'])) or 'line'}: {one['msg']}"
                for one in error.errors()
            )
            raise BadInput(f"{path}:{number}: no {kind.__name__.lower()}: {flaws}") from error
