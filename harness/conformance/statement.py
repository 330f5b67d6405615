"""The statement of a run: what it found, for other tools, with the digest of every file of evidence.

Its form is published as a JSON Schema (`docs/statement.schema.json`; `testbed history --schema`
prints it) and versioned: a minor number adds keys, a major one changes what is there.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness import files
from harness.conformance import deviations, former, outcomes, service_status
from harness.conformance import evidence as kept
from harness.conformance.catalogue import Level
from harness.conformance.deviations import KnownDeviation
from harness.conformance.fields import File, Name, Text, Word
from harness.conformance.outcomes import Measurement, Outcome
from harness.conformance.runs import Run, RunRoute, RunService, Time
from harness.conformance.service_status import ServiceStatus
from harness.conformance.verdicts import CellVerdict, HostFault, Judgement, Origin, Verdict
from harness.errors import BadInput, ExitCode
from harness.extent import Extent, includes

FILE = "statement.json"
VERSION = "2.2"


class Part(BaseModel):
    """A part of a statement: immutable; keys of a later minor version are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RunStatement(Part):
    """Which run it was; times are UTC, ISO 8601."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    start: Time
    end: Time | None
    testbed: Name
    inventory: Text
    harness: str
    commit: str | None
    exit_code: int

    @property
    def began(self) -> dt.datetime:
        """When it began."""
        return dt.datetime.fromisoformat(self.start)


class Scope(Part):
    """What the figures speak of; none may be shown without it."""

    catalogue: int
    """Requirements of the catalogue that count."""
    covered: int
    """Those that a scenario of this run names."""
    cells: int
    """Scenarios times routes."""
    executed: int
    """Cells that acted on the sites."""
    keyword: str = ""
    """The part of the scenarios that was chosen; all where empty."""
    extent: Extent = "core"
    """How much was run: what belongs to the full extent alone is *not run* in the core."""
    whole: bool
    """False where only some scenarios or routes were chosen, or the run was interrupted."""


class ServiceStatement(RunService):
    """A service of a site, and how it was."""

    status: ServiceStatus


class ExceptionStatement(Part):
    """A known deviation that was in force, and how many cells it excused."""

    requirement: Name
    scenario: Word | None
    routes: tuple[str, ...]
    site: str | None
    implementation: str | None = None
    """Software to which it is confined."""
    origins: tuple[Origin, ...] = ()
    """Where the excused failures arise."""
    owner: Text
    reason: Text
    link: Word
    since: dt.date
    expires: dt.date
    cells: int


class RequirementStatement(Part):
    """The verdict on a requirement over a route."""

    id: Name
    level: Level
    confirmed: bool
    route: Word
    verdict: Verdict
    origin: Origin | None = None
    """Where a failure arises; None where there is none, or it cannot be told."""
    responsible: str = ""
    """Site that a failure is for to mend; empty where it arises from crossing, or is not known."""
    outside: bool = False
    """True where it is part of a larger extent than the run's, and so not run."""
    scenarios: tuple[str, ...]


class ScenarioStatement(Part):
    """The verdict on a scenario over a route, and where its evidence is."""

    scenario: Word
    test: Word = ""
    """The scenario without the service that it tests: the same at all sites."""
    title: Text
    family: Name
    requirements: tuple[Name, ...]
    route: Word
    home: Name
    """Infrastructure of the user."""
    resource: Name
    """Infrastructure of the site."""
    site: Name
    service: Word = ""
    """Endpoint that the scenario tests; empty where it tests none, or all of the site."""
    implementation: Text = ""
    """Its software."""
    refusal: bool
    verdict: Verdict
    outside: bool = False
    """True where it is part of a larger extent than the run's, and so not run (from version 2.2 on)."""
    origin: Origin | None = None
    """Where a failure arises; None where there is none, or it cannot be told."""
    responsible: str = ""
    """Site that a failure is for to mend; empty where it arises from crossing, or is not known."""
    hosts: tuple[str, ...] = ()
    """Hosts that took part."""
    reason: Text
    attempts: int
    seconds: float | None = None
    """How long the attempt that counts took; None where there was none (from version 2.1 on)."""
    evidence: tuple[File, ...]
    """Files of all attempts, the one that counts last; each has a digest in `evidence`."""
    measurements: tuple[Measurement, ...] = ()
    """Figures that it found (from version 1.1 on)."""
    exception: str | None = None
    """Who follows the known deviation up, and until when; None where there is none."""

    @property
    def test_name(self) -> str:
        """The scenario without the service that it tests."""
        return self.test or self.scenario


class Statement(Part):
    """All that a run states."""

    version: str = Field(pattern=r"^2\.\d+$")
    run: RunStatement
    scope: Scope
    totals: dict[Verdict, int]
    """Cells by verdict."""
    infrastructures: dict[Name, Text]
    """Name -> title."""
    homes: dict[Name, Name] = {}
    """Infrastructure -> the site where its users' data lie."""
    routes: tuple[RunRoute, ...]
    services: tuple[ServiceStatement, ...]
    versions: dict[Word, dict[Word, Text]]
    """Host -> middleware -> version."""
    faults: tuple[HostFault, ...]
    """Hosts that failed a health check."""
    exceptions: tuple[ExceptionStatement, ...]
    complaints: tuple[Text, ...]
    """What is wrong with the list of known deviations."""
    requirements: tuple[RequirementStatement, ...]
    scenarios: tuple[ScenarioStatement, ...]
    evidence: dict[File, str]
    """File, beside the statement -> its SHA-256 in hexadecimal."""
    inputs: dict[File, str] = {}
    """What the run was judged by, as file of its folder -> SHA-256: plan, outcomes, catalogue ..."""

    @property
    def beyond(self) -> frozenset[tuple[str, str]]:
        """Requirement and route of which a larger extent would show more, or all."""
        wholly = {(one.id, one.route) for one in self.requirements if one.outside}
        partly = {(id_, o.route) for o in self.scenarios if o.outside for id_ in o.requirements}
        return frozenset(wholly | partly)

    def write(self, folder: Path) -> Path:
        """Write `statement.json` into a run's folder, never half of it; return its path."""
        files.replace(folder / FILE, self.model_dump_json(indent=1) + "\n")
        return folder / FILE

    @classmethod
    def read(cls, folder: Path) -> Statement:
        """Read the statement of a run's folder.

        Raises
        ------
        BadInput
            where there is none, it is broken, or it is of a version that is not known.
        """
        path = folder / FILE
        try:
            return cls.parse(files.content(path), str(path))
        except (FileNotFoundError, NotADirectoryError):
            if not folder.is_dir():
                raise BadInput(
                    f"{folder} is not the folder of a run or of a published night."
                ) from None
            raise BadInput(
                f"{folder} has no {FILE}. `testbed report {folder}` creates it from a run."
            ) from None

    @classmethod
    def parse(cls, content: bytes, place: str) -> Statement:
        """Read a statement, also of the former version; `place` is named where it is broken.

        Raises
        ------
        BadInput
            where it is broken, or of a version that is not known.
        """
        try:
            return cls.model_validate(former.upgraded(json.loads(content)))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            said = f"{where}: {first['msg']}"
        except (ValueError, RecursionError) as error:
            said = str(error)
        raise BadInput(f"{place}: no statement of version 1 or 2: {said}")


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a statement."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Statement.model_json_schema(),
    }


def make(folder: Path, run: Run, judgement: Judgement) -> Statement:
    """Return the statement of a judged run.

    Raises
    ------
    BadInput
        where a file of the run cannot be read.
    """
    seen = outcomes.read(folder) if (folder / outcomes.OUTCOMES).exists() else ()
    known = deviations.load(folder / deviations.FILE)
    return Statement(
        version=VERSION,
        run=RunStatement(
            id=run.id,
            start=run.start,
            end=run.end,
            testbed=run.testbed,
            inventory=run.inventory,
            harness=run.harness,
            commit=run.commit,
            exit_code=_exit_code(run, judgement),
        ),
        scope=Scope(
            catalogue=judgement.catalogue,
            covered=judgement.covered,
            cells=len(judgement.scenarios),
            executed=judgement.executed,
            keyword=run.keyword,
            extent=run.extent,
            whole=run.whole,
        ),
        totals=judgement.totals,
        infrastructures=run.infrastructures or {route.home: route.home for route in run.routes},
        homes=run.homes,
        routes=run.routes,
        services=tuple(
            ServiceStatement(**service.model_dump(), status=status)
            for service, status in service_status.of(run.services, seen)
        ),
        versions=run.versions,
        faults=run.faults,
        exceptions=tuple(_exceptions(known, judgement.scenarios)),
        complaints=judgement.complaints,
        requirements=tuple(
            RequirementStatement.model_validate(one.model_dump()) for one in judgement.requirements
        ),
        scenarios=tuple(_scenarios(judgement.scenarios, seen, run.extent)),
        evidence=_digests(folder, run),
        inputs=run.files,
    )


def _exit_code(run: Run, judgement: Judgement) -> int:
    """Return what the verdicts ask for; of an interrupted run, that it was."""
    return run.exit_code if run.interrupted and run.exit_code else int(judgement.exit_code)


def _scenarios(
    cells: Iterable[CellVerdict], seen: Iterable[Outcome], extent: Extent
) -> Iterator[ScenarioStatement]:
    took = {(*one.key, one.attempt): one.seconds for one in seen}
    for cell in cells:
        seconds = took.get((*cell.key, cell.attempts))
        yield _scenario(cell, seconds, outside=not includes(extent, cell.extent))


def _scenario(cell: CellVerdict, seconds: float | None, *, outside: bool) -> ScenarioStatement:
    files = [*(one.evidence for one in cell.earlier), cell.evidence]
    return ScenarioStatement(
        scenario=cell.scenario,
        test=cell.test,
        title=cell.title,
        family=cell.family,
        requirements=cell.requirements,
        route=cell.route,
        home=cell.home,
        resource=cell.resource,
        site=cell.site,
        service=cell.service,
        implementation=cell.implementation,
        refusal=cell.refusal,
        verdict=cell.verdict,
        outside=outside,
        origin=cell.origin,
        responsible=cell.responsible,
        hosts=cell.hosts,
        reason=cell.reason,
        attempts=cell.attempts,
        seconds=seconds,
        evidence=tuple(name for name in files if name),
        measurements=cell.measurements,
        exception=f"{cell.known.owner}, until {cell.known.expires}" if cell.known else None,
    )


def _exceptions(
    known: Iterable[KnownDeviation], cells: Iterable[CellVerdict]
) -> Iterator[ExceptionStatement]:
    excused: dict[str, list[CellVerdict]] = {}
    for cell in cells:
        if cell.known is not None:
            excused.setdefault(str(cell.known), []).append(cell)
    for entry in known:
        fields = entry.model_dump(exclude={"place"})
        found = excused.get(str(entry), [])
        origins = {cell.origin for cell in found if cell.origin}
        yield ExceptionStatement(**fields, cells=len(found), origins=tuple(sorted(origins)))


def _digests(folder: Path, run: Run) -> dict[str, str]:
    """Return file -> SHA-256 of the evidence as it was first told: what is lost since is not forgotten."""
    if recorded := kept.recorded(folder):
        return recorded
    with suppress(BadInput):
        before = Statement.read(folder)
        if before.run.id == run.id:
            return before.evidence
    return kept.on_disk(folder)


def verify(folder: Path, statement: Statement | None = None) -> list[str]:
    """Return what in a run's folder is not as its statement says: evidence lost, changed, or added.

    What `testbed prune` removed is not lost.

    Raises
    ------
    BadInput
        where there is no statement.
    """
    stated: Mapping[str, str] = (statement or Statement.read(folder)).evidence
    found = kept.on_disk(folder)
    lost = [] if kept.pruned(folder) else [name for name in stated if name not in found]
    return [
        *(f"{name} is missing" for name in lost),
        *(
            f"{name} was changed"
            for name in stated
            if found.get(name, stated[name]) != stated[name]
        ),
        *(f"{name} is not in the statement" for name in found if name not in stated),
    ]


def exit_code(complaints: list[str]) -> ExitCode:
    """Return what `testbed verify` tells its caller."""
    return ExitCode.DEVIATIONS if complaints else ExitCode.AS_EXPECTED
