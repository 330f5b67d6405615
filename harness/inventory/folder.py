"""Which files of an inventory Ansible reads, by its own rules, and whether they can be read at all.

What Ansible leaves out is left out: hidden files, backups, and what is named by its settings. Whatever it
would open is looked at first: it would wait for a pipe for ever, follow a link that leads back until the
path is too long, and read Latin-1 as something else.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import InventoryError
from harness.reading import sort

VARIABLES = ("group_vars", "host_vars")
EXTENSIONS = (".yml", ".yaml", ".json")
"""Of files of variables; none is allowed too (Ansible's YAML_FILENAME_EXTENSIONS)."""


@dataclass
class Files:
    """What an inventory consists of."""

    hosts: list[Path] = field(default_factory=list)
    """Files and programs that name hosts."""
    variables: list[Path] = field(default_factory=list)
    """Files below `group_vars` and `host_vars`."""
    owners: list[Path] = field(default_factory=list)
    """Files and folders right there, each named like the group or host whose variables it holds."""
    empty: set[Path] = field(default_factory=set)
    """Folders in which nothing names a host: Ansible would refuse the whole inventory for one."""


def files_of(path: Path, ignored: re.Pattern[bytes]) -> Files:
    """Return the files of the inventory at `path`, a folder or a file.

    Parameters
    ----------
    ignored
        what Ansible's settings leave out of a folder (`ansible.inventory.manager.IGNORED`).

    Raises
    ------
    InventoryError
        naming what cannot be read, and what to do.
    """
    found = Files()
    if sort(path, InventoryError) == stat.S_IFDIR:
        _hosts(path, ignored, found, above=(path.resolve(),))
        folder = path
    else:
        found.hosts.append(path)
        folder = path.parent
    for name in VARIABLES:
        variables = folder / name
        if variables.exists() or variables.is_symlink():
            if sort(variables, InventoryError) != stat.S_IFDIR:
                raise InventoryError(
                    f"{variables}: is a file, so Ansible ignores it. Make it a folder, with a "
                    "file for each group or host."
                )
            _owners(variables, ignored, found)
    return found


def _hosts(
    folder: Path, ignored: re.Pattern[bytes], found: Files, *, above: tuple[Path, ...]
) -> None:
    before = len(found.hosts)
    for entry in _entries(folder):
        if ignored.search(entry.name.encode(errors="surrogateescape")):
            continue
        if sort(entry, InventoryError) == stat.S_IFDIR:
            _hosts(entry, ignored, found, above=_deeper(entry, above))
        else:
            found.hosts.append(entry)
    if len(found.hosts) == before:
        found.empty.add(folder)


def _owners(folder: Path, ignored: re.Pattern[bytes], found: Files) -> None:
    """Collect files of variables; what is named alike Ansible reads once only, so that is refused."""
    seen: dict[str, Path] = {}
    for entry in _entries(folder):
        if ignored.search(entry.name.encode(errors="surrogateescape")):
            continue
        owner = entry.name.removesuffix(entry.suffix) if entry.suffix in EXTENSIONS else entry.name
        if other := seen.setdefault(owner, entry) if owner in seen else None:
            raise InventoryError(
                f"{entry}: {other.name} exists too, and Ansible reads only one of the two. Put "
                f"both into the folder {folder / owner}, or merge them into one file."
            )
        seen[owner] = entry
        found.owners.append(entry)
        if sort(entry, InventoryError) == stat.S_IFDIR:
            _within(entry, found, above=_deeper(entry, (folder.resolve(),)))
        elif entry.suffix in EXTENSIONS:
            found.variables.append(entry)


def _within(folder: Path, found: Files, *, above: tuple[Path, ...]) -> None:
    for entry in _entries(folder):
        if entry.name.startswith(".") or entry.name.endswith("~"):
            continue
        if entry.suffix and entry.suffix not in EXTENSIONS:
            continue
        if sort(entry, InventoryError) != stat.S_IFDIR:
            found.variables.append(entry)
        elif not entry.suffix:
            _within(entry, found, above=_deeper(entry, above))


def _entries(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(folder.iterdir())
    except OSError as error:
        raise InventoryError(
            f"{folder}: cannot be read: {error.strerror}. Let the user who runs `testbed` read it."
        ) from error


def _deeper(folder: Path, above: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return the folders above those in `folder`; a link back to one of them has no end."""
    here = folder.resolve()
    if here in above:
        raise InventoryError(f"{folder}: is a link that leads back to {here}. Remove it.")
    return (*above, here)
