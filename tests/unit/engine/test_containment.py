"""Entrances are watched until each refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import inventory
from harness.answer import Answer
from harness.engine import containment
from harness.engine.containment import Entrance, watch
from harness.model import Service, Testbed
from harness.services.issuer.tokens import Token

TOKEN = Token("e30.e30.c2lnbmF0dXJl")


@pytest.fixture
def testbed() -> Testbed:
    return inventory.load(Path(__file__).parents[3] / "inventories" / "twin").testbed


def entrance(service: Service, *statuses: int) -> Entrance:
    """Return one that answers so, and the last for ever."""
    left = list(statuses)

    def opens(_token: Token) -> Answer:
        status = left.pop(0) if len(left) > 1 else left[0]
        return Answer("GET", status, ok=status == 200, denied=status in (401, 403))

    return Entrance(service, "openid", opens)


@pytest.fixture(autouse=True)
def _in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containment, "_POLL", 0.05)


def test_each_is_asked_until_it_refuses(testbed: Testbed) -> None:
    service = testbed.sites[0].service("webdav")
    soon, later = entrance(service, 403), entrance(service, 200, 500, 401)
    found = watch({soon: TOKEN, later: TOKEN}, patience=10)
    assert set(found) == {soon, later}
    assert found[later] - found[soon] >= 0.1, "a crash is no refusal"


def test_who_never_refuses_is_missing(testbed: Testbed) -> None:
    service = testbed.sites[0].service("webdav")
    never, soon = entrance(service, 200), entrance(service, 403)
    assert set(watch({never: TOKEN, soon: TOKEN}, patience=0.2)) == {soon}
