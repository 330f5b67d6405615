"""How an inventory is read: by Ansible's own loader, so that playbooks and harness understand it alike."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness.conformance import beside
from harness.errors import InventoryError
from harness.inventory import blanks, vaults, written
from harness.inventory.folder import Files, files_of

# Read before Ansible is imported: a source that cannot be parsed is an error, not a warning.
os.environ.setdefault("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "True")
# Ansible takes every file of an inventory's folder for a source of hosts; these are no such sources.
# The plays are told the same by playbooks/ansible.cfg, and inherit this.
LEFTOVERS = (
    r"\.rej$",
    r"\.sw[a-p]$",
    r"^#.*#$",
    r"\.old$",
    r"\.save$",
    r"\.tmp$",
    r"\.rpm[a-z]+$",
    r"\.dpkg-[a-z]+$",
)
"""What editors, `patch` and package managers leave behind, beside what Ansible leaves out by itself."""
_IGNORED = "ANSIBLE_INVENTORY_IGNORE_REGEX"
os.environ[_IGNORED] = ",".join(
    dict.fromkeys(
        [
            *filter(None, os.environ.get(_IGNORED, "").split(",")),
            f"^({'|'.join(re.escape(file) for file in beside.FILES)})$",
            *LEFTOVERS,
        ]
    )
)

OF_TESTBED = (
    "any_audience brief_client_id client_id client_redirect_uri contact infrastructures secret_names "
    "testbed_name token_lifetime"
).split()
"""The same for all hosts, so that they are expanded for the first one only: they take the most time."""

OF_HOST = (
    "address addresses budget certificate certificate_file certificate_key_file disturb extent home "
    "infrastructure_name services site testbed_roles token_profile"
).split()

_OF_ANSIBLE = ("inventory_file", "inventory_dir", "playbook_dir", "omit")
_UNPARSED = "Completely failed to parse inventory source "
_BESIDE_THE_POINT = re.compile(r"no root 'plugin' key|Plugin configuration YAML file")
_LOST = re.compile(r"\bskipping\b", re.IGNORECASE)
"""What Ansible says of something that it passes over."""


@dataclass(frozen=True)
class Source:
    """What an inventory says, host by host."""

    variables: dict[str, dict[str, Any]]
    """Host -> all its variables, templates not expanded."""
    expanded: dict[str, dict[str, Any]]
    """Host -> those that the model needs, expanded."""
    groups: dict[str, list[str]]


def read(path: Path, *, ways: Sequence[str]) -> Source:
    """Read an inventory.

    Parameters
    ----------
    ways
        variables that say how a host is reached, which are expanded too.

    Raises
    ------
    InventoryError
        naming the file, and the line or the key where there is one.
    """
    from ansible.errors import AnsibleError
    from ansible.parsing.dataloader import DataLoader

    _collections()
    loader = DataLoader()
    try:
        with _warnings() as warned:
            vaults.unlock(loader)
            found = _read(path, loader, ways)
    except InventoryError:
        raise
    except AnsibleError as error:
        raise InventoryError(_plain(path, error, warned)) from error
    except Exception as error:  # plugins, filters and parsers of others, on input of others
        raise InventoryError(
            f"{path}: Ansible cannot read it: {type(error).__name__}: {_line(error)}"
        ) from error
    if lost := next((said for said in warned if _LOST.search(said)), ""):
        raise InventoryError(f"{path}: Ansible would drop a part of it: {_line(lost)}")
    return found


def _read(path: Path, loader: Any, ways: Sequence[str]) -> Source:
    from ansible.inventory.manager import IGNORED
    from ansible.template import Templar
    from ansible.vars.manager import VariableManager

    files = files_of(path, IGNORED)
    for file in files.variables:
        written.check_variables(file, loader)
    plugins = {file for file in files.hosts if written.check_hosts(file, loader)}
    blanks.check(path, [*files.hosts, *files.variables])
    manager = _manager(path, loader, files, plugins)
    written.check_owners(files, {*manager.groups, *manager.hosts}, loader)
    values = VariableManager(loader=loader, inventory=manager)
    raw: dict[str, dict[str, Any]] = {}
    expanded: dict[str, dict[str, Any]] = {}
    # As they are written: Ansible's own order goes by sets, and differs from process to process, but parts
    # of one run must see one inventory.
    written_first = {name: number for number, name in enumerate(manager.hosts)}
    for host in sorted(manager.get_hosts(), key=lambda one: written_first[one.name]):
        mine = values.get_vars(host=host, include_hostvars=False)
        _check_site(path, host, str(mine.get("site")))
        raw[host.name] = {k: v for k, v in mine.items() if k not in _OF_ANSIBLE}
        templar = Templar(loader=loader, variables=mine)
        expanded[host.name] = {}
        for key in (*(OF_TESTBED if len(raw) == 1 else ()), *OF_HOST, *ways):
            if key in mine:
                with _told(path, host.name, key):
                    expanded[host.name][key] = _bare(templar.template(mine[key]))
    return Source(
        raw, expanded, {n: [h.name for h in g.get_hosts()] for n, g in manager.groups.items()}
    )


def _manager(path: Path, loader: Any, files: Files, plugins: set[Path]) -> Any:
    """Return Ansible's manager of an inventory, which refuses what would be lost."""
    from ansible.errors import AnsibleError
    from ansible.inventory.data import InventoryData
    from ansible.inventory.manager import InventoryManager

    class Data(InventoryData):  # type: ignore[misc]
        """Refuses a second word on what makes a host: Ansible would keep the last."""

        def set_variable(self, entity: str, varname: str, value: Any) -> None:
            known = self.hosts.get(entity) if entity not in self.groups else None
            file = Path(str(self.current_source))
            said = known.vars if known is not None and file not in plugins else {}
            ours = varname in (*OF_HOST, "ansible_host") and varname in said
            if ours and said[varname] != value:
                raise AnsibleError(
                    f"the host {entity} appears twice: its `{varname}` is {said[varname]!r} and "
                    f"{value!r}, and only the last would count. Give each host its own name"
                )
            super().set_variable(entity, varname, value)

    class Manager(InventoryManager):  # type: ignore[misc]
        """Passes over folders in which nothing is."""

        def __init__(self) -> None:
            super().__init__(loader=loader, sources=[str(path)], parse=False)
            self._inventory = Data()
            self.parse_sources()

        def parse_source(self, source: str, cache: bool = False) -> bool:
            if Path(source) in empty and Path(source) != path:
                return False
            return bool(super().parse_source(source, cache=cache))

    empty = {folder.absolute() for folder in files.empty} | files.empty
    return Manager()


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
        f"file of group_vars or host_vars names {site}, which takes precedence in Ansible. "
        "Remove `site` from that "
        f"file, and write it into the `vars` of the group of {site}."
    )


@cache
def _collections() -> None:
    """Let plugins of collections be found, as Ansible's own commands do; once for a process."""
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader()


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """Collect what Ansible would print on the terminal while it reads: an error of ours says it better."""
    from ansible.utils.display import Display

    display, said = Display(), list[str]()
    before = display.warning, display.error_as_warning

    def failed(msg: str | None, exception: BaseException, **_: Any) -> None:
        said.append(f"{msg or ''} {exception}")

    display.warning = lambda msg, *_, **__: said.append(str(msg))
    display.error_as_warning = failed
    try:
        yield said
    finally:
        display.warning, display.error_as_warning = before


@contextmanager
def _told(path: Path, host: str, key: str) -> Iterator[None]:
    """Tell whose variable Ansible cannot expand."""
    from ansible.errors import AnsibleError

    try:
        yield
    except (AnsibleError, RecursionError) as error:
        raise InventoryError(f"{path}: host {host}: {key}: {_line(error)}") from error


def _bare(value: Any) -> Any:
    """Return a value without Ansible's own types: what is encrypted opens as text."""
    match value:
        case dict():
            return {_bare(key): _bare(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_bare(inner) for inner in value]
        case None | bool():
            return value
        case int():
            return int(value)
        case float():
            return float(value)
    return str.__str__(str(value))


def _plain(path: Path, error: Exception, warned: list[str]) -> str:
    """Return an Ansible error as one line that names the file, with what came before it."""
    said = _line(error)
    if not said.startswith(_UNPARSED):
        return f"{path}: {said}"
    file = said.removeprefix(_UNPARSED)
    reasons = [_line(one) for one in warned if "Failed to parse" in one]
    # Each plugin has tried: what is YAML is no INI, and a plugin's configuration is no list of groups.
    telling = [one for one in reasons if not _BESIDE_THE_POINT.search(one)]
    if Path(file).suffix in (".yml", ".yaml", ".json"):
        telling = [one for one in telling if "'ini' plugin" not in one]
    return f"{file}: Ansible finds no hosts in it: {(telling or reasons or [said])[-1]}"


def _line(said: object) -> str:
    return " ".join(str(said).split())
