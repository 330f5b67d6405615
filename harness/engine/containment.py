"""How long a token goes on opening services after its user was suspended: the containment time.

Services that verify tokens off-line learn nothing of a suspension, so the end of the token bounds it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pytest
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from harness.answer import Answer
from harness.model import Route, Service
from harness.services.cloud.fixtures import Cloud, Clouds
from harness.services.compute.fixtures import ARC, HTCONDOR, ComputingElements
from harness.services.issuer.client import SCOPE, Token
from harness.services.storage.client import FULL_SCOPE
from harness.services.storage.fixtures import File, Storages

CLOCKS = 60
"""Seconds by which the clock of a service may differ from the issuer's (WLCG Token Profile 1.3, 4.3.1)."""

TIME = "containment time"
"""What the figures are called in reports."""

_POLL = 1.0


@dataclass(frozen=True, eq=False)
class Entrance:
    """A service of the resource that opens to a token of home.

    `open` makes the least request that the token is asked for.
    """

    service: Service
    scope: str
    open: Callable[[Token], Answer]
    gives: str = ""
    """What the service gives in the token's place, which may outlive it; empty where it gives nothing."""
    give: Callable[[Token], Callable[[], Answer]] | None = None
    """Gets it, and returns how to look whether it still opens."""

    @property
    def audience(self) -> str | None:
        """What a token for this service names as its audience."""
        return self.service.audience

    def __str__(self) -> str:
        return self.service.endpoint


@pytest.fixture
def entrances(
    route: Route, storage: Storages, cloud: Clouds, compute: ComputingElements
) -> Sequence[Entrance]:
    """What opens to a token at the resource: storages of each make, the cloud, the computing element."""
    found = []
    for service in route.resource.services:
        if service.type == "webdav" and "read" in service.capabilities:
            area = storage.at(service)
            found.append(_of_storage(service, area.put("1 KiB", by=area.owner)))
        elif service.type == "org.openstack.keystone":
            found.append(_of_cloud(service, cloud.at(route.resource)))
        elif service.type in (ARC, HTCONDOR):
            element = compute.at(route.resource)
            found.append(Entrance(service, element.SCOPE, element.listing))
    return found


def _of_storage(service: Service, file: File) -> Entrance:
    return Entrance(service, FULL_SCOPE, lambda token: file.get(by=token))


def _of_cloud(service: Service, cloud: Cloud) -> Entrance:
    def give(token: Token) -> Callable[[], Answer]:
        given = cloud.enter(by=token)
        return lambda: cloud.keystone.show(given)

    return Entrance(
        service, SCOPE, lambda token: cloud.login(by=token), gives="Keystone token", give=give
    )


def watch(held: Mapping[Entrance, Token], *, patience: float) -> dict[Entrance, float]:
    """Ask at each entrance every second until it refuses; return for each when that was, of those that did.

    It is the time at which the first refused request was sent: by then the token opened nothing.
    """
    refused: dict[Entrance, float] = {}

    def ask() -> bool:
        for entrance, token in held.items():
            if entrance not in refused:
                asked = time.time()
                if entrance.open(token).denied:
                    refused[entrance] = asked
        return len(refused) == len(held)

    # Whoever is missing then has not refused.
    with suppress(RetryError):
        Retrying(
            retry=retry_if_result(lambda done: not done),
            wait=wait_fixed(_POLL),
            stop=stop_after_delay(patience),
        )(ask)
    return refused
