"""From an Ansible inventory to the model; a broken inventory is refused with the place of the fault.

The inventory is read by Ansible's own loader, so that the harness and the playbooks can never
understand it differently.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import InventoryError
from harness.inventory.records import mapping, parse
from harness.inventory.sites import sites_of
from harness.inventory.source import BESIDE, check_yaml, read
from harness.model import Host, Infrastructure, Testbed

__all__ = ["BESIDE", "MUTANTS", "ROLES", "Inventory", "load"]

ROLES = Path(__file__).resolve().parents[2] / "playbooks" / "roles"
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
    check_yaml(path)
    variables, templated, groups = read(path)
    _check_groups(path, groups)
    anyone = _first_host(path, templated)
    infrastructures = tuple(
        parse(
            path,
            f"infrastructures.{name}",
            Infrastructure,
            {"name": name, **mapping(path, f"infrastructures.{name}", fields)},
        )
        for name, fields in mapping(path, "infrastructures", anyone["infrastructures"]).items()
    )
    mutants = set(groups.get(MUTANTS, ()))
    hosts = tuple(
        _host(path, name, fields, mutant=name in mutants) for name, fields in templated.items()
    )
    _check_addresses(path, hosts, infrastructures)
    testbed = parse(
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
            "sites": sites_of(path, templated, infrastructures),
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
    return parse(
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
