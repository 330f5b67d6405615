"""Files that people write: opened so that nothing hangs, and refused in a sentence that says where.

Inventories and the lists beside them come from editors, archives and other machines: they may be links
that lead nowhere, pipes, in another encoding, or nested so deeply that a parser dies of it.
"""

from __future__ import annotations

import codecs
import errno
import os
import stat
from pathlib import Path

import yaml

from harness.errors import BadInput

DEPTH = 60
"""Levels of a YAML file: more than anybody writes, and far less than a parser stands."""
SIZE = 1_000_000
"""Values of a YAML file, each alias counted as what it stands for (`billion laughs`)."""

_MARKS = {
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
}
_SORTS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def sort(path: Path, error: type[BadInput] = BadInput) -> int:
    """Return whether a path is a file or a folder: `stat.S_IFREG` or `stat.S_IFDIR`.

    Raises
    ------
    BadInput
        the class `error` of it, where it is anything else, or not there.
    """
    try:
        found = stat.S_IFMT(path.stat().st_mode)
    except (OSError, ValueError) as fault:
        raise error(f"{path}: {_why(path, fault)}") from fault
    if found in _SORTS:
        raise error(
            f"{path}: is {_SORTS[found]}, but a file is expected. Remove it, or name another."
        )
    return found


def content(path: Path, error: type[BadInput] = BadInput) -> bytes:
    """Return what a file holds.

    Raises
    ------
    BadInput
        the class `error` of it, where it cannot be read, or is no ordinary file.
    """
    if sort(path, error) != stat.S_IFREG:
        raise error(f"{path}: is a folder, but a file is expected. Remove it, or name another.")
    try:
        return path.read_bytes()
    except OSError as fault:
        raise error(f"{path}: {_why(path, fault)}") from fault


def text(path: Path, error: type[BadInput] = BadInput) -> str:
    """Return the text of a file, which is UTF-8, without a byte order mark.

    Raises
    ------
    BadInput
        the class `error` of it, where it cannot be read, or is in another encoding.
    """
    return decoded(path, content(path, error), error)


def decoded(path: Path, data: bytes, error: type[BadInput] = BadInput) -> str:
    """Return the text of what a file holds, as `text` does."""
    told = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "")
    if told:
        raise error(f"{path}: is written in {told}. Save it as UTF-8.")
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise error(
            f"{path}:{line}: is not written in UTF-8 (byte 0x{data[fault.start]:02x} there). Save it as "
            "UTF-8."
        ) from fault


def composed(path: Path, given: str, error: type[BadInput] = BadInput) -> yaml.Node | None:
    """Return the tree of a YAML text; None where there is nothing in it.

    Raises
    ------
    BadInput
        the class `error` of it, with the line where the text is no YAML, contains itself, or is larger or
        nested more deeply than anything sensible.
    """
    try:
        limited(path, given, error)
        node = yaml.compose(given, yaml.CSafeLoader)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        raise error(
            f"{path}{f':{mark.line + 1}' if mark else ''}: {fault.problem or fault}"
        ) from fault
    except yaml.reader.ReaderError as fault:
        line = given.encode(errors="replace").count(b"\n", 0, fault.position) + 1
        raise error(
            f"{path}:{line}: YAML forbids the character 0x{fault.character:02x}. Remove it."
        ) from fault
    except (yaml.YAMLError, ValueError) as fault:
        raise error(f"{path}: is no YAML: {' '.join(str(fault).split())}") from fault
    if node is not None:
        measured(path, node, error)
    return node


def limited(path: Path, given: str, error: type[BadInput]) -> None:
    """Refuse what is nested too deeply, before anything that recurses has seen it.

    Raises
    ------
    BadInput
        the class `error` of it, with the line.
    yaml.YAMLError
        where the text is no YAML.
    """
    depth = 0
    for event in yaml.parse(given, yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise error(f"{path}:{line}: is nested more than {DEPTH} levels deep. Make it flatter.")


def measured(path: Path, node: yaml.Node, error: type[BadInput]) -> None:
    """Refuse a tree that contains itself, or stands for more than anybody means.

    Raises
    ------
    BadInput
        the class `error` of it, with the line.
    """
    _measure(path, node, {}, error)


def _measure(
    path: Path, node: yaml.Node, known: dict[int, int | None], error: type[BadInput]
) -> int:
    """Return how many values a tree has; `known` are those of nodes, None while one is being counted."""
    if id(node) in known:
        size = known[id(node)]
        if size is None:
            line = node.start_mark.line + 1
            raise error(f"{path}:{line}: contains itself, by an alias (`*`). Remove the alias.")
        return size
    known[id(node)] = None
    size = 1
    for inner in children(node):
        size += _measure(path, inner, known, error)
        if size > SIZE:
            line = node.start_mark.line + 1
            raise error(
                f"{path}:{line}: stands for more than {SIZE} values, by its aliases (`*`). Remove some."
            )
    known[id(node)] = size
    return size


def children(node: yaml.Node) -> list[yaml.Node]:
    """Return the nodes right below one: keys and values of a mapping, or what a list holds."""
    match node:
        case yaml.MappingNode():
            return [inner for pair in node.value for inner in pair]
        case yaml.SequenceNode():
            return list(node.value)
    return []


def _why(path: Path, fault: OSError | ValueError) -> str:
    """Say why a path cannot be looked at."""
    number = fault.errno if isinstance(fault, OSError) else None
    if number == errno.ELOOP:
        return "is a link that leads to itself. Remove it."
    if number == errno.ENOENT and path.is_symlink():
        return f"is a link that leads nowhere (to {os.readlink(path)}). Remove or mend it."
    if number in (errno.EACCES, errno.EPERM):
        return "cannot be read: permission denied. Let the user who runs `testbed` read it."
    reason = fault.strerror if isinstance(fault, OSError) else str(fault)
    return f"cannot be read: {reason}."
