"""Verdicts: what is published of scenarios and requirements on routes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from harness import files
from harness.conformance.catalogue import Level
from harness.conformance.deviations import KnownDeviation
from harness.conformance.fields import Text, Word
from harness.conformance.outcomes import Cell, ErrorClass, Measurement, Stage, Status
from harness.errors import BadInput, ExitCode

VERDICTS = "verdicts.json"


class Verdict(StrEnum):
    """What is published of a scenario or a requirement on a route, from best to worst.

    The worst of a requirement's scenarios counts. What is not offered ranks below what conforms: a
    requirement that one service meets, and another is not held to, is met. A warning is a SHOULD, MAY
    or draft that was missed, or a capability that is there and not declared.
    """

    NOT_OFFERED = "not offered"
    CONFORMANT = "conformant"
    WARNING = "warning"
    KNOWN_DEVIATION = "known deviation"
    NOT_RUN = "not run"
    INCONCLUSIVE = "inconclusive"
    SITE_FAULT = "site fault"
    DEVIATION = "deviation"

    @property
    def rank(self) -> int:
        """0 for the best."""
        return _RANKS[self]

    @property
    def letter(self) -> str:
        """The letter that stands for it in matrices and histories."""
        return "OCWKNISD"[self.rank]


_RANKS = {verdict: rank for rank, verdict in enumerate(Verdict)}


class Origin(StrEnum):
    """Where a failure arises; the order is that in which readers care."""

    HOME = "home"
    """The home's own service fails, for its users at home too."""
    RESOURCE = "resource"
    """The site fails its own users too."""
    CROSSING = "crossing"
    """The site's own users succeed, and so do the home's users at home: it arises from crossing."""


class HostFault(BaseModel):
    """An unhealthy host: it failed its health check, before or after the scenarios."""

    model_config = ConfigDict(frozen=True)

    host: Word
    when: Word
    """`before`, `after`, or, of one that is told once for both, `before and after`."""
    what: Text

    def __str__(self) -> str:
        return f"{self.host} failed its health check {self.when} the run ({self.what})"


def told_once(faults: Iterable[HostFault]) -> list[HostFault]:
    """Return the faults, with what was found before and after the run as one."""
    times: dict[tuple[str, str], set[str]] = {}
    for fault in faults:
        times.setdefault((fault.host, fault.what), set()).add(fault.when)
    return [
        HostFault(host=host, when=" and ".join(sorted(when, reverse=True)), what=what)
        for (host, what), when in sorted(times.items())
    ]


class Attempt(BaseModel):
    """An attempt at a cell before the one that counts: it showed nothing, or something failed after it."""

    model_config = ConfigDict(frozen=True)

    number: int
    status: Status
    stage: Stage | None = None
    error: ErrorClass | None = None
    message: str = ""
    evidence: str | None = None

    def __str__(self) -> str:
        what = f"{self.stage} failed" if self.stage else self.status
        return f"attempt {self.number}: {what}" + (f": {self.message}" if self.message else "")


class CellVerdict(Cell):
    """The verdict on a scenario over a route, and why."""

    verdict: Verdict
    reason: str = ""
    stage: Stage | None = None
    error: ErrorClass | None = None
    attempts: int = 0
    """Number of the attempt that counts, which is the last."""
    earlier: tuple[Attempt, ...] = ()
    """The attempts before it."""
    evidence: str | None = None
    measurements: tuple[Measurement, ...] = ()
    """What the attempt that counts has measured."""
    known: KnownDeviation | None = None
    """The entry by which the failure is known."""
    origin: Origin | None = None
    """Where a failure arises; None where there is none, or it cannot be told."""
    responsible: str = ""
    """Site that a failure is for to mend; empty where it arises from crossing, or is not known."""
    hosts: tuple[str, ...] = ()
    """Hosts that took part in the attempt that counts."""

    @property
    def missing(self) -> bool:
        """True where the run has no outcome of it: it was interrupted, or broke down.

        What the testbed by its nature cannot run has one, which says so; no other run would do better.
        """
        return self.verdict is Verdict.NOT_RUN and not self.attempts


class RequirementVerdict(BaseModel):
    """The verdict on a requirement over a route: the worst of its scenarios'."""

    model_config = ConfigDict(frozen=True)

    id: str
    level: Level
    confirmed: bool
    """False where the requirement's source has not been opened yet."""
    route: str
    verdict: Verdict
    origin: Origin | None = None
    """Of its worst scenario; what arises from crossing counts first."""
    responsible: str = ""
    outside: bool = False
    """True where all its scenarios belong to a larger extent than the run's: none had to be run."""
    scenarios: tuple[str, ...]


class Judgement(BaseModel):
    """All verdicts of a run."""

    model_config = ConfigDict(frozen=True)

    scenarios: tuple[CellVerdict, ...]
    requirements: tuple[RequirementVerdict, ...]
    totals: dict[Verdict, int]
    """Scenarios times routes, by verdict."""
    executed: int
    """Cells that really acted on the sites."""
    covered: int
    """Requirements that a scenario of this run names."""
    catalogue: int
    """Requirements of the catalogue but those withdrawn: the scope that `covered` is a part of."""
    complaints: tuple[str, ...] = ()
    """What is wrong with the list of known deviations: entries that expired, or that pass now."""
    damage: tuple[str, ...] = ()
    """What of the run's evidence is gone or was changed; not what `testbed prune` removed."""

    @property
    def exit_code(self) -> ExitCode:
        """What the command tells its caller."""
        found = set(self.totals)
        if found & {Verdict.DEVIATION, Verdict.SITE_FAULT} or self.complaints:
            return ExitCode.DEVIATIONS
        missing = any(cell.missing for cell in self.scenarios)
        if Verdict.INCONCLUSIVE in found or missing or self.damage:
            return ExitCode.INCONCLUSIVE
        # A run that acted on nothing shows nothing, whatever its cells say.
        return ExitCode.AS_EXPECTED if self.executed else ExitCode.DEVIATIONS

    def write(self, folder: Path) -> None:
        """Write `verdicts.json` into a run's folder, never half of it."""
        files.replace(folder / VERDICTS, self.model_dump_json(indent=1) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Judgement:
        """Read the `verdicts.json` of a run's folder.

        Raises
        ------
        BadInput
            where there is none, or it is broken.
        """
        path = folder / VERDICTS
        try:
            return cls.model_validate_json(files.content(path))
        except (FileNotFoundError, NotADirectoryError):
            raise BadInput(
                f"{folder} has no {VERDICTS}. `testbed judge {folder}` creates it from a run."
            ) from None
        except ValidationError as error:
            raise BadInput(f"{path}: {error}") from error


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of some verdicts."""
    return max(verdicts, key=lambda verdict: verdict.rank)


def count(verdicts: Mapping[Verdict, int]) -> str:
    """Return totals as a sentence: `12 conformant, 2 deviation`, worst last."""
    return ", ".join(f"{verdicts[v]} {v}" for v in Verdict if verdicts.get(v))
