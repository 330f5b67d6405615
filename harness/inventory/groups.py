"""Files of hosts as they are written: what Ansible drops with no more than a warning is refused.

Of a host that is there twice in one group, Ansible keeps the last; a group that is no mapping, and a key
of a group that it does not know, it passes over.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from harness.errors import InventoryError
from harness.kinds import unknown
from harness.reading import children

SECTIONS = ("children", "hosts", "vars")
"""What a group may have (Ansible's inventory plugin `yaml`)."""

_MERGE = "tag:yaml.org,2002:merge"
_NULL = "tag:yaml.org,2002:null"
_TEXT = "tag:yaml.org,2002:str"


def check_keys(path: Path, root: yaml.Node) -> None:
    """Refuse a key that is written twice, anywhere in a file.

    Raises
    ------
    InventoryError
        naming file, line and key.
    """
    seen: set[int] = set()
    open_ = [root]
    while open_:
        node = open_.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        open_ += children(node)
        lines: dict[tuple[str, str], int] = {}
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE:
                continue
            name, line = (key.tag, key.value), key.start_mark.line + 1
            if name in lines:
                raise InventoryError(
                    f"{path}:{line}: `{key.value}` appears twice, also in line {lines[name]}, "
                    "and only the last would count. Remove one, or rename it."
                )
            lines[name] = line


def is_empty(root: yaml.Node) -> bool:
    """Tell whether there is nothing in a file but its form."""
    return root.tag == _NULL or (isinstance(root, yaml.CollectionNode) and not root.value)


def is_plugin(root: yaml.Node) -> bool:
    """Tell whether a file is the configuration of an inventory plugin."""
    return isinstance(root, yaml.MappingNode) and any(
        isinstance(key, yaml.ScalarNode) and key.value == "plugin" for key, _ in root.value
    )


def check_groups(path: Path, root: yaml.Node) -> None:
    """Refuse what is no group, in a file of groups.

    Raises
    ------
    InventoryError
        naming file, line, group and key.
    """
    for name, _, node in _pairs(path, root, "the file"):
        _check_group(path, name, node)


def _check_group(path: Path, group: str, node: yaml.Node) -> None:
    for key, line, section in _pairs(path, node, f"the group `{group}`"):
        if key not in SECTIONS:
            said = unknown("key", key, SECTIONS)
            raise InventoryError(f"{path}:{line}: the group `{group}`: {said}.")
        if section.tag == _TEXT:  # Ansible takes a word for the one child or host
            continue
        for name, _, inner in _pairs(path, section, f"`{key}` of the group `{group}`"):
            if key == "children":
                _check_group(path, name, inner)
            elif key == "hosts":
                _pairs(path, inner, f"the host `{name}`")


def _pairs(path: Path, node: yaml.Node, what: str) -> list[tuple[str, int, yaml.Node]]:
    """Return keys, their lines, and values of what must be a mapping, or nothing."""
    if isinstance(node, yaml.MappingNode):
        pairs = [(key, value) for key, value in node.value if key.tag != _MERGE]
        for key, _ in pairs:
            if not isinstance(key, yaml.ScalarNode):
                line = key.start_mark.line + 1
                raise InventoryError(
                    f"{path}:{line}: {what}: a name is expected as a key: one word."
                )
        return [(str(key.value), key.start_mark.line + 1, value) for key, value in pairs]
    if node.tag == _NULL:
        return []
    raise InventoryError(
        f"{path}:{node.start_mark.line + 1}: {what} must be a mapping (one `name:` a line). "
        "Ansible would ignore it."
    )
