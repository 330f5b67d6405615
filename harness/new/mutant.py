"""A new mutant: its entry in the list, and the place where its fault is written."""

from __future__ import annotations

import ast
import keyword
import re
from dataclasses import dataclass
from pathlib import Path

from harness import mutants
from harness.conformance import document
from harness.errors import BadInput
from harness.kinds import registry, unknown
from harness.mutants.catalogue import KEY
from harness.new.draft import Draft, File, appended, read, rendered

FAULTS = Path("playbooks/roles/gateway/files/gateway/faults")
"""Modules of the gateway's faults, below the project's folder."""

LONGEST_FAULT = 100
"""So that the line fits."""

WITHOUT_GATEWAY = frozenset({"XRootD", "org.opensciencegrid.htcondorce"})
"""They speak no HTTP: a host of the inventory makes their mutants."""

_MODULES = {
    "egi.aai.oidc": "issuer",
    "org.openstack.keystone": "cloud",
    "org.openstack.swift": "cloud",
    "webdav": "data",
    "org.nordugrid.arex": "jobs",
}
_NOT_FAULTS = frozenset({"__init__", "registry"})
_USED = frozenset({"Request", "Response", "Site", "fault"})
"""Names that the stub uses; every module of faults imports them."""


@dataclass(frozen=True)
class Mutant:
    """What an author wants."""

    id: str
    fault: str
    services: tuple[str, ...]
    module: str | None = None
    """Of the gateway's faults; where None, the one that `module_for` suggests."""


def module_for(services: tuple[str, ...]) -> str:
    """Return the module of faults that these service types suggest."""
    found = {_MODULES[service] for service in services if service in _MODULES}
    return found.pop() if len(found) == 1 else "answers"


def modules(root: Path) -> list[str]:
    """Return the names of the modules of faults."""
    return sorted(p.stem for p in (root / FAULTS).glob("*.py") if p.stem not in _NOT_FAULTS)


def draft(wanted: Mutant, folder: Path, root: Path) -> Draft:
    """Return the list of mutants, longer by one, and the module of faults with its stub.

    `folder` is that of the scenarios, `root` that of the project. The stub passes every request on, so
    that it kills no scenario before it is written: one that raised an error could pass for the fault.

    Raises
    ------
    BadInput
        naming what cannot be used, with file and line.
    """
    path = folder / mutants.FILE.name
    known = mutants.load(path)
    if wanted.id in known:
        raise BadInput(f"{path}: the mutant `{wanted.id}` exists already; choose another id.")
    if len(wanted.fault) > LONGEST_FAULT or "\n" in wanted.fault or not wanted.fault.endswith("."):
        raise BadInput(
            f"the fault {wanted.fault!r} cannot be used: write one sentence with a full stop, of at "
            f"most {LONGEST_FAULT} characters."
        )
    for service in wanted.services:
        if service not in registry().service_types:
            raise BadInput(unknown("service type", service, registry().service_types))
    fields = {"id": wanted.id, "fault": wanted.fault, "services": wanted.services}
    document.validated(mutants.Mutant, fields, f"the mutant `{wanted.id}`", mutants.MutantsError)
    listed = appended(path, KEY, rendered("mutant.yaml.j2", wanted=wanted))
    prove = f"See which scenarios it kills: testbed prove --mutant {wanted.id}"
    mark = f'Name it in a scenario: @pytest.mark.killed_by("{wanted.id}")'
    if set(wanted.services) <= WITHOUT_GATEWAY:
        host = f"{wanted.id}.<host of the service>"
        return Draft(
            files=(listed,),
            steps=(
                f"Add the host `{host}`, with the fault, to the inventory's mutants.yml",
                mark,
                prove,
            ),
        )
    faults = _with_stub(wanted, root / FAULTS)
    return Draft(
        files=(listed, faults),
        steps=(
            f"Write the fault; until then every scenario survives it: {faults.path}",
            mark,
            prove,
        ),
    )


def _with_stub(wanted: Mutant, folder: Path) -> File:
    path = folder / f"{wanted.module or module_for(wanted.services)}.py"
    if path.stem in _NOT_FAULTS or not path.is_file():
        raise BadInput(
            f"{path}: there is no such module of faults; choose from "
            f"{', '.join(sorted(p.stem for p in folder.glob('*.py') if p.stem not in _NOT_FAULTS))}."
        )
    text = read(path)
    tree = ast.parse(text, str(path))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    if missing := sorted(_USED - imported):
        raise BadInput(
            f"{path}: the module does not import {', '.join(missing)}, which a fault needs; import it, "
            "or choose another module with --module."
        )
    name = _function(wanted.id)
    if any(isinstance(node, ast.AsyncFunctionDef) and node.name == name for node in tree.body):
        raise BadInput(f"{path}: the function {name} exists already; choose another id.")
    stub = rendered("fault.py.j2", wanted=wanted, name=name)
    return File(path, f"{text.rstrip()}\n\n\n{stub}", before=text)


def _function(id_: str) -> str:
    """Return the name of a fault's function: the id where Python allows it."""
    name = re.sub(r"\W", "_", id_)
    return name if name.isidentifier() and not keyword.iskeyword(name) else f"fault_{name}"
