"""How long a token goes on opening services after its user was suspended: the containment time.

Services that verify tokens off-line learn nothing of a suspension, so the end of the token bounds it.
"""

from __future__ import annotations

import pkgutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import pytest
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from harness.answer import Answer
from harness.kinds import Fixture, registry
from harness.model import Route, Service, Site, Testbed

CLOCKS = 60
"""Seconds by which the clock of a service may differ from the issuer's (WLCG Token Profile 1.3, 4.3.1)."""

TIME = "containment time"
"""What the figures are called in reports."""

_POLL = 1.0


Token = TypeVar("Token")
"""What opens: a token of home."""


@dataclass(frozen=True, eq=False)
class Entrance(Generic[Token]):
    """A service of the resource that accepts a token of the home.

    `open` makes the least request that the token is asked for.
    """

    service: Service
    scope: str
    open: Callable[[Token], Answer]
    gives: str = ""
    """What the service issues in exchange for the token, such as a session, which may outlive it.
    Empty if nothing.
    """
    give: Callable[[Token], Callable[[], Answer]] | None = None
    """Gets it, and returns a function that tries whether it is still accepted."""

    @property
    def audience(self) -> str | None:
        """The audience of a token for this service."""
        return self.service.audience

    def __str__(self) -> str:
        return self.service.endpoint


class Entrances(Protocol):
    """What a kind of service brings: a function that lists what opens to a token at a site."""

    def __call__(self, site: Site, *, fixture: Fixture) -> Iterable[Entrance[Any]]:
        """Return the entrances of a site, ready to be opened; `fixture` returns a fixture of the test."""
        ...


@pytest.fixture
def entrances(
    request: pytest.FixtureRequest, route: Route, testbed: Testbed
) -> Sequence[Entrance[Any]]:
    """The services of the resource that accept a token, of every kind, in the extent of the run."""
    extent = request.config.option.extent
    names = [kind.entrances for kind in registry() if kind.entrances]
    functions: list[Entrances] = [pkgutil.resolve_name(name) for name in names]
    return [
        entrance
        for function in functions
        for entrance in function(route.resource, fixture=request.getfixturevalue)
        if not testbed.beyond(extent, [entrance.service.host])
    ]


def watch(
    held: Mapping[Entrance[Token], Token], *, patience: float
) -> dict[Entrance[Token], float]:
    """Ask at each entrance every second until it refuses; return for each when that was, of those that did.

    It is the time at which the first refused request was sent: by then the token opened nothing.
    """
    refused: dict[Entrance[Token], float] = {}

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
