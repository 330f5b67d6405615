"""What is listed as a mutant is made, and what is made is listed."""

from __future__ import annotations

from pathlib import Path

import yaml
from gateway.faults import ENTRY_FAULTS, FAULTS

from harness import mutants
from harness.mutants.routes import GATEWAY

INVENTORY = Path(__file__).resolve().parents[3] / "inventories" / "twin" / "mutants.yml"


def test_every_mutant_is_made_and_nothing_is_made_that_is_no_mutant() -> None:
    """A gateway's fault, or a host of the twin's inventory, stands behind every id."""
    hosts = yaml.safe_load(INVENTORY.read_text())["all"]["children"]["mutants"]["hosts"]
    named = {host.partition(".")[0] for host in hosts} - {GATEWAY}

    assert {mutant.id for mutant in mutants.load()} == {*FAULTS, *named}


def test_every_address_of_a_gateway_has_a_fault_of_directories() -> None:
    """A mutant without roles is an address of its gateway, whose name says the fault."""
    children = yaml.safe_load(INVENTORY.read_text())["all"]["children"]["infrastructures"]
    addresses = [
        (host, facts["address"])
        for infrastructure in children["children"].values()
        for host, facts in infrastructure["hosts"].items()
        if not facts["testbed_roles"]
    ]
    assert {host.partition(".")[0] for host, _ in addresses} == {*ENTRY_FAULTS, "closed"}
    assert len({address for _, address in addresses}) == len(addresses)
