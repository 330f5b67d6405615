"""Downtimes of an export, entered into `downtimes.yaml`."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from harness.conformance import downtimes
from harness.errors import BadInput
from harness.importers import yaml_files
from harness.importers.export import Affected, Downtime, Export, Remark
from harness.importers.memory import Written
from harness.importers.room import Room
from harness.importers.sites import prefix
from harness.new.draft import File
from harness.printable import printable

_HEAD = """\
# Downtimes of the sites (docs/sites.md), in UTC. Edit them: the next import keeps what you wrote.
"""
_LONGEST = 500
"""Characters of a description that are kept."""

Entry = dict[str, Any]


def enter(export: Export, room: Room) -> File | None:
    """Return the file with all downtimes of an export; None where nothing changes.

    What cannot be entered is noted in the export.

    Raises
    ------
    BadInput
        where the file that is there is none of downtimes.
    """
    path = room.folder / downtimes.FILE
    before = path.read_text(encoding="utf-8") if path.exists() else None
    content = (yaml_files.load(path) if before is not None else None) or {downtimes.KEY: []}
    if not isinstance(content, dict):
        raise BadInput(
            f"{path}: a list under the key `{downtimes.KEY}` is expected. Correct it first."
        )
    if not isinstance(content.get(downtimes.KEY), list):
        content[downtimes.KEY] = []
    listed: list[Any] = content[downtimes.KEY]
    if not _Entering(export, room, listed).enter():
        return None
    head = "" if before is not None else _HEAD
    return File(path, head + yaml_files.dumped(content), before=before)


class _Entering:
    def __init__(self, export: Export, room: Room, listed: list[Any]) -> None:
        self._export, self._room, self._listed = export, room, listed
        self._begin = prefix(export, room)
        self._said: dict[tuple[str, str, str], list[Written]] = defaultdict(list)
        for key, written in room.memory.services.items():
            if key.startswith(self._begin):
                site, host, type_ = written.said
                self._said[site, host.lower(), type_.lower()].append(written)
        self._changed = False

    def enter(self) -> bool:
        """Enter all downtimes; return whether the list changed."""
        for downtime in self._export.downtimes:
            entries = list(self._entries(downtime))
            if not entries:
                site = ", ".join(sorted({one.site for one in downtime.affected}))
                self._export.leave_out(
                    f"downtime {downtime.key} of {site or 'no site'}",
                    "the inventory has none of its services",
                )
            for entry in entries:
                self._put(f"{self._begin}{downtime.key}/{entry['site']}", downtime, entry)
        return self._changed

    def _entries(self, downtime: Downtime) -> Iterator[Entry]:
        """Return an entry for each site that a downtime affects."""
        hit: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for one in downtime.affected:
            for written in self._named(one):
                site = self._room.memory.sites[f"{self._room.infrastructure}/{one.site}"]
                hit[site].add((written.host, str(written.fields["type"])))
        for site, pairs in hit.items():
            if names := self._names(site, pairs):
                yield {
                    "severity": downtime.severity,
                    "site": site,
                    "services": names,
                    # Left out, its site would be asked in mid-downtime.
                    "declared": _utc(downtime.declared or downtime.start),
                    "start": _utc(downtime.start),
                    "end": _utc(downtime.end),
                    "description": _described(downtime),
                }

    def _named(self, one: Affected) -> Iterator[Written]:
        """Return the services that a downtime means; where it names no host, those of the whole site."""
        for (site, host, type_), written in self._said.items():
            if site == one.site and (
                not one.host or (host, type_) == (one.host.lower(), one.type.lower())
            ):
                yield from written

    def _names(self, site: str, pairs: set[tuple[str, str]]) -> list[str]:
        """Return the words by which a downtime names services, as few as say it exactly."""
        there = {(host, str(entry.get("type"))) for host, entry in self._room.services(site)}
        pairs = pairs & there
        if pairs and pairs == there and site not in self._room.beside.sites:
            return [downtimes.ALL]
        names = []
        for host, type_ in sorted(pairs):
            whole = {pair for pair in there if pair[0] == host} <= pairs
            names.append(host if whole else downtimes.at(type_, host))
        return list(dict.fromkeys(names))

    def _put(self, key: str, downtime: Downtime, entry: Entry) -> None:
        what = f"downtime {downtime.key} of {entry['site']}"
        try:
            downtimes.Downtime.model_validate(entry)
        except ValidationError as error:
            said = "; ".join(one["msg"].removeprefix("Value error, ") for one in error.errors())
            self._export.leave_out(what, said)
            return
        if downtime.declared is None:
            self._export.change(what, "it does not say when it was declared: its start is used")
        base = self._room.memory.downtimes.get(key)
        there = self._find(base or entry)
        self._room.memory.downtimes[key] = entry
        if base is None and there is None:
            if twin := self._find_period(entry):
                self._export.leave_out(
                    what, f"the same period is listed already: {twin['description']}"
                )
                return
            self._listed.append(yaml_files.entered(entry))
            self._changed = True
        elif base is not None and there is None:
            self._room.kept.append(
                Remark(what, "was changed or removed by hand, and is not touched")
            )
        elif there is not None and base is not None and base != entry:
            there.clear()
            there.update(yaml_files.entered(entry))
            self._changed = True

    def _find(self, wanted: Entry) -> Any | None:
        for one in self._listed:
            if isinstance(one, dict) and yaml_files.bare(one) == wanted:
                return one
        return None

    def _find_period(self, wanted: Entry) -> Entry | None:
        for one in self._listed:
            if isinstance(one, dict):
                there: Entry = yaml_files.bare(one)
                if _period(there) == _period(wanted):
                    return there
        return None


def _period(entry: Entry) -> tuple[object, ...]:
    services = entry.get("services")
    names = frozenset(map(str, services)) if isinstance(services, list) else frozenset()
    return entry.get("site"), names, entry.get("start"), entry.get("end")


def _utc(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _described(downtime: Downtime) -> str:
    """Return a description on one line, with what a terminal would obey escaped."""
    text = printable(" ".join(downtime.description.split()))
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()}..."
    return cut or f"no description (downtime {downtime.key})"
