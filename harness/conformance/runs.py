"""A run and its folder: `runs/<id>/run.json`, and `runs/latest`, which points at the newest."""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from harness import files
from harness.conformance.fields import File, Name, Text, Word
from harness.conformance.outcomes import is_time
from harness.conformance.verdicts import HostFault
from harness.errors import BadInput
from harness.extent import Extent

RUNS = Path("runs")
LATEST = "latest"
RECORD = "run.json"
LOGS = "logs"
_STAMP = "%Y%m%dT%H%M%SZ"
"""The first part of a run's id."""
FORM = 2
"""Form of the folders that this harness writes; those of form 1 hold no copies of what judges them."""


def _time(text: str) -> str:
    if not is_time(text):
        raise ValueError(f"{text!r} is not a time in UTC, such as 2026-11-22T09:00:00+00:00")
    return text


Time = Annotated[str, AfterValidator(_time)]


class RunRoute(BaseModel):
    """A route of the run."""

    model_config = ConfigDict(frozen=True)

    id: Word
    home: Name
    resource: Name
    site: Name
    control: bool


class RunService(BaseModel):
    """A service of a site that takes part."""

    model_config = ConfigDict(frozen=True)

    site: Name
    infrastructure: Name
    type: Word
    endpoint: Word
    implementation: Text
    host: Name
    token_profile: str = ""


class Run(BaseModel):
    """What is known of a run beside its outcomes; times are UTC, ISO 8601."""

    model_config = ConfigDict(frozen=True)

    id: Name
    form: int = 1
    """Form of the folder, as the harness that wrote it knew it."""
    start: Time
    end: Time | None = None
    """None while it goes on, or where it was killed."""
    testbed: Name
    inventory: Text
    keyword: str = ""
    requirements: tuple[Text, ...] = ()
    """Those whose scenarios were asked for; empty where no such choice was made."""
    families: tuple[Text, ...] = ()
    """Families of requirements, likewise."""
    infrastructures: dict[Name, Text] = {}
    """Name -> title."""
    homes: dict[Name, Name] = {}
    """Infrastructure -> the site where its users' data lie."""
    routes: tuple[RunRoute, ...]
    services: tuple[RunService, ...] = ()
    partial: bool = False
    """True where only some scenarios or routes were chosen."""
    extent: Extent = "core"
    shard: Text = ""
    """Where it is a part of a run, which: `2/8`."""
    parts: tuple[Name, ...] = ()
    """Ids of the parts that were joined in it."""
    harness: str
    """Version of the harness."""
    commit: str | None = None
    """Git commit of the harness, with `+changes` where files differed from it."""
    versions: dict[Word, dict[Word, Text]] = {}
    """Host -> middleware -> version, as read from the host."""
    faults: tuple[HostFault, ...] = ()
    interrupted: bool = False
    not_run: Text = ""
    """Why cells have no outcome, where that is known."""
    exit_code: int | None = None
    planned: int | None = None
    """Cells of the plan; None in runs of form 1."""
    files: dict[File, str] = {}
    """File of the folder that no later stage changes -> its SHA-256: the plan and the copies as the run
    began, the outcomes and the list of evidence as it ended."""

    @property
    def alone(self) -> bool:
        """True where the folder holds all that the run is judged by."""
        return self.form > 1

    @property
    def whole(self) -> bool:
        """True where every scenario was tried on every route: a night, as histories count them."""
        return not (self.partial or self.keyword or self.interrupted or self.shard)

    def write(self, folder: Path) -> None:
        """Write `run.json`, never half of it."""
        files.replace(folder / RECORD, self.model_dump_json(indent=1) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Run:
        """Read `run.json`.

        Raises
        ------
        BadInput
            where the folder is no run's, or a later harness wrote it.
        """
        path = folder / RECORD
        try:
            content = files.content(path)
        except (FileNotFoundError, NotADirectoryError):
            raise BadInput(
                f"{folder} is not a run: it has no {RECORD}. `testbed run` creates one."
            ) from None
        except OSError as error:
            raise BadInput(f"{path}: cannot be read: {error.strerror}.") from None
        _refuse_later(path, content)
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            raise BadInput(
                f"{path}: not a record of a run: {where}: {first['msg']}.\n"
                "  Restore it from a backup; without it the run cannot be judged or reported."
            ) from None


def _refuse_later(path: Path, content: bytes) -> None:
    """Refuse the record of a harness that is newer than this one: it may mean what we would pass over."""
    found = None
    with suppress(ValueError, RecursionError):
        found = json.loads(content)
    form = found.get("form") if isinstance(found, dict) else None
    if isinstance(form, int) and form > FORM:
        raise BadInput(
            f"{path} has format {form}, and this version of the testbed reads formats 1 to {FORM}.\n"
            "  Use the version that wrote it, or a newer one."
        )


def now() -> str:
    """Return the time as a run records it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")


def make_folder(parent: Path = RUNS) -> Path:
    """Make the folder of a new run; its name sorts by time and is the run's id."""
    stamp = dt.datetime.now(dt.UTC).strftime(_STAMP)
    folder = parent / f"{stamp}-{secrets.token_hex(2)}"
    with files.told(folder):
        (folder / LOGS).mkdir(parents=True)
    return folder


def of_the_future(folder: Path) -> list[str]:
    """Return the runs beside one that begins now which began a day later, or more: a clock was wrong."""
    limit = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).strftime(_STAMP)
    others = (path.parent.name for path in folder.parent.glob(f"[0-9]*/{RECORD}"))
    return sorted(name for name in others if name > limit)


def point_latest(folder: Path) -> None:
    """Let `runs/latest` point at the run, with no moment at which it points nowhere."""
    link = folder.parent / LATEST
    part = folder.parent / f".{LATEST}.{folder.name}"
    with files.told(link):
        part.symlink_to(folder.name)
        os.replace(part, link)
