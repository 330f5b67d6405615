"""What else an inventory has, in files that no import wrote: names that are taken, known services."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from harness import reading
from harness.conformance import beside
from harness.errors import BadInput

TERMS = Path("group_vars") / "all.yml"
"""The file that describes all infrastructures."""
_ENDINGS = (".yml", ".yaml", ".json")
_VARIABLES = ("group_vars", "host_vars")


@dataclass
class Beside:
    """Names in an inventory, in whatever file."""

    hosts: dict[str, Path] = field(default_factory=dict)
    """Host, in small letters -> its file."""
    groups: set[str] = field(default_factory=set)
    sites: set[str] = field(default_factory=set)
    services: set[tuple[str, str, str]] = field(default_factory=set)
    """Host in small letters, service type, endpoint."""
    infrastructures: set[str] = field(default_factory=set)
    connection: str = ""
    """By which hosts are reached that do not say (`ansible_connection` of all)."""


def look(folder: Path, *, without: frozenset[str]) -> Beside:
    """Return what the files of a folder name, but for those that imports wrote.

    Raises
    ------
    BadInput
        where a file is no YAML, with its place.
    """
    found = Beside()
    if not folder.exists():
        return found
    if folder.is_file():
        raise BadInput(f"{folder}: is a file; name the folder for the sites.")
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if any(part.startswith(".") for part in place.parts) or not path.is_file():
            continue
        if path.suffix not in _ENDINGS or path.name in beside.FILES or str(place) in without:
            continue
        root = reading.composed(path, reading.text(path))
        if root is None:
            continue
        if place.parts[0] in _VARIABLES:
            _variables(place, root, found)
        else:
            _groups(path, root, found)
    return found


def _variables(place: Path, root: yaml.Node, found: Beside) -> None:
    of_all = place.parts[:2] in ((TERMS.parts[0], "all"), TERMS.parts, ("group_vars", "all.yaml"))
    for key, value in _pairs(root):
        if key == "infrastructures" and of_all:
            found.infrastructures |= {name for name, _ in _pairs(value)}
        elif key == "ansible_connection" and of_all:
            found.connection = str(value.value)
        elif key == "site":
            found.sites.add(str(value.value))


def _groups(path: Path, root: yaml.Node, found: Beside) -> None:
    open_ = list(_pairs(root))
    while open_:
        name, group = open_.pop()
        found.groups.add(name)
        for section, content in _pairs(group):
            if section == "children":
                open_ += _pairs(content)
            elif section == "vars":
                _sites(content, found)
            elif section == "hosts":
                for host, fields in _pairs(content):
                    found.hosts.setdefault(host.lower(), path)
                    _sites(fields, found)
                    _services(host.lower(), fields, found)


def _sites(fields: yaml.Node, found: Beside) -> None:
    found.sites |= {str(value.value) for key, value in _pairs(fields) if key == "site"}


def _services(host: str, fields: yaml.Node, found: Beside) -> None:
    for key, value in _pairs(fields):
        if key == "services":
            for entry in reading.children(value):
                said = {name: inner.value for name, inner in _pairs(entry)}
                found.services.add(
                    (host, str(said.get("type")), comparable(str(said.get("endpoint"))))
                )


def comparable(endpoint: str) -> str:
    """Return an endpoint as the inventory's loader compares it."""
    return endpoint.rstrip("/").lower()


def _pairs(node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((str(key.value), value) for key, value in node.value)
