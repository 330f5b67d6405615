"""What an index publishes: entries of GLUE 2 (OGF GFD.147), read from LDIF (RFC 2849)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

PREFIX = "GLUE2"

_DOMAIN = re.compile(r"GLUE2DomainID=([^,]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """A published object."""

    name: str
    """Its distinguished name."""
    values: Mapping[str, tuple[str, ...]]
    """The values, by attribute name without the prefix `GLUE2`."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Its object classes, without the prefix `GLUE2`: `ComputingEndpoint`."""
        return tuple(word.removeprefix(PREFIX) for word in self.values.get("objectClass", ()))

    @property
    def domain(self) -> str:
        """The administrative domain (the site) to which it belongs; empty if none is named."""
        found = _DOMAIN.search(self.name)
        return found[1] if found else ""

    def one(self, name: str) -> str:
        """Return the first value of an attribute; empty if it is missing."""
        return next(iter(self.values.get(name, ())), "")

    def number(self, name: str) -> int | None:
        """Return an attribute as a whole number; None if it is missing."""
        text = self.one(name).strip()
        return int(text) if re.fullmatch(r"-?\d{1,20}", text) else None


@dataclass(frozen=True)
class Tree:
    """Everything that an index publishes below a base."""

    entries: tuple[Entry, ...]

    def of(self, name: str) -> tuple[Entry, ...]:
        """Return the objects of a class: `Endpoint`, `ComputingShare`."""
        return tuple(entry for entry in self.entries if name in entry.classes)

    def required(self, name: str) -> tuple[Entry, ...]:
        """Return the objects of a class; fail if there are none.

        Raises
        ------
        AssertionError
            where none is published.
        """
        found = self.of(name)
        assert found, f"no {PREFIX}{name} is published"
        return found

    def endpoints(self, *interfaces: str) -> tuple[Entry, ...]:
        """Return the endpoints that have one of these interfaces (`InterfaceName`)."""
        return tuple(e for e in self.of("Endpoint") if e.one("EndpointInterfaceName") in interfaces)

    def within(self, site: str) -> Tree:
        """Return what is published about one site."""
        return Tree(tuple(entry for entry in self.entries if entry.domain == site))

    @cached_property
    def ids(self) -> frozenset[str]:
        """The ids of all objects."""
        return frozenset(
            value
            for entry in self.entries
            for name, values in entry.values.items()
            if name.endswith("ID")
            for value in values
        )


def read(text: str) -> Tree:
    """Return the tree that a directory printed as LDIF, with its long lines folded or not.

    Raises
    ------
    AssertionError
        where a line is no LDIF.
    """
    unfolded = re.sub(r"\r?\n ", "", text)
    blocks = re.split(r"\n\s*\n", unfolded)
    return Tree(tuple(entry for block in blocks for entry in _entry(block)))


def _entry(block: str) -> Iterator[Entry]:
    found: dict[str, list[str]] = {}
    for line in block.splitlines():
        if not line or line.startswith(("#", "search:", "result:", "version:")):
            continue
        name, value = _attribute(line)
        found.setdefault(name.removeprefix(PREFIX), []).append(value)
    if names := found.pop("dn", None):
        yield Entry(names[0], {name: tuple(values) for name, values in found.items()})


def _attribute(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    assert colon, f"no LDIF: {line[:200]!r}"
    if not value.startswith(":"):
        return name, value.strip()
    try:
        return name, base64.b64decode(value[1:].strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise AssertionError(f"no LDIF: {line[:200]!r}: {error}") from error
