"""A new site of an infrastructure that the inventory has: one file beside the others.

Ansible reads every file of the inventory's folder, so nothing that was written by hand is touched.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness import inventory
from harness.errors import BadInput
from harness.inventory import Inventory
from harness.kinds import registry
from harness.model import ISSUER
from harness.new.draft import Draft, File, copied, rendered

_MACHINES = frozenset({"ssh", "local"})
"""Connections whose hosts are no containers of a testbed."""


@dataclass(frozen=True)
class Service:
    """A service of the site, as its inventory describes it."""

    type: str
    endpoint: str
    implementation: str
    audience: str | None = None
    """Scheme, host and port of the endpoint, where it is None."""
    capabilities: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    """Other keys: `login`, `scope_prefix`."""

    @property
    def host(self) -> str:
        """The host of the endpoint."""
        return urlsplit(self.endpoint).hostname or ""

    @property
    def fields(self) -> dict[str, Any]:
        """The service's keys in the inventory, in the order in which they are written."""
        fields: dict[str, Any] = {"type": self.type, "endpoint": self.endpoint}
        if audience := self.audience or default_audience(self.type, self.endpoint):
            fields["audience"] = audience
        fields["implementation"] = self.implementation
        if self.capabilities:
            fields["capabilities"] = list(self.capabilities)
        return fields | dict(self.more)


@dataclass(frozen=True)
class Site:
    """What an administrator wants."""

    name: str
    infrastructure: str
    services: tuple[Service, ...]


def default_audience(type_: str, endpoint: str) -> str | None:
    """Return the audience that a service most often has; an issuer has none."""
    parts = urlsplit(endpoint)
    if type_ == ISSUER:
        return None
    # A port that is not of HTTPS is no part of it: roots://se.example:1094 is https://se.example.
    return f"https://{parts.netloc if parts.scheme == 'https' else parts.hostname}"


def capabilities(type_: str) -> tuple[str, ...]:
    """Return the capabilities that a service of a type may declare.

    Raises
    ------
    BadInput
        where no kind has the type; says which is near.
    """
    try:
        return tuple(registry().of(type_).capabilities)
    except LookupError as error:
        raise BadInput(str(error)) from error


def parse_service(words: str) -> Service:
    """Return a service that is written as words `key=value`; `a.b=value` is the key `b` of `a`.

    Raises
    ------
    BadInput
        naming the word, or the key that is missing.
    """
    fields: dict[str, Any] = {}
    for word in _split(words):
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise BadInput(f"--service {words!r}: `{word}` is no key=value, as in type=webdav.")
        *outer, last = key.split(".")
        inside = fields
        for name in outer:
            inside = inside.setdefault(name, {})
            if not isinstance(inside, dict):
                raise BadInput(
                    f"--service {words!r}: the key `{name}` has a value and keys below it."
                )
        inside[last] = value
    for key in ("type", "endpoint", "implementation"):
        if not isinstance(fields.get(key), str) or not fields[key]:
            raise BadInput(
                f"--service {words!r}: the key `{key}` is missing; write type=TYPE endpoint=URL "
                "implementation=SOFTWARE, and capabilities=A,B audience=URL where they apply."
            )
    names = fields.pop("capabilities", "")
    return Service(
        type=fields.pop("type"),
        endpoint=fields.pop("endpoint"),
        implementation=fields.pop("implementation"),
        audience=fields.pop("audience", None),
        capabilities=tuple(name for name in names.split(",") if name),
        more=fields,
    )


def _split(words: str) -> list[str]:
    try:
        return shlex.split(words)
    except ValueError as error:
        raise BadInput(f"--service {words!r}: a quotation mark is not closed.") from error


def draft(wanted: Site, current: Inventory) -> Draft:
    """Return the file of the site; it has been loaded together with the inventory.

    Raises
    ------
    BadInput
        naming what cannot be used, with the file or host.
    """
    path = folder_of(current)
    testbed = current.testbed
    known = [one.name for one in testbed.infrastructures]
    if wanted.infrastructure not in known:
        raise BadInput(
            f"{path}: there is no infrastructure `{wanted.infrastructure}`; there are "
            f"{', '.join(known)}. `testbed new infrastructure` adds one."
        )
    for site in testbed.sites:
        if site.name == wanted.name:
            raise BadInput(
                f"{path}: the site `{wanted.name}` exists already, at {site.infrastructure}; choose "
                "another name, or add services to its hosts."
            )
    group = group_of(wanted.name)
    text = rendered(
        "site.yml.j2",
        wanted=wanted,
        group=group,
        hosts=_by_host(wanted.services, current),
        connection=connection_of(current),
    )
    file = File(path / f"{group.replace('_', '-')}.yml", text)
    now = loaded(current, (file,))
    found = [site for site in now.testbed.sites if site.name == wanted.name]
    if [site.infrastructure for site in found] != [wanted.infrastructure]:
        raise BadInput(
            f"{file.path}: the site does not come out as {wanted.name} of {wanted.infrastructure}; give "
            f"the site's hosts no `site` in {path}/host_vars."
        )
    return Draft(
        files=(file,),
        steps=(
            f"See the new site and its routes: testbed list --inventory {path}",
            "Let the site trust every issuer and virtual organisation: docs/sites.md, "
            '"What you set up at your site"',
            f"Run the scenarios over its routes: testbed run --inventory {path}",
        ),
    )


def folder_of(current: Inventory) -> Path:
    """Return the inventory's folder, to which files can be added.

    Raises
    ------
    BadInput
        where the inventory is a single file: Ansible would not read another one beside it.
    """
    if not current.path.is_dir():
        raise BadInput(
            f"{current.path}: is a single file, beside which Ansible reads no other; give the "
            "inventory's folder."
        )
    return current.path


def group_of(site: str) -> str:
    """Return the name of the group of a site's hosts.

    Raises
    ------
    BadInput
        where the site's name has no letter or digit.
    """
    words = re.findall(r"[a-z0-9]+", site.lower())
    if not words:
        raise BadInput(f"the site's name `{site}` needs letters or digits, as in MY-SITE.")
    name = "_".join(words)
    return name if name[0].isalpha() else f"site_{name}"


def connection_of(current: Inventory) -> str | None:
    """Return the connection that a machine names; None where no host of the inventory is a container."""
    machines = all(host.connection in _MACHINES for host in current.testbed.hosts)
    return None if machines else "ssh"


def loaded(current: Inventory, files: Iterable[File]) -> Inventory:
    """Load the inventory as it would be with these files.

    Raises
    ------
    BadInput
        in the loader's words, with the paths that the user knows.
    """
    with copied(current.path, files) as copy:
        try:
            return inventory.load(copy)
        except BadInput as error:
            raise BadInput(
                f"{str(error).replace(str(copy), str(current.path))}\n"
                "  Nothing was written; correct what you gave and start again."
            ) from error


def _by_host(services: Iterable[Service], current: Inventory) -> dict[str, list[dict[str, Any]]]:
    hosts: dict[str, list[dict[str, Any]]] = {}
    for service in services:
        if not service.host:
            raise BadInput(
                f"`{service.endpoint}` is no endpoint: write a URL with its host, as in "
                "https://se.my-site.example/vo."
            )
        hosts.setdefault(service.host, []).append(service.fields)
    if not hosts:
        raise BadInput("a site has one service at least: give --service.")
    for name in hosts:
        if name in current.variables:
            raise BadInput(
                f"{current.path}: the host {name} is in the inventory already; add the service there, "
                "or give the endpoint's own host."
            )
    return hosts
