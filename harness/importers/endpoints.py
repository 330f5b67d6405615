"""Addresses and service types as registries write them, and what the testbed's clients make of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from harness.inventory.blanks import blank
from harness.kinds import registry
from harness.services.cloud.kind import KEYSTONE, SWIFT
from harness.services.compute.kind import ARC, HTCONDOR
from harness.services.storage.kind import WEBDAV, XROOT

_ALIASES = {
    # In the GOCDB, the URL of a Nova is that of the Keystone in front of it: EGI's cloud-info-provider and
    # fedcloudclient read it so.
    "org.openstack.nova": KEYSTONE,
    "arc-ce": ARC,
    "http": WEBDAV,
    "https": WEBDAV,
    "davs": WEBDAV,
    "dav": WEBDAV,
    "root": XROOT,
    "roots": XROOT,
    "xroot": XROOT,
    "xroots": XROOT,
}
"""Words for a type, in small letters, beside the type's own name."""
_SCHEMES = {HTCONDOR: "condor", XROOT: "roots"}
"""Scheme of an address that has none, by service type; `https` for all others."""
_USUAL = {HTCONDOR: "condor://{host}:9619", XROOT: "roots://{host}:1094//"}
"""Address of a service whose registry has none: the port that its software takes by itself."""
_SOFTWARE = {KEYSTONE: "keystone", SWIFT: "swift", ARC: "arc", HTCONDOR: "htcondor"}
UNKNOWN = "unknown"
"""The software of a service, where its registry does not tell it."""
_TEMPLATE = ("{{", "{%", "{#")
"""Ansible would carry out what stands behind these."""


class Unusable(Exception):
    """A service cannot be written into an inventory; says why."""


@dataclass(frozen=True)
class Resolved:
    """A service as the inventory has it."""

    type: str
    endpoint: str
    changes: tuple[str, ...] = field(default=())
    """What was changed of its type and address, and why."""


def is_type(word: str) -> bool:
    """Tell whether a word is the name of a service type in the GOCDB that means something here."""
    plain = word.strip().lower()
    return plain in ("org.openstack.nova", "arc-ce", *map(str.lower, registry().service_types))


def type_of(word: str) -> str | None:
    """Return the service type that a word means, in whatever letters; None where no kind has it."""
    plain = word.strip().lower()
    known = {type_.lower(): type_ for type_ in registry().service_types}
    return _ALIASES.get(plain) or known.get(plain)


def software_of(type_: str) -> str:
    """Return the software of a service type that has only one."""
    return _SOFTWARE.get(type_, UNKNOWN)


def resolved(word: str, url: str, host: str) -> Resolved:
    """Return a service as the inventory has it, from a registry's type, address and host.

    Raises
    ------
    Unusable
        where no client of the testbed could ask it.
    """
    type_ = type_of(word)
    if type_ is None:
        raise Unusable(f"the testbed has no client for the service type {shown(word)}")
    changes = []
    if word.strip().lower() == "org.openstack.nova":
        changes.append(
            f"{word} is entered as {type_}: its URL in the GOCDB is that of the Keystone"
        )
    elif type_.lower() != word.strip().lower():
        changes.append(f"{shown(word)} is entered as {type_}")
    require_plain(url)
    plain = url.strip()
    if not plain:
        return _without_address(type_, host, changes)
    if type_ == SWIFT and urlsplit(plain).path.rstrip("/").endswith(("/v3", "/v2.0")):
        type_ = KEYSTONE
        changes.append(f"{word} is entered as {type_}: its URL ends as that of a Keystone")
    if "://" not in plain:
        plain = f"{_SCHEMES.get(type_, 'https')}://{plain}"
        changes.append(f"the scheme {plain.partition(':')[0]}:// is written before its address")
    plain = _bare(type_, plain, changes)
    try:
        endpoint = registry().of(type_).endpoint(type_, plain)
    except ValueError as error:
        raise Unusable(f"its address cannot be used: {error}") from error
    if word.strip().lower() == "arc-ce" and urlsplit(endpoint).scheme != "https":
        raise Unusable("it is an ARC CE without a REST interface (https), the only supported one")
    return Resolved(type_, endpoint, tuple(changes))


def require_plain(value: object) -> None:
    """Refuse a value, or anything within it, that Ansible would take for a template and carry out.

    Raises
    ------
    Unusable
        where it has a mark of one.
    """
    match value:
        case Mapping():
            for inner in (*value, *value.values()):
                require_plain(inner)
        case list() | tuple():
            for inner in value:
                require_plain(inner)
        case str() if any(mark in value for mark in _TEMPLATE):
            raise Unusable("it has a template mark ({{, {% or {#), which Ansible would execute")


def shown(word: str) -> str:
    """Return a word of others as it stands in a message: on one line, and not too long."""
    text = word.strip()
    return text if text.isprintable() and 0 < len(text) <= 80 else f"{text[:80]!r}"


def _without_address(type_: str, host: str, changes: list[str]) -> Resolved:
    if usual := _USUAL.get(type_):
        endpoint = usual.format(host=host)
        changes.append(f"it has no address: the usual one is used ({usual.format(host='HOST')})")
        return Resolved(type_, endpoint, tuple(changes))
    changes.append("it has no address: fill it in")
    return Resolved(type_, blank(f"URL of the {type_} at {host}"), tuple(changes))


def _bare(type_: str, url: str, changes: list[str]) -> str:
    """Return an address without what is no part of an endpoint."""
    try:
        parts = urlsplit(url)
        if parts.username is not None or parts.password is not None:
            raise Unusable("its address contains a user or a password")
    except ValueError as error:
        raise Unusable(f"its address cannot be used: {error}") from error
    if type_ == SWIFT and "/AUTH_" in parts.path:
        parts = parts._replace(path=parts.path.partition("/AUTH_")[0])
        changes.append("the account is removed from its address (/AUTH_...)")
    if type_ == KEYSTONE:
        parts = parts._replace(path=_third_version(parts.path, changes))
    if parts.query or parts.fragment:
        parts = parts._replace(query="", fragment="")
        changes.append("what follows `?` or `#` is removed from its address")
    return urlunsplit(parts)


def _third_version(path: str, changes: list[str]) -> str:
    """Return the path of a Keystone's third version, the only one in which users of others log in."""
    plain = path.rstrip("/")
    if re.search(r"/v3(/|$)", plain):
        return plain
    changes.append("its address leads to /v3 now, where the testbed logs in")
    return f"{re.sub(r'/v2[.]0$', '', plain)}/v3"
