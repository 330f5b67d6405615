"""What images are keyed on: the hashes of all that made them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from harness.inventory import Inventory
from harness.model import Host
from harness.provision import plays, vault
from harness.state import State

LAYOUT = 1
"""Raise it when the way in which snapshots are made changes."""

_NEVER_INSTALLED = re.compile(r"handlers/.*|meta/argument_specs\.yml|health\.yml|README\.md")
_INSTALLED_IF_NAMED = ("tasks", "files", "templates")
# Ansible's variables by which a role looks at other hosts.
_OTHER_HOSTS = re.compile(rb"\bhostvars\b|\bgroups(\[|\.\w|\s*\|)")
# Of the control machine, or of the harness alone, not of the host.
_NOT_KEYED = frozenset(
    "ansible_playbook_python ansible_config_file ansible_version ansible_facts groups "
    "budget contact disturb".split()
)

_OF_MEMBERS = "credentials"
"""How a member of an infrastructure holds tokens."""


@dataclass(frozen=True)
class Role:
    """A role as it is when it is read."""

    name: str
    files: Mapping[Path, bytes]
    """Path within the role -> content."""

    @cached_property
    def looks_around(self) -> bool:
        """True where it looks at other hosts than its own."""
        return any(_OTHER_HOSTS.search(content) for content in self.files.values())

    @cached_property
    def installs(self) -> bool:
        """True where it installs anything: else hosts with and without it stand on one image."""
        return any(
            yaml.safe_load(content)
            for name, content in self.files.items()
            if name.match("tasks/install.yml")
        )

    @cached_property
    def all(self) -> list[tuple[str, str]]:
        """Name and hash of its files."""
        return _hashed(self.files)

    @cached_property
    def installed(self) -> list[tuple[str, str]]:
        """Name and hash of the files that its install part uses."""
        tasks = " ".join(
            content.decode()
            for name, content in self.files.items()
            if name.match("tasks/install*.yml")
        )
        return _hashed({k: v for k, v in self.files.items() if _is_installed(k, tasks)})


class RoleFolder:
    """The roles of a folder, each read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, Role] = {}

    def __getitem__(self, name: str) -> Role:
        """Return a role, as it was when it was first asked for."""
        if name not in self._read:
            folder = self.folder / name
            paths = [path for path in folder.rglob("*") if "__pycache__" not in path.parts]
            files = {
                path.relative_to(folder): path.read_bytes() for path in paths if path.is_file()
            }
            self._read[name] = Role(name, files)
        return self._read[name]


def of_host(
    inventory: Inventory, state: State, host: Host, *, install: str, roles: RoleFolder
) -> str:
    """Return the key of a host's snapshot, on the install image with the key `install`."""
    own_roles = [roles[name] for name in host.roles]
    made_of = [(role.name, role.all) for role in own_roles]
    own = inventory.variables[host.name]
    # A role that looks at other hosts is keyed on them too.
    looks_around = any(role.looks_around for role in own_roles)
    seen = inventory.variables if looks_around else {host.name: own}
    variables = {
        name: {k: _keyed(v) for k, v in values.items() if k not in _NOT_KEYED}
        for name, values in seen.items()
    }
    home = host.infrastructure or ""
    files = [
        *sorted(state.pki.glob("*/ca.pem")),
        *sorted(state.pki.glob("*/ban-list.pub")),
        state.pki / home / "ban-list.key",
        state.pki / home / f"{host.name}.pem",
        state.pki / home / f"{host.name}.key",
        state.issuer_keys / f"{home}.jwk.json",
        state.issuer_keys / f"{home}.next.jwk.json",
        state.vault,
        plays.PLAYBOOK,
    ]
    sums = [
        hashlib.sha256(vault.lasting(state)).hexdigest() if path == state.vault else _sum(path)
        for path in files
        if path.is_file()
    ]
    return digest(LAYOUT, install, made_of, variables, sums)


def _keyed(value: Any) -> Any:
    """Return a variable without how members hold their tokens: no host is made of that."""
    match value:
        case Mapping():
            return {k: _keyed(v) for k, v in value.items() if k != _OF_MEMBERS}
        case list():
            return [_keyed(one) for one in value]
    return value


def _is_installed(name: Path, tasks: str) -> bool:
    """Tell whether a role's file counts for its install part, whose tasks these are."""
    if _NEVER_INSTALLED.fullmatch(str(name)):
        return False
    if name.parts[0] not in _INSTALLED_IF_NAMED or name.match("tasks/install*.yml"):
        return True
    # A folder may be named instead of what is in it, and a pattern names anything.
    return name.parts[1] in tasks or "glob" in tasks or "filetree" in tasks


def _hashed(files: Mapping[Path, bytes]) -> list[tuple[str, str]]:
    return [(str(name), hashlib.sha256(files[name]).hexdigest()) for name in sorted(files)]


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest(*parts: Any) -> str:
    """Return a short hash of some data."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
