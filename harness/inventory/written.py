"""An inventory's files as they are written: looked at before Ansible reads them.

Ansible's own message lacks the file's name, or comes as a warning of something that is then lost.
"""

from __future__ import annotations

import codecs
import difflib
import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from harness.errors import InventoryError
from harness.inventory import groups, vaults
from harness.inventory.folder import EXTENSIONS, Files
from harness.reading import composed, content, decoded

_HOSTS = 1000
"""Of one range."""
_RANGE = re.compile(rb"\[(\d+):(\d+)(?::\d+)?\]")
_NEAR = 0.8
"""Likeness (difflib's ratio) from which on a file counts as misspelt: `cstclod.yml`."""


def check_hosts(file: Path, loader: Any) -> bool:
    """Look at a file of hosts; tell whether a program or a plugin makes the hosts of it.

    Raises
    ------
    InventoryError
        naming the file, and the line where there is one.
    """
    if os.access(file, os.X_OK) and file.suffix not in EXTENSIONS:
        return True  # a program, whatever it is written in
    data = content(file, InventoryError)
    if not data.strip():
        raise InventoryError(
            f"{file}: is empty, so it defines no host. Put the hosts there, or remove the file."
        )
    _check_ranges(file, data)
    if file.suffix in EXTENSIONS:
        root = _yaml(file, data, loader)
    else:
        root = _perhaps_yaml(file, data)
        if root is None:
            return False
    if root is None or groups.is_empty(root):
        raise InventoryError(
            f"{file}: has only comments, so it defines no host. Put the hosts there, or remove the file."
        )
    if groups.is_plugin(root):
        return True
    groups.check_groups(file, root)
    return False


def check_variables(file: Path, loader: Any) -> None:
    """Look at a file of variables.

    Raises
    ------
    InventoryError
        naming the file, and the line where there is one.
    """
    root = _yaml(file, content(file, InventoryError), loader)
    if root is None or isinstance(root, yaml.MappingNode) or root.value in ("", "null", "~"):
        return
    what = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
    line = root.start_mark.line + 1
    raise InventoryError(
        f"{file}:{line}: a mapping is expected (`name: value`, one a line), not {what}."
    )


def check_owners(files: Files, entities: set[str], loader: Any) -> None:
    """Variables belong to a group or a host; a file that is almost called so is misspelt.

    Raises
    ------
    InventoryError
        naming the file.
    """
    owners = {f: f.stem if f.suffix in EXTENSIONS else f.name for f in files.owners}
    free = entities - set(owners.values())
    for file, owner in owners.items():
        if owner in entities:
            if file not in files.variables and file.is_file():
                check_variables(file, loader)
        elif near := difflib.get_close_matches(owner, free, n=1, cutoff=_NEAR):
            raise InventoryError(
                f"{file}: there is no group or host {owner!r}, so Ansible would not read it; similar: "
                f"{near[0]}. Rename the file."
            )


def _check_ranges(file: Path, data: bytes) -> None:
    """Refuse a range of more hosts than there can be (`se[1:99999999]`), which Ansible would write out."""
    for number, line in enumerate(data.splitlines(), start=1):
        for word in line.split():
            hosts = 1
            for first, last in _RANGE.findall(word):
                hosts *= max(1, int(last[:9]) - int(first[:9]) + 1)
            if hosts > _HOSTS:
                raise InventoryError(
                    f"{file}:{number}: {word.decode(errors='replace')[:80]} means {hosts} hosts. "
                    f"Write a range of at most {_HOSTS}."
                )


def _perhaps_yaml(file: Path, data: bytes) -> yaml.Node | None:
    """Return the tree of a file that may be INI, or YAML where it has no ending; None of one that is INI.

    Ansible takes a byte order mark of an INI file for a part of the first line.
    """
    if data.startswith(vaults.HEADER):
        return None
    given = decoded(file, data, InventoryError)
    if not file.suffix:
        root = None
        with suppress(InventoryError):
            root = composed(file, given, InventoryError)
        if isinstance(root, yaml.MappingNode):
            groups.check_keys(file, root)
            return root
    if data.startswith(codecs.BOM_UTF8):
        raise InventoryError(
            f"{file}:1: begins with a byte order mark, which Ansible treats as part of the first line. "
            "Save it without (`UTF-8`, not `UTF-8 with BOM`)."
        )
    return None


def _yaml(file: Path, data: bytes, loader: Any) -> yaml.Node | None:
    """Return the tree of a YAML or JSON file, whether it is encrypted or not."""
    if data.startswith(vaults.HEADER):
        given = vaults.opened(file, loader)
    else:
        given = decoded(file, data, InventoryError)
    if _is_json(given):  # it may have tabs, as YAML may not
        given = given.replace("\t", " ")
    root = composed(file, given, InventoryError)
    if root is not None:
        groups.check_keys(file, root)
    return root


def _is_json(given: str) -> bool:
    try:
        json.loads(given)
    except (ValueError, RecursionError):
        return False
    return True
