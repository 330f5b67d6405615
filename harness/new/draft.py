"""A draft: the files that are to be written, and what its author does next."""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.errors import BadInput

LINE_LENGTH = 100
"""Of our Python, as `ruff format` has it."""

_YAML_WIDTH = 70
"""After which a line is broken at the next blank: an address more still fits into yamllint's 132."""


@dataclass(frozen=True)
class File:
    """A file that is to be written."""

    path: Path
    text: str
    before: str | None = None
    """Text of the file that it was made from; None where the file is new."""

    @property
    def difference(self) -> str:
        """What would change, as a unified diff."""
        old = (self.before or "").splitlines(keepends=True)
        name = str(self.path)
        source = "/dev/null" if self.before is None else name
        return "".join(difflib.unified_diff(old, self.text.splitlines(keepends=True), source, name))


@dataclass(frozen=True)
class Draft:
    """All files of one addition."""

    files: tuple[File, ...]
    steps: tuple[str, ...]
    """What the author does next, in order."""

    def write(self, *, force: bool) -> None:
        """Write all files; a new one replaces another only with `force`.

        Raises
        ------
        BadInput
            naming the file that is in the way, or that changed since it was read. Nothing is written then.
        """
        for file in self.files:
            self._require_free(file, force=force)
        for file in self.files:
            file.path.parent.mkdir(parents=True, exist_ok=True)
            part = file.path.with_name(f".{file.path.name}.part")
            part.write_text(file.text, encoding="utf-8")
            if file.path.exists():
                shutil.copymode(file.path, part)
            os.replace(part, file.path)

    @staticmethod
    def _require_free(file: File, *, force: bool) -> None:
        if file.before is None:
            if file.path.exists() and not force:
                raise BadInput(
                    f"{file.path}: the file exists already; choose another name, or overwrite it "
                    "with --force."
                )
        elif read(file.path) != file.before:
            raise BadInput(f"{file.path}: the file changed meanwhile; start the command again.")


def read(path: Path) -> str:
    """Return the text of a file that is to be extended.

    Raises
    ------
    BadInput
        where it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"{path}: cannot be read ({error.strerror}); call `testbed` in the folder of the project, or "
            "name another folder."
        ) from error


def appended(path: Path, key: str, entry: str) -> File:
    """Return the YAML file with `entry` put behind the last one of the list or mapping `key`.

    Every other line stays as it is, with its comments.

    Raises
    ------
    BadInput
        naming file and line, where the key is not there, or is not written one entry a line.
    """
    text = read(path)
    try:
        root = yaml.compose(text, yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise BadInput(f"{path}{line}: {error.problem}; correct it first.") from error
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    found = next((value for name, value in pairs if name.value == key), None)
    if not isinstance(found, yaml.CollectionNode) or found.flow_style or not found.value:
        line = f":{found.start_mark.line + 1}" if found is not None else ""
        raise BadInput(
            f"{path}{line}: the key `{key}` must be there, and hold its entries one below the other; "
            "write the first one by hand."
        )
    indent = found.start_mark.column
    lines = text.splitlines(keepends=True)
    # The end of a block is told as the begin of what follows, so go back to the block's own last line.
    # A comment right below it belongs to it; one after a blank line, to what follows.
    end = min(found.end_mark.line, len(lines))
    while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
        end -= 1
    while end < len(lines) and _is_comment(lines[end], indent):
        end += 1
    if not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    lines.insert(end, textwrap.indent(entry, " " * indent))
    return File(path, "".join(lines), before=text)


def _is_comment(line: str, indent: int) -> bool:
    bare = line.lstrip(" ")
    return bare.startswith("#") and len(line) - len(bare) >= indent


def rendered(template: str, **values: Any) -> str:
    """Return a template of the folder `templates` with these values put in."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(  # noqa: S701, no HTML
        loader=PackageLoader("harness.new"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["yaml"] = as_yaml
    environment.globals.update(call=call, quoted=lambda words: [f'"{word}"' for word in words])
    return environment


def as_yaml(value: Any, indent: int = 0) -> str:
    """Return a value as YAML in flow style, with quotes only where they are needed.

    It stands on one line, or where it may go on in the next, `indent` blanks in, on as many as it needs.
    """
    dumped: str = yaml.safe_dump(
        value,
        default_flow_style=True,
        width=_YAML_WIDTH if indent else 10_000,
        sort_keys=False,
        allow_unicode=True,
    )
    lines = dumped.removesuffix("...\n").strip().splitlines()
    return f"\n{' ' * indent}".join(line.strip() for line in lines)


def call(head: str, arguments: Iterable[str], tail: str = "") -> str:
    """Return a call or a function's head, broken into lines as `ruff format` breaks it."""
    given = tuple(arguments)
    inside = f"    {', '.join(given)}"
    line = f"{head}({inside.strip()}){tail}"
    if len(line) <= LINE_LENGTH:
        return line
    if len(inside) > LINE_LENGTH:
        inside = "\n".join(f"    {argument}," for argument in given)
    return f"{head}(\n{inside}\n){tail}"


@contextmanager
def copied(folder: Path, files: Iterable[File]) -> Iterator[Path]:
    """Copy a folder to where nothing matters, with these files of it written, and return the copy."""
    with tempfile.TemporaryDirectory(prefix="testbed-new-") as room:
        copy = Path(room) / folder.name
        shutil.copytree(folder, copy)
        for file in files:
            there = copy / file.path.relative_to(folder)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_text(file.text, encoding="utf-8")
        yield copy
