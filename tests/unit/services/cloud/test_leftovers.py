"""Containers that a killed run has left are found by their names, and removed with their objects."""

from __future__ import annotations

from typing import Any

from harness.answer import Answer
from harness.model import Service
from harness.services.cloud import leftovers as module
from harness.services.cloud.leftovers import leftovers
from tests.unit.services.cloud.test_client import SCOPED, VALUE, KeystoneToken, answer

OURS = "interop-testbed-0123456789ab"
KEYSTONE = Service(
    type="org.openstack.keystone",
    endpoint="https://cloud.test:5000/v3",
    implementation="keystone",
    host="cloud.test",
    site="A",
    infrastructure="a",
    token_profile="wlcg",
)


class Swift:
    """An object store, as a client of HTTP; a container that is not empty stays."""

    def __init__(self) -> None:
        self.containers = {OURS: {"x", "y"}, "theirs": {"z"}}

    def http(self, _: str) -> Swift:
        return self

    def request(self, method: str, url: str, **_: Any) -> Answer:
        path = url.removeprefix("https://outside.test/v1").strip("/")
        container, _slash, name = path.partition("/")
        status, body = 200, ""
        if method == "GET":
            body = "\n".join(sorted(self.containers[container] if container else self.containers))
        elif name:
            self.containers[container].remove(name)
        elif self.containers[container]:
            status = 409
        else:
            del self.containers[container]
        return Answer(
            what=f"{method} {url}",
            status=status,
            ok=status < 300,
            denied=False,
            body=body.encode(),
        )


class Entered:
    """A Keystone that lets everybody in."""

    def __init__(self, service: Service, **_: Any) -> None:
        self.terms = type("Terms", (), {"region": None})

    def enter(self, token: object) -> KeystoneToken:
        return answer(201, {"token": SCOPED}, x_subject_token=VALUE).token


def test_a_container_of_ours_goes_with_its_objects(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "Keystone", Entered)
    swift: Any = Swift()
    user: Any = type("User", (), {"token": lambda *_: "token"})()
    home: Any = type("Home", (), {"name": "a"})
    (one,) = leftovers(KEYSTONE, user=user, home=home, workstations=swift)
    assert one.what == OURS
    one.remove()
    assert swift.containers == {"theirs": {"z"}}
    store = KEYSTONE.model_copy(update={"type": "org.openstack.swift"})
    assert list(leftovers(store, user=user, home=home, workstations=swift)) == []
