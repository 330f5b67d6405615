"""Which hosts belong to the full extent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness import inventory

Refused = Callable[..., str]
Changed = Callable[[str, str, str], None]

HEAVY = "{testbed_roles: [ui], extent: full}"


def test_a_host_is_of_the_core_unless_the_inventory_says_otherwise(
    folder: Path, changed: Changed
) -> None:
    changed("hosts.yml", "{testbed_roles: [ui]}", HEAVY)
    testbed = inventory.load(folder).testbed
    everyone = {host.name for host in testbed.hosts}
    assert everyone - {host.name for host in testbed.hosts_of("core")} == {"ui.north.test"}
    assert {host.name for host in testbed.hosts_of("full")} == everyone
    heavy = testbed.beyond("core", ["se.north.test", "ui.north.test"])
    assert heavy is not None
    assert heavy.name == "ui.north.test"
    assert testbed.beyond("full", ["ui.north.test"]) is None


def test_a_proof_of_the_core_starts_no_heavy_mutant(folder: Path) -> None:
    testbed = inventory.load(folder).testbed
    light = testbed.hosts[0].model_copy(update={"name": "open.se.north.test", "mutant": True})
    heavy = light.model_copy(update={"name": "open.ce.north.test", "extent": "full"})
    testbed = testbed.model_copy(update={"mutants": (light, heavy)})
    assert testbed.hosts_of("core", mutants=True) == (*testbed.hosts, light)
    assert testbed.hosts_of("full", mutants=True) == (*testbed.hosts, light, heavy)
    assert testbed.hosts_of("full") == testbed.hosts


def test_a_misspelt_extent_is_told(refused: Refused, changed: Changed) -> None:
    changed("hosts.yml", "{testbed_roles: [ui]}", HEAVY.replace("full", "ful"))
    assert "host ui.north.test: extent: " in refused()
