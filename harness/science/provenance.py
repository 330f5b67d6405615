"""The provenance of a result, for machines: a Process Run Crate (RO-Crate).

It says what was computed by which software from which input, with which parameters, on which machine and
for whom, and has the checksums of all files. The files of input and result are in it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from harness.model import Route
from harness.science.field import Field, Figure, Files
from harness.science.result import CONTROL, RIGHT, Judged, Manifest

PROFILE: Final = "https://w3id.org/ro/wfrun/process/0.5"

_TYPES: Final = {
    ".csv": "text/csv",
    ".data": "text/plain",
    ".json": "application/json",
    ".txt": "text/plain",
}


def write(judged: Judged, route: Route, target: Path) -> None:
    """Write the crate of a result as an archive (zip)."""
    field, manifest = judged.result.field, judged.result.manifest
    crate = ROCrate()
    crate.name = f"{field.title}: {field.question}"
    crate.description = field.method
    crate.license = "Each software and each input under its own licence, as stated in this crate"
    crate.root_dataset["conformsTo"] = _entity(
        crate, PROFILE, "CreativeWork", name="Process Run Crate"
    )
    programs = [
        _entity(crate, one.link, "SoftwareApplication", name=one.name, version=one.version,
                softwareVersion=one.version, license=one.licence)
        for one in field.software
    ]  # fmt: skip
    inputs = _files(crate, "input", field.inputs())
    results = _files(crate, RIGHT, judged.result.right)
    crate.root_dataset["mentions"] = [
        _action(crate, field, manifest, route, programs=programs, inputs=inputs, results=results),
        *_assessments(crate, judged, results),
    ]
    crate.write_zip(target)


def _action(
    crate: ROCrate,
    field: Field,
    manifest: Manifest,
    route: Route,
    *,
    programs: list[ContextEntity],
    inputs: list[Any],
    results: list[Any],
) -> ContextEntity:
    """Return what was done: who computed what, where, from what."""
    run, worker = manifest.runs[RIGHT], manifest.worker
    bundle = _entity(
        crate, f"#bundle-{field.name}", "SoftwareSourceCode",
        name=f"software bundle of {field.name}", sha256=manifest.bundle.sha256,
        contentSize=str(manifest.bundle.size),
    )  # fmt: skip
    site = _entity(
        crate, f"#site-{route.resource.name}", "Place",
        name=route.resource.name, description=f"a site of {route.resource.infrastructure}",
    )  # fmt: skip
    machine = f"{worker.system}, {worker.machine}, {worker.cores} cores, Python {worker.python}"
    return _entity(
        crate, f"#run-{manifest.run}", "CreateAction",
        name=f"{field.title} on the route {route.id}",
        description=f"computed on {worker.host} ({machine}); {run.seconds} s, {run.memory} MiB",
        startTime=manifest.start, endTime=manifest.end, location=site,
        agent=_entity(crate, f"#home-{route.home.name}", "Organization", name=route.home.title),
        instrument=[*programs, bundle], result=results,
        object=[*inputs, *_parameters(crate, run.parameters)],
    )  # fmt: skip


def _parameters(crate: ROCrate, given: Mapping[str, Any]) -> list[ContextEntity]:
    return [
        _entity(crate, f"#parameter-{name}", "PropertyValue", name=name, value=value)
        for name, value in given.items()
    ]


def _assessments(crate: ROCrate, judged: Judged, results: list[Any]) -> list[ContextEntity]:
    """Return how the result was judged, and that a wrong one was told from it."""
    field = judged.result.field
    return [
        _entity(
            crate, f"#check-{run}", "AssessAction", name=what, object=results if run == RIGHT else [],
            result=[_figure(crate, run, number, one) for number, one in enumerate(judged.figures[run])],
        )
        for run, what in (
            (RIGHT, "the result against what is known"),
            (CONTROL, f"control: {field.control.what}"),
        )
    ]  # fmt: skip


def _figure(crate: ROCrate, run: str, number: int, figure: Figure) -> ContextEntity:
    return _entity(
        crate, f"#figure-{run}-{number}", "PropertyValue",
        name=figure.what, value=figure.value, unitText=figure.unit,
        description=f"wanted: {figure.wanted} ({figure.source}); "
                    f"{'right' if figure.right else 'out of its bounds'}",
    )  # fmt: skip


def _files(crate: ROCrate, folder: str, files: Files) -> list[Any]:
    return [
        crate.add_file(
            io.BytesIO(content),
            f"{folder}/{name}",
            properties={
                "name": name,
                "sha256": sha256(content).hexdigest(),
                "contentSize": str(len(content)),
                "encodingFormat": _TYPES.get(Path(name).suffix, "application/octet-stream"),
            },
        )
        for name, content in files.items()
    ]


def _entity(crate: ROCrate, id_: str, type_: str, **properties: Any) -> ContextEntity:
    kept = {name: value for name, value in properties.items() if value not in (None, "", [])}
    return crate.add(ContextEntity(crate, id_, properties={"@type": type_, **kept}))
