"""What a run is judged and reported by, as it was when the run began: copies in the run's own folder.

The catalogue, the framework of policies, the inventory (expanded), the agreement, the downtimes and the
known deviations. So a run is judged alike on any machine and at any time, whatever has changed since in
the checkout it came from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness import files
from harness.conformance import agreement, catalogue, deviations, downtimes, framework
from harness.conformance.agreement import Agreement
from harness.conformance.catalogue import Catalogue
from harness.conformance.framework import Policy
from harness.errors import BadInput
from harness.model import Testbed
from harness.redaction import Redactor, redactor

CATALOGUE = "catalogue"
FRAMEWORK = "framework"
INVENTORY = "inventory.json"
LISTS = (agreement.FILE, deviations.FILE, downtimes.FILE)
"""What stands beside an inventory's hosts, and is copied as it is where it is there."""

_WORD = 12
"""Characters below which a secret may be a common word, which names must keep."""
_USER = re.compile(r"(?<=://)[^/@\s]+@")
"""User and password in a URL (RFC 3986, section 3.2.1)."""


def keep(folder: Path, testbed: Testbed, *, beside: Path) -> dict[str, str]:
    """Copy all of it into a run's folder; return file -> SHA-256.

    Parameters
    ----------
    beside
        the inventory's folder, where agreement, downtimes and known deviations stand.

    Raises
    ------
    TestbedError
        where a file cannot be read or written.
    """
    copies = {f"{CATALOGUE}/{path.name}": path for path in catalogue.FOLDER.glob("*.yaml")}
    copies |= {f"{FRAMEWORK}/{path.name}": path for path in framework.pages()}
    copies |= {name: beside / name for name in LISTS if (beside / name).exists()}
    for name in (CATALOGUE, FRAMEWORK):
        with files.told(folder / name):
            (folder / name).mkdir()
    for name, path in copies.items():
        files.copy(path, folder / name)
    files.replace(folder / INVENTORY, expanded(testbed))
    return digests(folder, [INVENTORY, *sorted(copies)])


def digests(folder: Path, names: list[str]) -> dict[str, str]:
    """Return file -> SHA-256 of those files that are there."""
    found = ((name, files.digest(folder / name)) for name in names)
    return {name: digest for name, digest in found if digest}


def expanded(testbed: Testbed) -> str:
    """Return the inventory as JSON, without what may be a secret; the same each time."""
    # A short secret may be a common word, such as a site's name: cut out, the copy would mean another.
    cut = Redactor(secret for secret in redactor.known if len(secret) >= _WORD)
    return json.dumps(_plain(testbed.model_dump(), cut), indent=1, ensure_ascii=False) + "\n"


def _plain(value: Any, cut: Redactor) -> Any:
    match value:
        case Mapping():
            return {key: _plain(inner, cut) for key, inner in value.items()}
        case frozenset():
            return sorted(_plain(inner, cut) for inner in value)
        case tuple() | list():
            return [_plain(inner, cut) for inner in value]
        case str():
            return cut.redact(_USER.sub("", value))
        case None | bool() | int() | float():
            return value
        case _:
            return str(value)  # an address, or a network


def read_catalogue(folder: Path) -> Catalogue:
    """Return a run's own catalogue; today's where the run is of a former version and has none.

    Raises
    ------
    CatalogueError
        naming file, line and id, and what is wrong there.
    """
    return catalogue.load(_catalogue(folder))


def titles(folder: Path) -> dict[str, str]:
    """Return family -> title, of the catalogue that `read_catalogue` reads.

    Raises
    ------
    CatalogueError
        where a file cannot be read.
    """
    return catalogue.titles(_catalogue(folder))


def _catalogue(folder: Path) -> Path:
    mine = folder / CATALOGUE
    return mine if mine.is_dir() else catalogue.FOLDER


def read_policies(folder: Path, catalogue: Catalogue) -> tuple[Policy, ...]:
    """Return the policies of a run, which has this catalogue; today's where it has none of its own.

    Raises
    ------
    BadInput
        naming file and line, and what is wrong there.
    """
    return framework.load(catalogue, _framework(folder))


def read_agreement(folder: Path, testbed: Testbed) -> Agreement | None:
    """Return what the sites of a run had agreed to, by its own policies; None where they had not.

    Raises
    ------
    AgreementError
        naming file and line of each fault, and what is wrong there.
    """
    known = framework.names(_framework(folder))
    return agreement.load(folder / agreement.FILE, testbed, policies=known)


def _framework(folder: Path) -> Path:
    mine = folder / FRAMEWORK
    return mine if mine.is_dir() else framework.FOLDER


def read_testbed(folder: Path) -> Testbed:
    """Return the testbed as the inventory described it when the run began.

    Keys that the model no longer has are passed over.

    Raises
    ------
    BadInput
        where the copy is not there, or is broken.
    """
    path = folder / INVENTORY
    try:
        return _lenient(json.loads(files.content(path)))
    except OSError as error:
        raise BadInput(
            f"{path}: cannot be read: {error.strerror}. Restore it from a backup."
        ) from None
    except (ValueError, RecursionError) as error:
        if not isinstance(error, ValidationError):
            raise BadInput(f"{path}: not JSON: {error}. Restore it from a backup.") from None
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise BadInput(
            f"{path}: not a testbed: {where}: {first['msg']}. Restore it from a backup."
        ) from None


def _lenient(content: Any) -> Testbed:
    """Make a testbed; keys of a former version, which the model no longer has, are left out."""
    while True:
        try:
            return Testbed.model_validate_json(json.dumps(content))
        except ValidationError as error:
            places = [one["loc"] for one in error.errors() if one["type"] == "extra_forbidden"]
            if not places:
                raise
            for *above, key in places:
                within = content
                for step in above:
                    within = within[step]
                del within[key]
