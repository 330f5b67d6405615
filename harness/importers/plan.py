"""An export and a folder: the files that are to be written, and what a person must know of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.errors import BadInput
from harness.importers import downtimes, memory, room, sites, skeleton
from harness.importers.export import Export, Remark
from harness.inventory.blanks import MARK
from harness.new.draft import Draft, File


@dataclass(frozen=True)
class Plan:
    """What an import is about to do."""

    folder: Path
    export: Export
    draft: Draft
    kept: tuple[Remark, ...]
    """What a person has written, and is left as it is."""
    known: int
    """Services that are in the inventory by hand already."""
    blanks: int
    """Values in the written files that are still to be filled in."""


def plan(export: Export, folder: Path, infrastructure: str, *, vo: str = "") -> Plan:
    """Return what is to be written into a folder.

    Raises
    ------
    BadInput
        where nothing of the export can be used, or the folder cannot be read.
    """
    skeleton.check_name(infrastructure)
    here = room.enter(folder, infrastructure)
    before = here.memory.text
    sites.enter(export, here)
    listed = downtimes.enter(export, here) if export.downtimes else None
    begin = sites.prefix(export, here)
    used = any(key.startswith(begin) for key in (*here.memory.services, *here.memory.downtimes))
    if not (export.services or export.downtimes) or not (used or here.known):
        raise BadInput(_nothing(export))
    files = [*skeleton.files(here, vo=vo), *here.changes(), *([listed] if listed else [])]
    if here.memory.text != before or here.remembered is None:
        files.append(File(folder / memory.FILE, here.memory.text, before=here.remembered))
    return Plan(
        folder=folder,
        export=export,
        draft=Draft(tuple(files), _steps(folder)),
        kept=tuple(here.kept),
        known=here.known,
        blanks=sum(file.text.count(f"{MARK}:") for file in files if file.path.name != memory.FILE),
    )


def _nothing(export: Export) -> str:
    """Say why there is nothing to write: the reasons, the most frequent first."""
    reasons: dict[str, int] = {}
    for one in export.left_out:
        reasons[one.why] = reasons.get(one.why, 0) + 1
    ordered = sorted(reasons.items(), key=lambda pair: -pair[1])[:10]
    said = "\n  ".join(f"{count}: {why}" for why, count in ordered) or "it has no requested service"
    return (
        f"the testbed can use nothing of the {export.source} export, so nothing was written:\n"
        f"  {said}\n  Give an export that has services of a type that `docs/sites.md` lists."
    )


def _steps(folder: Path) -> tuple[str, ...]:
    return (
        f"List what you must still fill in, or the sites: testbed list --inventory {folder}",
        "Make the path of each storage's `endpoint` lead to the folder of the VO",
        "Add what each site offers (`capabilities`), and check each `audience`: docs/sites.md",
    )
