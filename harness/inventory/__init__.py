"""From an Ansible inventory to the model; a broken inventory is refused with the place of the fault.

The inventory is read by Ansible's own loader, so that the harness and the playbooks can never
understand it differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import names
from harness.errors import InventoryError
from harness.inventory import credentials, keys, reach, sense
from harness.inventory.records import listed, mapping, parse
from harness.inventory.sites import sites_of, truth
from harness.inventory.source import OF_HOST, OF_TESTBED, Source, read
from harness.model import Host, Infrastructure, Testbed

__all__ = ["MUTANTS", "ROLES", "Inventory", "load"]

ROLES = Path(__file__).resolve().parents[2] / "playbooks" / "roles"
MUTANTS = "mutants"
"""Group of the hosts that only `testbed prove` starts."""

_INFRASTRUCTURES = "infrastructures"
_ROUTER = "router"
_MARKS = ("testbed_roles", "services", "address", "addresses")
"""What a host of the testbed says of itself, and no other."""


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
    _check_place(path)
    source = read(path, ways=reach.VARIABLES)
    ours = _ours(path, source)
    expanded = {name: source.expanded[name] for name in ours}
    variables = {name: source.variables[name] for name in ours}
    keys.check(path, variables, (*OF_HOST, *OF_TESTBED, *reach.VARIABLES))
    anyone = _of_testbed(path, source)
    infrastructures = tuple(
        parse(
            path,
            f"infrastructures.{name}",
            Infrastructure,
            {"name": name, **mapping(path, f"infrastructures.{name}", fields)},
        )
        for name, fields in mapping(path, "infrastructures", anyone["infrastructures"]).items()
    )
    sense.check_people(path, infrastructures)
    credentials.check(path, infrastructures)
    mutants = set(source.groups.get(MUTANTS, ()))
    hosts = tuple(
        _host(path, name, fields, variables[name], mutant=name in mutants)
        for name, fields in expanded.items()
    )
    sense.check_hosts(path, hosts, infrastructures)
    fields = {
        key: anyone.get(key) for key in OF_TESTBED if key not in ("testbed_name", "secret_names")
    }
    testbed = parse(
        path,
        "all",
        Testbed,
        {
            **fields,
            "name": anyone.get("testbed_name"),
            "inventory": str(path),
            "infrastructures": infrastructures,
            "sites": sites_of(path, expanded, infrastructures),
            "hosts": tuple(host for host in hosts if not host.mutant),
            "mutants": tuple(host for host in hosts if host.mutant),
        },
    )
    sense.check_testbed(path, testbed)
    return Inventory(
        path=path,
        testbed=testbed,
        variables=variables,
        secret_names=tuple(_words(path, "secret_names", anyone.get("secret_names"))),
    )


def _check_place(path: Path) -> None:
    """The path is of something; a list of hosts, which Ansible takes too, is no inventory of ours."""
    try:
        there = path.exists() or path.is_symlink()
    except (OSError, ValueError) as error:
        raise InventoryError(f"{path}: is not a path: {error}.") from error
    if there:
        return
    if "," in str(path):
        raise InventoryError(
            f"{path}: is a list, but exactly one inventory is expected: its folder or its file. "
            "Put files that belong together into one folder."
        )
    known = sorted(str(p) for p in path.parent.glob("*/") if (p / "hosts.yml").exists())
    hint = f" Inventories beside it: {', '.join(known)}." if known else ""
    raise InventoryError(f"{path}: this inventory does not exist.{hint}")


def _of_testbed(path: Path, source: Source) -> Mapping[str, Any]:
    """Return the variables that are the same for all hosts."""
    anyone = next(iter(source.expanded.values()))
    if "infrastructures" not in anyone:
        raise InventoryError(
            f"{path}: the variable `infrastructures` is missing; define it in group_vars/all.yml."
        )
    return anyone


def _ours(path: Path, source: Source) -> list[str]:
    """Return the hosts of the testbed: those below `infrastructures`, and the router.

    Others of the same inventory are somebody else's, unless they speak as one of ours does, or would be
    containers that the testbed makes: then their group is misspelt, or stands in the wrong place.
    """
    if not source.expanded:
        raise InventoryError(f"{path}: no host is defined; put them under all.children.")
    groups = source.groups
    if _INFRASTRUCTURES not in groups:
        raise InventoryError(f"{path}: the group `infrastructures` is missing under all.children.")
    ours = {*groups[_INFRASTRUCTURES], *groups.get(_ROUTER, ()), *groups.get(MUTANTS, ())}
    for host, fields in source.expanded.items():
        container = str(fields.get("ansible_connection")).endswith("docker")
        if host not in ours and (container or any(fields.get(key) is not None for key in _MARKS)):
            named = [name for name, hosts in groups.items() if host in hosts and name != "all"]
            raise InventoryError(
                f"{path}: unknown host group `{', '.join(named)}` (host {host}). Known are `router`, "
                "`mutants` and groups of hosts below `infrastructures`."
            )
    for host in groups[_INFRASTRUCTURES]:
        if source.expanded[host].get("infrastructure_name") is None:
            raise InventoryError(
                f"{path}: host {host}: `infrastructure_name` is missing. Set it for the group of the "
                "infrastructure, in group_vars/<group>.yml."
            )
    return [host for host in source.expanded if host in ours]


def _host(
    path: Path, name: str, fields: dict[str, Any], raw: dict[str, Any], *, mutant: bool
) -> Host:
    where = f"host {name}"
    try:
        names.HOST.checked(name)
    except ValueError as error:
        raise InventoryError(f"{path}: host {error}") from error
    roles = _words(path, f"{where}: testbed_roles", fields.get("testbed_roles"))
    known = sorted(p.name for p in ROLES.iterdir() if (p / "tasks").is_dir())
    for role in roles:
        if role not in known:
            raise InventoryError(
                f"{path}: {where}: unknown role `{role}` in testbed_roles; "
                f"known are {', '.join(known)}."
            )
    way = reach.way(path, name, fields, raw=raw, entered=bool(roles))
    said = fields.get("disturb")
    # A container is the testbed's own; any other host must say that it may be disturbed.
    own = str(way["connection"]).endswith("docker")
    return parse(
        path,
        where,
        Host,
        {
            "name": name,
            "infrastructure": fields.get("infrastructure_name"),
            "site": fields.get("site"),
            "roles": roles,
            **way,
            "disturb": own if said is None else truth(path, name, "disturb", said),
            "disturb_hours": _hours(fields.get("budget")),
            "extent": fields.get("extent", "core"),
            "address": fields.get("address"),
            "addresses": fields.get("addresses") or {},
            **({} if fields.get("certificate") is None else {"certificate": fields["certificate"]}),
            "mutant": mutant,
        },
    )


def _hours(budget: Any) -> Any:
    """Return the hours in which a host may be disturbed; its site's budget is checked with the site."""
    return budget.get("disturb_hours") if isinstance(budget, dict) else None


def _words(path: Path, where: str, value: Any) -> list[str]:
    """Return a list of words; none where the key is empty."""
    words = listed(path, where, value)
    for word in words:
        if not isinstance(word, str):
            raise InventoryError(f"{path}: {where}: a list of words is expected (found {word!r}).")
    return words
