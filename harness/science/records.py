"""What a run keeps of each right result: the figures, where they were computed, and the crate.

They lie in the run's folder, below `science/`; the pages are made from them.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from harness import files
from harness.conformance import evidence
from harness.model import Route
from harness.names import unique
from harness.science.field import Figure, Files
from harness.science.result import RIGHT, Judged, Manifest

FOLDER: Final = evidence.RESULTS
METADATA: Final = "ro-crate-metadata.json"
"""Of a crate: the file that says it all (RO-Crate 1.2)."""
_RECORD: Final = ".json"
_CRATE: Final = ".zip"


class Seen(BaseModel):
    """A figure of a result."""

    model_config = ConfigDict(frozen=True)

    what: str
    value: float | str
    """As text where it is infinite or no number, for which JSON has no word."""
    unit: str
    wanted: str
    right: bool
    source: str

    @property
    def shown(self) -> str:
        """The value as pages show it: a count is a whole number."""
        return self.value if isinstance(self.value, str) else f"{self.value:.6g}"

    @classmethod
    def of(cls, figure: Figure) -> Seen:
        """Return what is kept of a figure."""
        value = float(f"{figure.value:.6g}")
        return cls(
            what=figure.what,
            value=value if math.isfinite(value) else str(value),
            unit=figure.unit,
            wanted=figure.wanted,
            right=figure.right,
            source=figure.source,
        )


class Record(BaseModel):
    """A right result on one route."""

    model_config = ConfigDict(frozen=True)

    field: str
    route: str
    manifest: Manifest
    figures: dict[str, tuple[Seen, ...]]
    """Run -> its figures."""
    crate: str
    """File of the provenance, within the run's folder."""
    crate_sha256: str


def keep(judged: Judged, route: Route, folder: Path) -> Record:
    """Keep a result in the folder of a run.

    Raises
    ------
    TestbedError
        where it cannot be written.
    """
    # It takes a third of a second, and who only reads a run does without.
    from harness.science import provenance  # noqa: PLC0415

    field = judged.result.field.name
    name = f"{FOLDER}/{unique(field, route.id)}"
    with files.told(folder / name):
        (folder / FOLDER).mkdir(exist_ok=True)
        provenance.write(judged, route, folder / f"{name}{_CRATE}")
    record = Record(
        field=field,
        route=route.id,
        manifest=Manifest.model_validate(judged.result.manifest.model_dump()),
        figures={run: tuple(map(Seen.of, found)) for run, found in judged.figures.items()},
        crate=f"{name}{_CRATE}",
        crate_sha256=str(files.digest(folder / f"{name}{_CRATE}")),
    )
    files.replace(folder / f"{name}{_RECORD}", record.model_dump_json(indent=1) + "\n")
    return record


def names(folder: Path) -> list[str]:
    """Return the files that a run keeps of its results, within its folder."""
    return [f"{FOLDER}/{path.name}" for path in sorted((folder / FOLDER).glob("[!.]*"))]


def read(folder: Path) -> Iterator[Record]:
    """Yield the records of a run; one that cannot be read is left out."""
    for path in sorted((folder / FOLDER).glob(f"[!.]*{_RECORD}")):
        try:
            yield Record.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            continue


def result(folder: Path, record: Record) -> Files:
    """Return the files of a right result, out of its crate.

    Raises
    ------
    OSError, zipfile.BadZipFile
        where the crate is gone or damaged.
    """
    with zipfile.ZipFile(folder / record.crate) as crate:
        return {
            name.partition("/")[2]: crate.read(name)
            for name in crate.namelist()
            if name.startswith(f"{RIGHT}/")
        }


def metadata(folder: Path, record: Record) -> str:
    """Return the metadata of a crate, for people to look at.

    Raises
    ------
    OSError, zipfile.BadZipFile
        where the crate is gone or damaged.
    """
    with zipfile.ZipFile(folder / record.crate) as crate:
        return json.dumps(json.loads(crate.read(METADATA)), indent=1) + "\n"
