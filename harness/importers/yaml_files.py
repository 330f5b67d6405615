"""YAML that people edit too: changed in place, with every comment and every other line as it was."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from harness import reading
from harness.errors import BadInput

_TEXT = "tag:yaml.org,2002:str"


class _Resolver(VersionedResolver):
    """Leaves times as they are written."""

    @property
    def versioned_resolver(self) -> Any:
        found = super().versioned_resolver
        return {
            sign: [(tag, form) for tag, form in pairs if not tag.endswith(":timestamp")]
            for sign, pairs in found.items()
        }


def load(path: Path) -> Any:
    """Return what a file holds, for a change and `dumped`; None where the file is empty.

    Raises
    ------
    BadInput
        with file and line, where it is no YAML.
    """
    text = reading.text(path)
    reading.composed(path, text)
    try:
        return _yaml().load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        said = getattr(error, "problem", None) or " ".join(str(error).split())
        raise BadInput(f"{path}{line}: {said}. Correct it, and start the command again.") from error


def dumped(value: Any) -> str:
    """Return a file's new text."""
    text = io.StringIO()
    _yaml().dump(value, text)
    return text.getvalue()


def entered(value: Any) -> Any:
    """Return a value of others as it is written: every text stays a text, as Ansible reads YAML 1.1."""
    match value:
        case dict():
            return {entered(key): entered(inner) for key, inner in value.items()}
        case list() | tuple():
            return [entered(inner) for inner in value]
        case str() if means_else(value):
            return DoubleQuotedScalarString(value)
    return value


def bare(value: Any) -> Any:
    """Return a value without the types that keep how it was written."""
    match value:
        case dict():
            return {str(key): bare(inner) for key, inner in value.items()}
        case list() | tuple():
            return [bare(inner) for inner in value]
        case str():
            return str.__str__(value)
    return value


def means_else(text: str) -> bool:
    """Tell whether a word without quotes would be read as a number or a truth, as `NO` and `1e3` are."""
    tag: str = yaml.resolver.Resolver().resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return tag != _TEXT


def _yaml() -> YAML:
    made = YAML()
    made.Resolver = _Resolver
    made.preserve_quotes = True
    made.width = 4096
    made.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    made.indent(mapping=2, sequence=4, offset=2)
    return made
