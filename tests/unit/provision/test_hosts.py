"""When a host that runs is left alone, and when it is started anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from docker.models.containers import Container

from harness import inventory
from harness.model import Testbed
from harness.provision import hosts, labels

KEY = "0123456789abcdef"

MORE = """\
egi:
  children:
    more:
      hosts:
        se.more.test: {site: MORE, address: 127.111.1.130, testbed_roles: [trust, xrootd]}
"""


@dataclass
class Running:
    """A container, as the engine lists it."""

    names: list[str] | None
    status: str = "running"
    labels: dict[str, str] = field(default_factory=lambda: {labels.KEY: KEY})

    @property
    def attrs(self) -> dict[str, Any]:
        return {"HostConfig": {"ExtraHosts": self.names}}


def is_left_alone(container: Running, testbed: Testbed) -> bool:
    return hosts.runs(cast("Container", container), testbed, key=KEY)


@pytest.fixture
def testbed(inventory_folder: Path) -> Testbed:
    return inventory.load(inventory_folder).testbed


@pytest.fixture
def names(testbed: Testbed) -> list[str]:
    return [f"{host.name}:{host.address}" for host in testbed.hosts if host.address]


def test_a_host_of_the_same_snapshot_is_left_alone(testbed: Testbed, names: list[str]) -> None:
    assert is_left_alone(Running(names[::-1]), testbed)


def test_a_host_of_another_snapshot_is_not(testbed: Testbed, names: list[str]) -> None:
    assert not is_left_alone(Running(names, labels={labels.KEY: "another"}), testbed)


def test_a_host_that_has_ended_is_not(testbed: Testbed, names: list[str]) -> None:
    assert not is_left_alone(Running(names, status="exited"), testbed)


def test_a_host_that_does_not_know_a_new_one_by_name_is_not(
    inventory_folder: Path, names: list[str]
) -> None:
    """A site was added: users would not find it from a workstation that is older."""
    (inventory_folder / "more.yml").write_text(MORE)
    assert not is_left_alone(Running(names), inventory.load(inventory_folder).testbed)


def test_a_host_that_knows_no_names_at_all_is_not(testbed: Testbed) -> None:
    assert not is_left_alone(Running(None), testbed)


def test_a_host_without_roles_is_no_container(inventory_folder: Path) -> None:
    """Its address is another host's, or somebody else runs it."""
    (inventory_folder / "more.yml").write_text(
        MORE.replace("[trust, xrootd]", "[]").replace("se.more", "alias.more")
    )
    testbed = inventory.load(inventory_folder).testbed
    assert testbed.host("alias.more.test").connection in hosts.CONNECTIONS
    mine = {host.name for host in hosts.of_containers(testbed)}
    assert "alias.more.test" not in mine
    assert "se.egi.test" in mine
