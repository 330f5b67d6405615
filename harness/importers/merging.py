"""Three versions of an entry: what an import wrote, what stands there, and what the source says now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.importers import yaml_files
from harness.importers.export import Remark
from harness.inventory.blanks import is_blank


def merged(
    there: Any, *, base: Mapping[str, Any], said: Mapping[str, Any], what: str, kept: list[Remark]
) -> bool:
    """Bring an entry of a file up to date; return whether it changed.

    What a person has changed stays, and so does what a person has removed; a value that is to be filled in
    is filled in where the source says it.

    Parameters
    ----------
    there
        the entry as it stands in the file; it is changed in place.
    base
        what the last import of this source wrote; empty where there was none.
    said
        what the source says now.
    what
        the entry, as people are told of it.
    kept
        gets what was left although the source says otherwise.
    """
    changed = False
    for key in (*said, *(key for key in base if key not in said)):
        now, before, new = (yaml_files.bare(one.get(key)) for one in (there, base, said))
        if isinstance(new, dict) and isinstance(there.get(key), dict):
            inner = before if isinstance(before, dict) else {}
            changed |= merged(there[key], base=inner, said=new, what=f"{what}: {key}", kept=kept)
        elif now == new:
            continue
        elif _is_ours(now, before, new, removed=key not in there and key in base):
            changed = True
            if new is None:
                del there[key]
            else:
                there[key] = yaml_files.entered(new)
        elif not is_blank(new) and new is not None and new != before:
            done = f"{now!r} is kept" if now else "is kept out"
            kept.append(Remark(f"{what}: {key}", f"{done}; its registry says {new!r}"))
    return changed


def _is_ours(now: Any, before: Any, new: Any, *, removed: bool) -> bool:
    """Tell whether no person has a word in a value."""
    if removed:
        return False
    if is_blank(now):
        return new is not None
    if is_blank(new):
        return now is None
    return bool(now == before)
