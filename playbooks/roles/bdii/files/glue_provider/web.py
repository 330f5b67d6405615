"""Storages and clouds, as their own answers over HTTPS tell of them."""

from __future__ import annotations

import json
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from glue_provider.entries import Settings, entry, life

_PATIENCE = 5
"""Seconds for one service."""
_LARGEST = 2**20
_STORAGE = "webdav"

_CAPABILITIES = {
    _STORAGE: "data.access.flatfiles",
    "org.openstack.keystone": "security.authentication",
    "org.openstack.swift": "data.access.flatfiles",
}


@dataclass(frozen=True)
class Asked:
    """What a service said of itself."""

    answers: bool
    version: str


def ask(service: Mapping[str, str]) -> Asked:
    """Ask a service whether it is there, and which version of its software it is.

    Any status below 500 is an answer: to refuse who brings no token is right.
    """
    url = service["endpoint"]
    if service["type"] == "org.openstack.swift":
        url = f"{url.rpartition('/')[0]}/info"
    context = ssl.create_default_context()
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE, context=context) as answer:  # noqa: S310
            return Asked(True, _version(answer.headers, answer.read(_LARGEST)))
    except urllib.error.HTTPError as answer:
        return Asked(answer.code < 500, _version(answer.headers, b""))
    except OSError:
        return Asked(False, "unknown")


def entries(
    service: Mapping[str, str], asked: Asked, *, group: str, settings: Settings
) -> Iterator[str]:
    """Yield a service with its endpoint; of a storage, also its share."""
    is_storage = service["type"] == _STORAGE
    kind = "Storage" if is_storage else ""
    port = urlsplit(service["endpoint"]).port or 443
    place = f"{service['host']}:{port}"
    ids = {part: f"urn:ogf:{kind}{part}:{place}" for part in ("Service", "Endpoint", "Share")}
    at, common = f"GLUE2ServiceID={ids['Service']},{group}", life(settings)
    classes = {part: [f"GLUE2{part}"] for part in ids}
    if is_storage:
        classes = {part: [*names, f"GLUE2Storage{part}"] for part, names in classes.items()}
    state = "production" if asked.answers else "closed"
    yield entry(
        at,
        classes["Service"],
        ServiceID=ids["Service"],
        EntityName=service["host"],
        ServiceType=service["type"],
        ServiceCapability=_CAPABILITIES[service["type"]],
        ServiceQualityLevel="testing",
        ServiceAdminDomainForeignKey=settings["site"],
        **common,
    )
    yield entry(
        f"GLUE2EndpointID={ids['Endpoint']},{at}",
        classes["Endpoint"],
        EndpointID=ids["Endpoint"],
        EndpointURL=service["endpoint"],
        EndpointCapability=_CAPABILITIES[service["type"]],
        EndpointInterfaceName=service["type"],
        EndpointImplementationName=service["implementation"],
        EndpointImplementationVersion=asked.version,
        EndpointQualityLevel="testing",
        EndpointHealthState="ok" if asked.answers else "critical",
        EndpointServingState=state,
        EndpointIssuerCA=settings["issuer_ca"],
        EndpointServiceForeignKey=ids["Service"],
        StorageEndpointStorageServiceForeignKey=ids["Service"] if is_storage else None,
        **common,
    )
    policy = f"{ids['Endpoint']}:access"
    yield entry(
        f"GLUE2PolicyID={policy},GLUE2EndpointID={ids['Endpoint']},{at}",
        ["GLUE2Policy", "GLUE2AccessPolicy"],
        PolicyID=policy,
        PolicyScheme="org.glite.standard",
        PolicyRule=[f"VO:{vo}" for vo in settings["vos"]],
        PolicyUserDomainForeignKey=list(settings["vos"]),
        AccessPolicyEndpointForeignKey=ids["Endpoint"],
        **common,
    )
    if is_storage:
        yield entry(
            f"GLUE2ShareID={ids['Share']},{at}",
            classes["Share"],
            ShareID=ids["Share"],
            StorageShareServingState=state,
            StorageShareSharingID="dedicated",
            StorageShareAccessLatency="online",
            StorageShareRetentionPolicy="replica",
            StorageShareExpirationMode="neverexpire",
            StorageSharePath=urlsplit(service["endpoint"]).path,
            ShareServiceForeignKey=ids["Service"],
            ShareEndpointForeignKey=ids["Endpoint"],
            StorageShareStorageEndpointForeignKey=ids["Endpoint"],
            StorageShareStorageServiceForeignKey=ids["Service"],
            **common,
        )


def _version(headers: Any, body: bytes) -> str:
    """Return a version as a service tells it: in a document of OpenStack, or in the header `Server`."""
    try:
        told = json.loads(body)
    except ValueError:
        told = {}
    for document in ("swift", "version"):
        found = told.get(document, {}) if isinstance(told, dict) else {}
        if isinstance(found, dict) and (version := found.get("version") or found.get("id")):
            return str(version)
    found_ = re.search(r"/v?(\d[\w.+~-]*)", headers.get("Server", ""))
    return found_[1] if found_ else "unknown"
