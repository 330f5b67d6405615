"""Bundles: the software of each field as one archive, made once on this machine, and kept by its hash.

A worker downloads nothing but the bundle, from the user's own storage, and compares its hash before it
unpacks it. What goes into a bundle is pinned (`harness.science.recipe`).
"""

from __future__ import annotations

import datetime as dt
import fcntl
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.markup import escape

from harness import files, interruption
from harness.conformance.outcomes import Cell
from harness.errors import PreconditionError, TestbedError
from harness.extent import Extent, includes
from harness.provision import lock
from harness.provision.progress import Progress
from harness.science import archive, building
from harness.science.field import Field, fields
from harness.science.recipe import Recipe
from harness.state import make_folder, state_root


class Bundle(BaseModel):
    """A bundle that was made, and the record beside it."""

    model_config = ConfigDict(frozen=True)

    field: str
    recipe: str
    """Key of the recipe."""
    sha256: str
    size: int
    made: str
    """Time in UTC, ISO 8601."""

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return _folder() / f"{self.sha256}.tar.gz"


def recipe(field: Field) -> Recipe:
    """Return the recipe of a field's bundle."""
    return Recipe(field.name, field.folder / "bundle")


def find(field: Field) -> Bundle | None:
    """Return a field's bundle as it was made; None where it was not made, or changed since."""
    bundle = _record(field)
    return bundle if bundle and files.digest(bundle.path) == bundle.sha256 else None


def ensure(field: Field, progress: Progress) -> Bundle:
    """Return a field's bundle, which is made where there is none yet.

    Raises
    ------
    PreconditionError
        where it cannot be made, or `prepare` could not; names the tool, with its last words.
    """
    if field.name in _unmade:
        said = " ".join(_unmade[field.name].split())
        raise PreconditionError(f"the bundle of {field.name} could not be made: {said}")
    folder = make_folder(_folder())
    with (folder / f"{field.name}.lock").open("a") as file:
        lock.take(file.fileno(), folder, fcntl.LOCK_EX, wait=True)
        for left in folder.glob(f"{_unfinished(field)}*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        if found := find(field):
            return found
        if (old := _record(field)) and old.path.exists():
            progress.line(
                f"[yellow]{old.path}: it is not what was made: its SHA-256 is "
                f"{files.digest(old.path)}. The bundle of {field.name} is made anew[/]"
            )
            old.path.unlink()
        with progress.stage(f"make the bundle of {field.name}"):
            return _made(field, folder, progress)


def prepare(cells: Iterable[Cell], extent: Extent, progress: Progress) -> Mapping[str, str]:
    """Make the bundles that scenarios need, before they run; none for a site without a computing element.

    What cannot be made is told, and returned: field -> why. It is not tried again by each of this run's
    scenarios, which are inconclusive for that reason; the others run.
    """
    _unmade.clear()
    shown = {id_ for cell in cells if cell.service for id_ in cell.requirements}
    for field in fields():
        if field.requirement in shown and includes(extent, field.extent):
            try:
                ensure(field, progress)
            except TestbedError as error:
                _unmade[field.name] = str(error)
                progress.line(
                    f"[yellow]the bundle of {field.name} cannot be made, so its use case shows nothing: "
                    f"{escape(str(error))}[/]"
                )
    return dict(_unmade)


_unmade: dict[str, str] = {}
"""Field -> why its bundle could not be made: of this process and of the workers that are forked from it."""


def _made(field: Field, folder: Path, progress: Progress) -> Bundle:
    wanted = recipe(field)
    with _room(field, folder, progress) as room:
        tree, packed = room / "tree", room / "packed"
        tree.mkdir()
        building.build(wanted, tree, log=folder / f"{field.name}.log")
        archive.pack_folder(tree, packed)
        bundle = Bundle(
            field=field.name,
            recipe=wanted.key,
            sha256=str(files.digest(packed)),
            size=packed.stat().st_size,
            made=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        )
        packed.replace(bundle.path)
    files.replace(_record_file(field), bundle.model_dump_json(indent=1) + "\n")
    return bundle


@contextmanager
def _room(field: Field, folder: Path, progress: Progress) -> Iterator[Path]:
    """Give a folder for what is not finished yet, which is removed in any case."""
    room = Path(tempfile.mkdtemp(prefix=_unfinished(field), dir=folder))
    try:
        yield room
    except KeyboardInterrupt:
        progress.line(
            f"interrupted: the bundle of {field.name} is not finished, and is removed. The next run makes "
            "it again"
        )
        raise
    finally:
        with interruption.deferred():  # it takes a second, and Ctrl-C is often pressed twice
            shutil.rmtree(room, ignore_errors=True)


def _unfinished(field: Field) -> str:
    """Return how the names of such folders begin: the lock of the field is theirs too."""
    return f".making-{field.name}-"


def _record(field: Field) -> Bundle | None:
    """Return the record of the bundle that the present recipe has made; None where there is none."""
    try:
        return Bundle.model_validate_json(_record_file(field).read_bytes())
    except (OSError, ValidationError):
        return None


def _record_file(field: Field) -> Path:
    return _folder() / f"{field.name}-{recipe(field).key}.json"


def _folder() -> Path:
    return state_root() / "bundles"
