"""A run and its folder: `runs/<id>/run.json`, and `runs/latest`, which points at the newest."""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.conformance import catalogue, deviations, outcomes
from harness.conformance.catalogue import Catalogue
from harness.conformance.deviations import KnownDeviation
from harness.conformance.judge import judge as judge_outcomes
from harness.conformance.outcomes import Cell
from harness.conformance.verdicts import HostFault, Judgement
from harness.errors import BadInput

RUNS = Path("runs")
LATEST = "latest"
RECORD = "run.json"
LOGS = "logs"
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells give it (128 + SIGINT)."""


class RunRoute(BaseModel):
    """A route of the run."""

    model_config = ConfigDict(frozen=True)

    id: str
    home: str
    resource: str
    site: str
    control: bool


class RunService(BaseModel):
    """A service of a site that takes part."""

    model_config = ConfigDict(frozen=True)

    site: str
    infrastructure: str
    type: str
    endpoint: str
    implementation: str
    host: str
    token_profile: str = ""


class Run(BaseModel):
    """What is known of a run beside its outcomes; times are UTC, ISO 8601."""

    model_config = ConfigDict(frozen=True)

    id: str
    start: str
    end: str | None = None
    """None while it goes on, or where it was killed."""
    testbed: str
    inventory: str
    keyword: str = ""
    infrastructures: dict[str, str] = {}
    """Name -> title."""
    homes: dict[str, str] = {}
    """Infrastructure -> the site where its users' data lie."""
    routes: tuple[RunRoute, ...]
    services: tuple[RunService, ...] = ()
    partial: bool = False
    """True where only some scenarios or routes were chosen."""
    harness: str
    """Version of the harness."""
    commit: str | None = None
    """Git commit of the harness, with `+changes` where files differed from it."""
    versions: dict[str, dict[str, str]] = {}
    """Host -> middleware -> version, as read from the host."""
    faults: tuple[HostFault, ...] = ()
    interrupted: bool = False
    not_run: str = ""
    """Why cells have no outcome, where that is known."""
    exit_code: int | None = None

    @property
    def whole(self) -> bool:
        """True where every scenario was tried on every route: a night, as histories count them."""
        return not (self.partial or self.keyword or self.interrupted)

    def write(self, folder: Path) -> None:
        """Write `run.json`, never half of it."""
        part = folder / f".{RECORD}.part"
        part.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        part.replace(folder / RECORD)

    @classmethod
    def read(cls, folder: Path) -> Run:
        """Read `run.json`.

        Raises
        ------
        BadInput
            where the folder is no run's.
        """
        path = folder / RECORD
        try:
            return cls.model_validate_json(path.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            raise BadInput(
                f"{folder} is no run: it has no {RECORD}. `testbed run` makes one."
            ) from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            raise BadInput(
                f"{path}: no record of a run: {where}: {first['msg']}.\n"
                "  Put it back from a copy; without it the run cannot be judged or reported."
            ) from None


def now() -> str:
    """Return the time as a run records it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


def make_folder(parent: Path = RUNS) -> Path:
    """Make the folder of a new run; its name sorts by time and is the run's id."""
    stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = parent / f"{stamp}-{secrets.token_hex(2)}"
    (folder / LOGS).mkdir(parents=True)
    return folder


def point_latest(folder: Path) -> None:
    """Let `runs/latest` point at the run, with no moment at which it points nowhere."""
    link = folder.parent / LATEST
    part = folder.parent / f".{LATEST}.{folder.name}"
    part.symlink_to(folder.name)
    os.replace(part, link)


def judge(folder: Path, run: Run) -> Judgement:
    """Judge a run from its files, and write `verdicts.json` beside them.

    Raises
    ------
    BadInput
        naming file and line of what cannot be read, or names a requirement that is not there.
    """
    requirements, plan = catalogue.load(), outcomes.read_plan(folder)
    known = deviations.load(folder / deviations.FILE)
    _check_requirements(folder, requirements, plan, known)
    _check_outcomes(folder, run, plan)
    judgement = judge_outcomes(
        plan,
        outcomes.read(folder) if (folder / outcomes.OUTCOMES).exists() else (),
        catalogue=requirements,
        faults=run.faults,
        why_not_run=run.not_run or "no outcome was recorded",
        known=known,
        day=dt.datetime.fromisoformat(run.start).date(),
        homes=run.homes,
    )
    judgement.write(folder)
    return judgement


def _check_outcomes(folder: Path, run: Run, plan: Sequence[Cell]) -> None:
    """Refuse a run that has ended, and whose files are lost or cut: all of it would be *not run*.

    One that was killed or interrupted, or could not run anything, is judged by what it has.
    """
    if run.end is None or run.not_run:
        return
    path = folder / outcomes.OUTCOMES
    content = path.read_bytes() if path.exists() else None
    if not plan:
        fault = f"{folder / outcomes.PLAN} is empty"
    elif content is None:
        fault = f"{path} is not there"
    elif not content:
        fault = f"{path} is empty"
    elif not content.endswith(b"\n"):
        fault = f"{path} ends in the middle of a line"
    else:
        return
    raise BadInput(
        f"{fault}, although the run ended ({run.end}).\n"
        "  Nothing was judged, and its verdicts and pages are as they were. Put the file back from a "
        "copy; where there is none, look into its logs/, and run again: `testbed run`."
    )


def _check_requirements(
    folder: Path, requirements: Catalogue, plan: Iterable[Cell], known: Iterable[KnownDeviation]
) -> None:
    """Refuse what speaks of requirements that the catalogue has not: a run of another catalogue."""
    named = (
        *(
            (f"{folder / outcomes.PLAN}:{n}", i)
            for n, c in enumerate(plan, 1)
            for i in c.requirements
        ),
        *((f"{folder / entry.place}", entry.requirement) for entry in known),
    )
    for place, id_ in named:
        if id_ not in requirements:
            raise BadInput(f"{place}: the catalogue has no requirement {id_!r}.")
