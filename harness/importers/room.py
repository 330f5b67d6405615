"""The folder into which is imported: its files as trees that can be changed, and who wrote what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import BadInput
from harness.importers import beside, memory, yaml_files
from harness.importers.beside import Beside
from harness.importers.export import Remark
from harness.importers.memory import Memory
from harness.new.draft import File


@dataclass
class Tree:
    """A file of hosts that imports write."""

    content: Any
    before: str | None
    """Its text as it was read; None where it is new."""
    head: str = ""
    """Comments at the begin of a new file."""
    changed: bool = False

    def hosts(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Return hosts and their variables, in whatever group a person has moved them to."""
        open_ = [self.content]
        while open_:
            groups = open_.pop()
            for group in groups.values() if isinstance(groups, dict) else ():
                if isinstance(group, dict):
                    for host, fields in (group.get("hosts") or {}).items():
                        if isinstance(fields, dict):
                            yield str(host), fields
                    open_.append(group.get("children"))


@dataclass
class Room:
    """An inventory's folder during an import."""

    folder: Path
    infrastructure: str
    memory: Memory
    remembered: str | None
    beside: Beside
    kept: list[Remark] = field(default_factory=list)
    """What a person has written, and is left as it is."""
    known: int = 0
    """Services that are in the inventory by hand already."""
    trees: dict[str, Tree] = field(default_factory=dict)

    def tree(self, name: str, *, head: str = "") -> Tree | None:
        """Return a file of hosts; None where an import wrote it, and it is gone."""
        if name not in self.trees:
            path = self.folder / name
            if path.exists():
                self.trees[name] = _read(path)
            elif name in self.memory.files:
                return None
            else:
                self.trees[name] = Tree({}, None, head)
        return self.trees[name]

    def services(self, site: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Return the services of a site with their hosts, of all files that imports write."""
        for name in sorted(self.memory.files | self.trees.keys()):
            tree = self.tree(name)
            for host, fields in tree.hosts() if tree else ():
                if str(fields.get("site")) == site:
                    for entry in fields.get("services") or ():
                        if isinstance(entry, dict):
                            yield host, entry

    def changes(self) -> Iterator[File]:
        """Return the files of hosts that differ from what is on disk."""
        for name, tree in self.trees.items():
            if tree.changed:
                text = tree.head + yaml_files.dumped(tree.content)
                yield File(self.folder / name, text, before=tree.before)


def enter(folder: Path, infrastructure: str) -> Room:
    """Return a folder as it is; it need not be there yet.

    Raises
    ------
    BadInput
        where what is there cannot be read.
    """
    kept = memory.load(folder)
    found = beside.look(folder, without=kept.memory.files)
    return Room(folder, infrastructure, kept.memory, kept.before, found)


def _read(path: Path) -> Tree:
    content = yaml_files.load(path)
    if not isinstance(content, dict):
        raise BadInput(
            f"{path}: groups of hosts are expected. An import wrote it. If you remove it, later "
            "imports leave its sites out."
        )
    return Tree(content, path.read_text(encoding="utf-8"))
