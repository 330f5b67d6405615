"""What the gateway knows of the testbed; the role writes it as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Home:
    """An infrastructure as its tokens show it: its issuer, and a member whose rights the gateway uses."""

    name: str
    issuer: str
    key: Mapping[str, Any]
    """The issuer's private signing key as a JWK."""
    subject: str
    """`sub` of the member."""
    subject_scope: str
    entitlement: str
    ban_list: str = ""
    """Where its list of banned users is published; empty where it has none."""
    ban_key: str = ""
    """The public key that signs the list (PEM)."""


@dataclass(frozen=True)
class Endpoint:
    """A real service behind the gateway."""

    host: str
    port: int
    type: str
    """GOCDB service type."""
    audience: str
    protocol: str = ""
    """Of a Keystone: the protocol by which users of an issuer log in."""
    scope_prefix: str = ""
    """Of a storage: the path from which on those of scopes are meant."""


@dataclass(frozen=True)
class Directory:
    """A broken directory (LDAP): where it is found, the real one, and the fault."""

    address: str
    host: str
    port: int
    fault: str


@dataclass(frozen=True)
class Settings:
    """Everything that the gateway is told."""

    certificate: str
    key: str
    authorities: str
    """File with the authorities that it trusts."""
    any_audience: str
    infrastructure: str
    """The one whose services stand behind this gateway."""
    homes: Mapping[str, Home]
    endpoints: Mapping[tuple[str, int], Endpoint]
    """By host and port."""
    directories: tuple[Directory, ...] = ()
    ending_certificate: str = ""
    """File with a certificate that expires in a few days."""
    ending_key: str = ""
    redirect_uri: str = ""
    """The one address that the users' tools have registered at the issuers."""

    @property
    def ports(self) -> list[int]:
        """Where the gateway listens."""
        return sorted({port for _, port in self.endpoints})

    @property
    def own(self) -> Home:
        """The infrastructure whose services stand behind this gateway."""
        return self.homes[self.infrastructure]

    @property
    def visitor(self) -> Home:
        """An infrastructure other than `own`: the gateway acts as its member where any member will do.

        Always the same one, so that what it does for one user is not hidden from the next.
        """
        others = [home for name, home in self.homes.items() if name != self.infrastructure]
        return others[0] if others else self.own

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read the file that the role wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        homes = {name: Home(name=name, **fields) for name, fields in content.pop("homes").items()}
        listed = [Endpoint(**fields) for fields in content.pop("endpoints")]
        directories = tuple(Directory(**fields) for fields in content.pop("directories", ()))
        return cls(
            homes=homes,
            endpoints={(e.host, e.port): e for e in listed},
            directories=directories,
            **content,
        )
