"""What pytest saw, scenario by scenario and route by route: the record that verdicts are judged from.

A run's folder holds `plan.jsonl` (the cells that the run set out to do) and `outcomes.jsonl` (one
line for each attempt at a cell, written as it ends).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from harness import routes
from harness.errors import BadInput

PLAN = "plan.jsonl"
OUTCOMES = "outcomes.jsonl"

Kind = TypeVar("Kind", bound="Cell")

Status = Literal["passed", "failed", "error", "not offered", "not run"]
"""`failed` while acting or asserting; `error` where set-up or clean-up failed, so nothing was shown;
`not run` where the testbed by its nature lacks what the scenario needs, such as a real issuer's key."""

Stage = Literal["setup", "control", "act", "assert", "cleanup"]
ErrorClass = Literal["assertion", "unreachable", "timeout", "crash"]


class Cell(BaseModel):
    """A scenario on a route: what one run of a test shows."""

    model_config = ConfigDict(frozen=True)

    scenario: str
    """File and function (and other parameters), without the route: `auth/test_tokens.py::test_x`.

    Where a site has several services that the scenario tests, the last parameter tells which.
    """
    test: str = ""
    """The scenario without the service that it tests: the same at all sites. Empty in former runs."""
    title: str
    """First line of the scenario's docstring."""
    family: str
    requirements: tuple[str, ...]
    home: str
    """Infrastructure of the user."""
    resource: str
    """Infrastructure of the resource."""
    site: str
    """Site of the resource."""
    service: str = ""
    """Endpoint of the site's service that the scenario tests; empty where it tests none, or all."""
    implementation: str = ""
    """Its software."""
    side: Literal["home", "resource"] = "resource"
    """Whose service the scenario is about: that of the user's home, or that of the site."""
    profiles: tuple[str, ...] = ()
    """Token profiles of the site's services that the scenario asks; none in runs of former versions."""
    refusal: bool = False
    """True where the scenario asserts a refusal beside its control."""
    mutant: str = ""
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

    site: str
    type: str
    endpoint: str

    def __str__(self) -> str:
        return f"{self.type} {self.endpoint} of {self.site}"


class Measurement(BaseModel):
    """A figure that a scenario found, in seconds."""

    model_config = ConfigDict(frozen=True)

    what: str
    """What was measured: `containment time`."""
    service: str
    """Endpoint of the service at which."""
    detail: str = ""
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
    message: str = ""
    """One line: what failed, or why it is not offered."""
    warning: str = ""
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


class Recorder:
    """Appends outcomes to a run's file; each is on disk when `add` returns."""

    def __init__(self, folder: Path) -> None:
        self._file: IO[str] = (folder / OUTCOMES).open("a", encoding="utf-8")

    def add(self, outcome: Outcome) -> None:
        """Append one outcome."""
        self._file.write(outcome.model_dump_json() + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def write_plan(folder: Path, cells: Iterable[Cell]) -> None:
    """Write what the run sets out to do."""
    lines = "".join(cell.model_dump_json() + "\n" for cell in cells)
    (folder / PLAN).write_text(lines, encoding="utf-8")


def read_plan(folder: Path) -> tuple[Cell, ...]:
    """Read what the run set out to do."""
    return tuple(_lines(folder / PLAN, Cell))


def read(folder: Path) -> tuple[Outcome, ...]:
    """Read all outcomes of a run, in the order in which they ended.

    A last line without an end is ignored: the run was killed while writing it.

    Raises
    ------
    BadInput
        naming file and line of what is no outcome.
    """
    return tuple(_lines(folder / OUTCOMES, Outcome))


def _lines(path: Path, kind: type[Kind]) -> Iterator[Kind]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise BadInput(
            f"{path.parent} is no run: it has no {path.name}. `testbed run` makes one."
        ) from None
    # Only this ends a line: a message may hold what else Unicode takes for an end.
    *lines, _ = content.split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            yield kind.model_validate_json(line)
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(map(str, one['loc'])) or 'line'}: {one['msg']}"
                for one in error.errors()
            )
            raise BadInput(f"{path}:{number}: no {kind.__name__.lower()}: {faults}") from error
