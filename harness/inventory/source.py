"""How an inventory is read: by Ansible's own loader, so that playbooks and harness understand it alike."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import yaml

from harness.conformance import agreement, deviations, downtimes
from harness.errors import InventoryError

# Read before Ansible is imported: a source that cannot be parsed is an error, not a warning.
os.environ.setdefault("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "True")
# Ansible takes every file of an inventory's folder for a source of hosts; these are no such sources.
# The plays are told the same by playbooks/ansible.cfg, and inherit this.
BESIDE = (agreement.FILE, deviations.FILE, downtimes.FILE)
"""Files that stand beside the hosts, and are ours to read."""
os.environ.setdefault(
    "ANSIBLE_INVENTORY_IGNORE_REGEX", f"^({'|'.join(re.escape(file) for file in BESIDE)})$"
)

_KEYS = (
    "address addresses any_audience brief_client_id client_id client_redirect_uri home infrastructure_name "
    "infrastructures secret_names services site testbed_name testbed_roles token_lifetime "
    "token_profile ansible_connection ansible_host ansible_user"
).split()


def read(
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
            _check_site(path, host, str(mine.get("site")))
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


def check_yaml(path: Path) -> None:
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


def _check_site(path: Path, host: Any, site: str) -> None:
    """The site that the nearest group of a host names is the host's: Ansible may say otherwise.

    It prefers a file of group_vars to the `vars` of any group in a file of hosts, also of a group below
    (Ansible's "Understanding variable precedence"), so that a new site would vanish into an old one.
    """
    naming = [group for group in host.get_groups() if "site" in group.vars]
    nearest = max(naming, key=lambda group: group.depth, default=None)
    if nearest is None or "site" in host.vars or str(nearest.vars["site"]) == site:
        return
    raise InventoryError(
        f"{path}: host {host.name}: its group {nearest.name} names the site {nearest.vars['site']}, but a "
        f"file of group_vars or host_vars names {site}, which Ansible prefers. Remove `site` from that "
        f"file, and write it into the `vars` of the group of {site}."
    )


def _plain(error: Exception) -> str:
    """Return an Ansible error as one line that keeps the file and the line."""
    return " ".join(str(error).split())
