"""Services of an export, entered into the files of their sites."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from harness.importers import merging, naming, yaml_files
from harness.importers.beside import comparable
from harness.importers.endpoints import Unusable, require_plain, shown
from harness.importers.export import Export, Remark, Service
from harness.importers.memory import Written
from harness.importers.room import Room, Tree
from harness.inventory.blanks import is_blank
from harness.new.site import default_audience

_HEAD = """\
# {site}, a site of {infrastructure}, imported (testbed import {source}).
# Edit it: the next import keeps what you wrote.
# `site` stands at each host: set for the group, group_vars/ would beat it.
# Write what the site promises into `capabilities` of each service: what is not there counts as not offered.
"""


def enter(export: Export, room: Room) -> None:
    """Enter all services of an export; what cannot be entered is noted in the export.

    Raises
    ------
    BadInput
        where a file of an earlier import is no YAML any more.
    """
    entering = _Entering(export, room)
    for service in export.services:
        entering.enter(service)
    if export.whole:
        entering.tell_missing()


def prefix(export: Export, room: Room) -> str:
    """Return with what the keys of an export begin in the memory of a folder."""
    return f"{export.source}/{room.infrastructure}/"


class _Entering:
    def __init__(self, export: Export, room: Room) -> None:
        self._export, self._room = export, room
        self._owners = {one.host: one.file for one in room.memory.services.values()}
        self._entered: dict[int, str] = {}
        """Entry of a file -> the key of the service that was entered there."""
        self._keys: set[str] = set()

    def enter(self, service: Service) -> None:
        key = f"{prefix(self._export, self._room)}{service.key}"
        what = f"{shown(service.said)} at {shown(service.host or service.site)}"
        if key in self._keys:
            self._export.leave_out(what, "its key appears twice in the export")
            return
        self._keys.add(key)
        try:
            require_plain(_fields(service))
        except Unusable as unusable:
            self._export.leave_out(what, str(unusable))
            return
        written = self._room.memory.services.get(key)
        site = self._site(service)
        if site is None:
            self._export.leave_out(
                what, f"the name of its site has no letter or digit: {service.site!r}"
            )
        elif written is not None:
            self._again(service, written, site, key, what)
        else:
            self._first(service, site, key, what)

    def _site(self, service: Service) -> str | None:
        """Return the site's name in the inventory."""
        sites, room = self._room.memory.sites, self._room
        said = f"{room.infrastructure}/{service.site}"
        if said not in sites:
            taken = {*sites.values(), *(room.beside.sites - {service.site})}
            reserved = {*room.beside.infrastructures, room.infrastructure}
            name = naming.site(service.site, taken, reserved=reserved)
            if name is None:
                return None
            sites[said] = name
            if name != service.site:
                self._export.change(
                    f"the site {service.site!r}",
                    f"is called {name}: the inventory's names are plainer",
                )
        return sites[said]

    def _again(self, service: Service, written: Written, site: str, key: str, what: str) -> None:
        """Bring a service up to date that an import has written."""
        tree = self._room.tree(written.file)
        entry = self._find(tree, written.host, written.fields) if tree else None
        fields = _fields(service)
        if tree is None or entry is None:
            self._room.kept.append(
                Remark(f"{what} ({site})", "was removed from the inventory by hand, and stays out")
            )
        elif self._claimed(entry, key, what):
            return
        else:
            tree.changed |= merging.merged(
                entry,
                base=written.fields,
                said=fields,
                what=f"{what} ({site})",
                kept=self._room.kept,
            )
        self._remember(key, service, written.file, written.host)

    def _first(self, service: Service, site: str, key: str, what: str) -> None:
        """Enter a service of which this source has not told before."""
        fields = _fields(service)
        host = self._host(service)
        if host is None:
            self._export.leave_out(
                what, f"its host has no name that a host can have: {service.host!r}"
            )
            return
        if host in self._room.beside.hosts:
            self._by_hand(host, fields, what)
            return
        file, group = self._file(site)
        if self._owners.get(host, file) != file:
            other = f"{group.replace('_', '-')}.{host}"
            self._export.change(
                f"the host {host} of {site}", f"is called {other}: another site has it too"
            )
            host = other
        tree = self._room.tree(file, head=self._head(site))
        if tree is None:
            self._room.kept.append(
                Remark(f"{what} ({site})", f"{file} was removed by hand, so its site stays out")
            )
            return
        entry = self._alike(tree, host, fields)
        if entry is None:
            services = self._services(tree, group, host, site)
            services.append(yaml_files.entered(fields))
            tree.changed = True
            self._entered[id(services[-1])] = key
        elif self._claimed(entry, key, what):
            return
        else:
            tree.changed |= merging.merged(
                entry, base={}, said=fields, what=f"{what} ({site})", kept=self._room.kept
            )
        self._owners[host] = file
        self._remember(key, service, file, host)

    def _host(self, service: Service) -> str | None:
        """Return the host's name: the registry's, or that of the address."""
        found = naming.host(service.host) if service.host else None
        if found or is_blank(service.endpoint):
            return found
        return naming.host(urlsplit(service.endpoint).hostname or "")

    def _by_hand(self, host: str, fields: dict[str, Any], what: str) -> None:
        place = self._room.beside.hosts[host].name
        if (host, fields["type"], comparable(fields["endpoint"])) in self._room.beside.services:
            self._room.known += 1
        else:
            self._export.leave_out(
                what, f"the host stands in {place}, which no import wrote: add it there"
            )

    def _file(self, site: str) -> tuple[str, str]:
        """Return the file of a site, and the group of its hosts."""
        room = self._room
        groups = room.memory.groups
        taken = {*room.beside.groups, *groups.values(), *room.beside.infrastructures}
        taken.add(room.infrastructure)
        while site not in groups:
            group = naming.group(site, taken)
            taken.add(group)
            name = f"{group.replace('_', '-')}.yml"
            if name in room.memory.files or not (room.folder / name).exists():
                groups[site] = group
        return f"{groups[site].replace('_', '-')}.yml", groups[site]

    def _head(self, site: str) -> str:
        return _HEAD.format(
            site=site, infrastructure=self._room.infrastructure, source=self._export.source
        )

    def _services(self, tree: Tree, group: str, host: str, site: str) -> list[Any]:
        """Return the list of services of a host, which is made where it is not there."""
        for name, fields in tree.hosts():
            if name == host:
                if not fields.get("services"):
                    fields["services"] = []
                return list_of(fields, "services")
        inside = tree.content
        for name in (self._room.infrastructure, "children", group, "hosts"):
            if not isinstance(inside.get(name), dict):
                inside[name] = {}
            inside = inside[name]
        made: dict[str, Any] = {"site": yaml_files.entered(site), "testbed_roles": []}
        if self._room.beside.connection.endswith("docker"):
            made["ansible_connection"] = "ssh"
        inside[yaml_files.entered(host)] = made | {"services": []}
        return list_of(inside[host], "services")

    def _find(self, tree: Tree, host: str, base: dict[str, Any]) -> dict[str, Any] | None:
        """Return the entry that an import wrote; with another address where a person changed that."""
        there = [
            entry
            for name, fields in tree.hosts()
            if name == host
            for entry in fields.get("services") or ()
            if isinstance(entry, dict) and entry.get("type") == base["type"]
        ]
        for entry in there:
            if comparable(str(entry.get("endpoint"))) == comparable(base["endpoint"]):
                return entry
        written = {
            (one.host, comparable(one.fields["endpoint"]))
            for key, one in self._room.memory.services.items()
            if key.startswith(prefix(self._export, self._room))
        }
        free = [e for e in there if (host, comparable(str(e.get("endpoint")))) not in written]
        return free[0] if free else None

    def _alike(self, tree: Tree, host: str, fields: dict[str, Any]) -> dict[str, Any] | None:
        """Return the entry of another source that is this service, or waits for its address."""
        waiting = None
        for name, of_host in tree.hosts():
            for entry in of_host.get("services") or ():
                if not isinstance(entry, dict) or entry.get("type") != fields["type"]:
                    continue
                if comparable(str(entry.get("endpoint"))) == comparable(fields["endpoint"]):
                    return entry
                if name == host and is_blank(entry.get("endpoint")):
                    waiting = entry
        return waiting

    def _claimed(self, entry: dict[str, Any], key: str, what: str) -> bool:
        """Note that an entry is this service's; True where another of the export has it already."""
        if self._entered.setdefault(id(entry), key) == key:
            return False
        self._export.leave_out(what, "the export lists the same service twice")
        return True

    def _remember(self, key: str, service: Service, file: str, host: str) -> None:
        self._room.memory.services[key] = Written(
            file=file,
            host=host,
            said=(service.site, service.host, service.said),
            fields=_fields(service),
        )

    def tell_missing(self) -> None:
        """Tell of services of an earlier import that are not in the export any more."""
        begin = prefix(self._export, self._room)
        for key, written in self._room.memory.services.items():
            if key.startswith(begin) and key not in self._keys:
                self._room.kept.append(
                    Remark(
                        f"{written.said[2]} at {written.said[1]} ({written.said[0]})",
                        "is not among what this export offers; remove it by hand where it is gone",
                    )
                )


def list_of(fields: dict[str, Any], key: str) -> list[Any]:
    """Return the list under a key as the file has it."""
    found: list[Any] = fields[key]
    return found


def _fields(service: Service) -> dict[str, Any]:
    """Return a service as the inventory has it."""
    fields: dict[str, Any] = {"type": service.type, "endpoint": service.endpoint}
    if is_blank(service.endpoint):
        fields["audience"] = service.endpoint.replace("URL", "audience in tokens", 1)
    elif audience := default_audience(service.type, service.endpoint):
        fields["audience"] = audience
    return fields | {"implementation": service.implementation} | dict(service.more)
