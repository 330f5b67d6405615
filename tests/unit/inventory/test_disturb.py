"""Which hosts scenarios may disturb."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import inventory

Refused = Callable[..., str]
Changed = Callable[[str, str, str], None]


@pytest.mark.parametrize(
    ("variables", "may"),
    [
        ("ansible_connection: docker", True),
        ("ansible_connection: docker\ndisturb: false", False),
        ("ansible_connection: ssh", False),
        ("ansible_connection: local", False),
        ("ansible_connection: ssh\ndisturb: true", True),
    ],
)
def test_a_container_alone_may_be_disturbed_unless_the_inventory_says_otherwise(
    folder: Path, variables: str, may: bool
) -> None:
    with (folder / "group_vars" / "all.yml").open("a") as file:
        file.write(f"\n{variables}\n")
    assert {one.disturb for one in inventory.load(folder).testbed.hosts} == {may}


def test_whether_a_host_may_be_disturbed_is_true_or_false(
    refused: Refused, changed: Changed
) -> None:
    changed("hosts.yml", "{testbed_roles: [ui]}", "{testbed_roles: [ui], disturb: perhaps}")
    assert "disturb: true or false is expected (found 'perhaps')" in refused()
