"""Where a token of home opens a cloud, and what the cloud gives in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.answer import Answer
from harness.engine.containment import Entrance
from harness.kinds import Fixture
from harness.model import Service, Site
from harness.services.cloud.fixtures import Cloud, Clouds
from harness.services.cloud.kind import KEYSTONE
from harness.services.issuer.client import SCOPE
from harness.services.issuer.tokens import Token


def entrances(site: Site, *, fixture: Fixture) -> Iterator[Entrance[Token]]:
    """Yield the Keystones of a site: a login opens, and gives a Keystone token."""
    for service in site.services:
        if service.type == KEYSTONE:
            clouds: Clouds = fixture("cloud")
            yield _entrance(service, clouds.at(site.only(service, of=(KEYSTONE,))))


def _entrance(service: Service, cloud: Cloud) -> Entrance[Token]:
    def give(token: Token) -> Callable[[], Answer]:
        given = cloud.enter(by=token)
        return lambda: cloud.keystone.show(given)

    return Entrance(
        service, SCOPE, lambda token: cloud.login(by=token), gives="Keystone token", give=give
    )
