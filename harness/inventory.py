"""From an Ansible inventory to the model; a broken inventory is refused with the place of the fault.

The inventory is read by Ansible's own loader, so that the harness and the playbooks can never
understand it differently.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from harness.conformance import agreement, deviations, downtimes
from harness.errors import InventoryError
from harness.model import Host, Infrastructure, Service, Site, Testbed

# Read before Ansible is imported: a source that cannot be parsed is an error, not a warning.
os.environ.setdefault("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "True")
# Ansible takes every file of an inventory's folder for a source of hosts; these are no such sources.
# The plays are told the same by playbooks/ansible.cfg, and inherit this.
BESIDE = (agreement.FILE, deviations.FILE, downtimes.FILE)
"""Files that stand beside the hosts, and are ours to read."""
os.environ.setdefault(
    "ANSIBLE_INVENTORY_IGNORE_REGEX", f"^({'|'.join(re.escape(file) for file in BESIDE)})$"
)

ROLES = Path(__file__).resolve().parent.parent / "playbooks" / "roles"
MUTANTS = "mutants"
"""Group of the hosts that only `testbed prove` starts."""

_STRUCTURAL_GROUPS = frozenset({"all", "ungrouped", "infrastructures", "router", MUTANTS})


@dataclass(frozen=True)
class Inventory:
    """What an inventory says: the model, and each host's variables as Ansible sees them."""

    path: Path
    testbed: Testbed
    variables: dict[str, dict[str, Any]]
    """Host name -> its variables, templates not expanded; what snapshots are keyed on."""
    secret_names: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where what stands beside the hosts is found."""
        return self.path if self.path.is_dir() else self.path.parent


def load(path: Path) -> Inventory:
    """Read the inventory in the folder or file `path`.

    Raises
    ------
    InventoryError
        naming file, line or key, and what is wrong there.
    """
    if not path.exists():
        known = sorted(str(p) for p in path.parent.glob("*/") if (p / "hosts.yml").exists())
        hint = f" Inventories beside it: {', '.join(known)}." if known else ""
        raise InventoryError(f"{path}: there is no such inventory.{hint}")
    _check_yaml(path)
    variables, templated, groups = _read(path)
    _check_groups(path, groups)
    anyone = _first_host(path, templated)
    infrastructures = tuple(
        _parse(
            path,
            f"infrastructures.{name}",
            Infrastructure,
            {"name": name, **_mapping(path, f"infrastructures.{name}", fields)},
        )
        for name, fields in _mapping(path, "infrastructures", anyone["infrastructures"]).items()
    )
    mutants = set(groups.get(MUTANTS, ()))
    hosts = tuple(
        _host(path, name, fields, mutant=name in mutants) for name, fields in templated.items()
    )
    _check_addresses(path, hosts, infrastructures)
    testbed = _parse(
        path,
        "all",
        Testbed,
        {
            "name": anyone.get("testbed_name"),
            "inventory": str(path),
            "any_audience": anyone.get("any_audience"),
            "token_lifetime": anyone.get("token_lifetime"),
            "client_id": anyone.get("client_id"),
            "client_redirect_uri": anyone.get("client_redirect_uri"),
            "brief_client_id": anyone.get("brief_client_id"),
            "infrastructures": infrastructures,
            "sites": _sites(path, templated),
            "hosts": tuple(host for host in hosts if not host.mutant),
            "mutants": tuple(host for host in hosts if host.mutant),
        },
    )
    return Inventory(
        path=path,
        testbed=testbed,
        variables=variables,
        secret_names=tuple(anyone.get("secret_names", ())),
    )


_KEYS = (
    "address addresses any_audience brief_client_id client_id client_redirect_uri infrastructure_name "
    "infrastructures secret_names services site testbed_name testbed_roles token_lifetime "
    "token_profile ansible_connection ansible_host ansible_user"
).split()


def _read(
    path: Path,
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]], dict[str, list[str]]]:
    """Return raw variables, expanded variables that the model needs, and the groups' hosts."""
    from ansible.errors import AnsibleError
    from ansible.inventory.manager import InventoryManager
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar
    from ansible.vars.manager import VariableManager

    raw: dict[str, dict[str, Any]] = {}
    templated: dict[str, dict[str, Any]] = {}
    try:
        loader = DataLoader()
        manager = InventoryManager(loader=loader, sources=[str(path)])
        values = VariableManager(loader=loader, inventory=manager)
        for host in manager.get_hosts():
            mine = values.get_vars(host=host, include_hostvars=False)
            raw[host.name] = {
                key: value
                for key, value in mine.items()
                if key not in ("inventory_file", "inventory_dir", "playbook_dir", "omit")
            }
            templar = Templar(loader=loader, variables=mine)
            templated[host.name] = {
                key: templar.template(mine[key]) for key in _KEYS if key in mine
            }
        groups = {name: [h.name for h in g.get_hosts()] for name, g in manager.groups.items()}
    except AnsibleError as error:
        raise InventoryError(f"{path}: {_plain(error)}") from error
    return raw, templated, groups


def _check_yaml(path: Path) -> None:
    """Every file is YAML; Ansible's own message about one that is not lacks the file's name."""
    for file in sorted(path.rglob("*.y*ml")) if path.is_dir() else [path]:
        text = file.read_text(encoding="utf-8")
        if text.startswith("$ANSIBLE_VAULT"):
            continue
        try:
            yaml.compose(text, yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
            raise InventoryError(f"{file}{line}: {error.problem}") from error


def _plain(error: Exception) -> str:
    """Return an Ansible error as one line that keeps the file and the line."""
    return " ".join(str(error).split())


def _first_host(path: Path, hosts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if not hosts:
        raise InventoryError(f"{path}: no host is defined; put them under all.children.")
    anyone = next(iter(hosts.values()))
    if "infrastructures" not in anyone:
        raise InventoryError(
            f"{path}: the variable `infrastructures` is missing; define it in group_vars/all.yml."
        )
    return anyone


def _check_groups(path: Path, groups: dict[str, list[str]]) -> None:
    """Every group is an infrastructure, the router, or a group of sites below an infrastructure."""
    infrastructures = groups.get("infrastructures")
    if infrastructures is None:
        raise InventoryError(f"{path}: the group `infrastructures` is missing under all.children.")
    for name, hosts in groups.items():
        if name in _STRUCTURAL_GROUPS:
            continue
        outside = sorted(set(hosts) - set(infrastructures))
        if outside or not hosts:
            raise InventoryError(
                f"{path}: unknown host group `{name}`"
                + (f" (host {', '.join(outside)})" if outside else " (it has no host)")
                + ". Known are `router`, `mutants` and groups of hosts below `infrastructures`."
            )


def _host(path: Path, name: str, fields: dict[str, Any], *, mutant: bool) -> Host:
    known = sorted(p.name for p in ROLES.iterdir() if (p / "tasks").is_dir())
    for role in fields.get("testbed_roles", ()):
        if role not in known:
            raise InventoryError(
                f"{path}: host {name}: unknown role `{role}` in testbed_roles; "
                f"known are {', '.join(known)}."
            )
    return _parse(
        path,
        f"host {name}",
        Host,
        {
            "name": name,
            "infrastructure": fields.get("infrastructure_name"),
            "site": fields.get("site"),
            "roles": fields.get("testbed_roles", ()),
            "connection": fields.get("ansible_connection", "ssh"),
            "target": fields.get("ansible_host", name),
            "user": fields.get("ansible_user", "root"),
            "address": fields.get("address"),
            "addresses": fields.get("addresses", {}),
            "mutant": mutant,
        },
    )


def _sites(path: Path, hosts: dict[str, dict[str, Any]]) -> tuple[Site, ...]:
    services: dict[str, list[Service]] = {}
    owner: dict[str, str] = {}
    for name, fields in hosts.items():
        site = fields.get("site")
        if site is None:
            continue
        owner[site] = fields["infrastructure_name"]
        listed = services.setdefault(site, [])
        for number, service in enumerate(fields.get("services", ())):
            where = f"host {name}: services[{number}]"
            listed.append(
                _parse(
                    path,
                    where,
                    Service,
                    {
                        **_mapping(path, where, service),
                        "host": name,
                        "site": site,
                        "infrastructure": fields["infrastructure_name"],
                        "token_profile": fields.get("token_profile"),
                    },
                )
            )
    return tuple(
        Site(name=name, infrastructure=owner[name], services=tuple(listed))
        for name, listed in services.items()
    )


def _check_addresses(
    path: Path, hosts: tuple[Host, ...], infrastructures: tuple[Infrastructure, ...]
) -> None:
    """No two hosts share an address, and each address lies in its infrastructure's network."""
    networks = {i.name: i.network for i in infrastructures}
    pairs = [
        (host, infrastructure, address)
        for host in hosts
        for infrastructure, address in (
            *host.addresses.items(),
            *([(host.infrastructure, host.address)] if host.address else []),
        )
    ]
    for address, count in Counter(address for _, _, address in pairs).items():
        if count > 1:
            names = " and ".join(host.name for host, _, a in pairs if a == address)
            raise InventoryError(f"{path}: hosts {names} have the same address {address}.")
    for host, name, address in pairs:
        if name not in networks:
            raise InventoryError(
                f"{path}: host {host.name}: `{name}` is no infrastructure; "
                f"known are {', '.join(networks)}."
            )
        network = networks[name]
        if network is not None and address not in network:
            raise InventoryError(
                f"{path}: host {host.name}: address {address} lies outside {name}'s "
                f"network {network}."
            )


def _mapping(path: Path, key: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InventoryError(f"{path}: {key}: a mapping is expected, not {type(value).__name__}.")
    return {str(k): v for k, v in value.items()}


Kind = TypeVar("Kind", bound=BaseModel)


def _parse(path: Path, where: str, kind: type[Kind], fields: dict[str, Any]) -> Kind:
    """Build a record; a fault is told in the inventory's own terms."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'value'}: {fault['msg']}"
            + (f" (found {fault['input']!r})" if fault["type"] != "missing" else "")
            for fault in error.errors()
        )
        raise InventoryError(f"{path}: {where}: {faults}") from error
