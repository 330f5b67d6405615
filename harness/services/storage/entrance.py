"""Where a token of home opens a storage."""

from __future__ import annotations

from collections.abc import Iterator

from harness.engine.containment import Entrance
from harness.kinds import Fixture
from harness.model import Service, Site
from harness.services.issuer.tokens import Token
from harness.services.storage.client import FULL_SCOPE
from harness.services.storage.fixtures import File, Storages
from harness.services.storage.kind import WEBDAV


def entrances(site: Site, *, fixture: Fixture) -> Iterator[Entrance[Token]]:
    """Yield the WebDAV endpoints of a site from which one may read: a stored file opens."""
    for service in site.services:
        if service.type == WEBDAV and "read" in service.capabilities:
            storage: Storages = fixture("storage")
            area = storage.at(service)
            yield _entrance(service, area.put("1 KiB", by=area.owner))


def _entrance(service: Service, file: File) -> Entrance[Token]:
    return Entrance(service, FULL_SCOPE, lambda token: file.get(by=token))
