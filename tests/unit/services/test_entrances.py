"""Each kind of service lists what opens to a token at a site, and asks for its fixtures only then."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness import inventory
from harness.engine.containment import Entrance
from harness.model import Site
from harness.services.cloud import entrance as cloud
from harness.services.compute import entrance as compute
from harness.services.issuer.tokens import Token
from harness.services.storage import entrance as storage

TOKEN = Token("e30.e30.c2lnbmF0dXJl")


@pytest.fixture(scope="module")
def site() -> Site:
    testbed = inventory.load(Path(__file__).parents[3] / "inventories" / "twin").testbed
    return testbed.home_site("cstcloud")


class World:
    """Stands for the fixtures of a scenario; every request is named in its answer."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fixture(self, name: str) -> Any:
        self.asked.append(name)
        return self

    def at(self, *_: object, **__: object) -> Any:
        file = SimpleNamespace(get=lambda by: f"file by {by.value}")
        return SimpleNamespace(
            owner=None,
            put=lambda size, by: file,
            login=lambda by: f"login by {by.value}",
            enter=lambda by: f"Keystone token of {by.value}",
            keystone=SimpleNamespace(show=lambda given: f"show {given}"),
            SCOPE="compute.read",
            listing=lambda token: f"jobs of {token.value}",
        )


Entrances = Callable[..., Iterable[Entrance[Token]]]


@pytest.mark.parametrize(
    ("entrances", "fixture", "types", "opened"),
    [
        (storage.entrances, "storage", {"webdav"}, "file by "),
        (cloud.entrances, "cloud", {"org.openstack.keystone"}, "login by "),
        (compute.entrances, "compute", {"org.opensciencegrid.htcondorce"}, "jobs of "),
    ],
)
def test_a_kind_lists_its_own_services(
    site: Site, entrances: Entrances, fixture: str, types: set[str], opened: str
) -> None:
    world = World()
    found = list(entrances(site, fixture=world.fixture))
    assert {entrance.service.type for entrance in found} == types
    assert {entrance.open(TOKEN) for entrance in found} == {f"{opened}{TOKEN.value}"}
    assert set(world.asked) == {fixture}

    nothing = site.model_copy(update={"services": ()})
    assert list(entrances(nothing, fixture=World().fixture)) == []


def test_what_a_cloud_gives_for_a_token_is_looked_at_later(site: Site) -> None:
    (found,) = cloud.entrances(site, fixture=World().fixture)
    assert found.gives == "Keystone token"
    assert found.give is not None
    assert found.give(TOKEN)() == f"show Keystone token of {TOKEN.value}"
