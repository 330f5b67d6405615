"""A broken inventory is refused with the place of the fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import inventory
from harness.errors import ExitCode, InventoryError


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def fault(folder: Path) -> str:
    with pytest.raises(InventoryError) as caught:
        inventory.load(folder)
    assert caught.value.exit_code is ExitCode.USAGE
    return str(caught.value)


def test_a_good_one_becomes_the_model(inventory_folder: Path) -> None:
    loaded = inventory.load(inventory_folder)
    assert loaded.testbed.name == "unit"
    assert [i.name for i in loaded.testbed.infrastructures] == ["egi", "cstcloud"]
    assert {s.name for s in loaded.testbed.sites} == {"EGI-TWIN", "CSTCLOUD-TWIN"}
    assert "testbed_roles" in loaded.variables["se.egi.test"]


def test_what_is_missing_is_named_and_what_is_there_too(inventory_folder: Path) -> None:
    said = fault(inventory_folder.parent / "twinn")
    assert "twinn: this inventory does not exist" in said
    assert str(inventory_folder) in said


def test_broken_yaml_names_its_file_and_line(inventory_folder: Path) -> None:
    path = inventory_folder / "group_vars" / "all.yml"
    path.write_text("testbed_name: [twin\nother: 1\n")
    assert f"{path}:2: did not find expected ',' or ']'" in fault(inventory_folder)


def test_a_broken_hosts_file_is_named(inventory_folder: Path) -> None:
    (inventory_folder / "hosts.yml").write_text("all:\n  children: [\n")
    assert f"{inventory_folder}/hosts.yml:3: did not find" in fault(inventory_folder)


def test_an_unknown_host_group_is_named_with_its_host(inventory_folder: Path) -> None:
    path = inventory_folder / "hosts.yml"
    path.write_text(path.read_text() + "    spares:\n      hosts:\n        spare.egi.test:\n")
    said = fault(inventory_folder)
    assert "unknown host group `spares`" in said
    assert "spare.egi.test" in said


def test_an_unknown_service_type_is_named_with_its_host(inventory_folder: Path) -> None:
    change(inventory_folder / "hosts.yml", "type: org.nordugrid.arex", "type: org.nordugrid.arx")
    said = fault(inventory_folder)
    assert "host ce.egi.test: services[0]: unknown service type" in said
    assert "org.nordugrid.arx" in said


def test_two_hosts_with_one_address_are_named(inventory_folder: Path) -> None:
    change(inventory_folder / "hosts.yml", "address: 127.111.1.30", "address: 127.111.1.40")
    said = fault(inventory_folder)
    assert "se.egi.test" in said
    assert "ce.egi.test" in said
    assert "the same address 127.111.1.40" in said


def test_an_address_outside_its_network_is_named(inventory_folder: Path) -> None:
    change(inventory_folder / "hosts.yml", "address: 127.111.1.30", "address: 127.111.2.31")
    said = fault(inventory_folder)
    assert "host se.egi.test: address 127.111.2.31 lies outside egi's network" in said


def test_an_unknown_role_is_named_with_those_that_are_known(inventory_folder: Path) -> None:
    change(inventory_folder / "hosts.yml", "slurm, arc", "slrum, arc")
    said = fault(inventory_folder)
    assert "unknown role `slrum`" in said
    assert "slurm" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    signing_alg: ES256", "    signing_alg: HS256", "signing_alg"),
        ("    vo: vo.interop.egi.eu\n", "", "vo: Field required"),
        ("    title: EGI\n", "    titel: EGI\n", "titel: Extra inputs are not permitted"),
        ("kind: suspended", "kind: asleep", "members.3.kind"),
        (
            '    ops_entitlement: "urn:mace:egi.eu:group:ops:role=member#aai.egi.eu"\n',
            "",
            "a member of kind `monitor` needs `ops_entitlement`",
        ),
        ("token_lifetime: 1200", "token_lifetime: long", "token_lifetime"),
        ("testbed_name: unit\n", "", "name"),
    ],
)
def test_a_wrong_key_is_named(inventory_folder: Path, old: str, new: str, said: str) -> None:
    change(inventory_folder / "group_vars" / "all.yml", old, new)
    assert said in fault(inventory_folder)


SECOND_SITE = """\
egi:
  children:
    second:
      vars: {site: SECOND}
      hosts:
        se.second.example: {address: 127.111.1.31, testbed_roles: []}
"""


def test_a_second_site_is_not_taken_for_the_first(inventory_folder: Path) -> None:
    """Ansible prefers a file of group_vars to the `vars` of a group below: that is refused, not obeyed."""
    (inventory_folder / "second.yml").write_text(SECOND_SITE)
    assert inventory.load(inventory_folder).testbed.host("se.second.example").site == "SECOND"
    with (inventory_folder / "group_vars" / "egi.yml").open("a") as file:
        file.write("site: EGI-TWIN\n")
    said = fault(inventory_folder)
    assert "host se.second.example: its group second names the site SECOND" in said
    assert "names EGI-TWIN, which takes precedence in Ansible" in said


def test_a_host_may_name_a_site_of_its_own(inventory_folder: Path) -> None:
    """Whatever its groups and their files say."""
    with (inventory_folder / "group_vars" / "egi.yml").open("a") as file:
        file.write("site: EGI-TWIN\n")
    own = "egi: {hosts: {se.second.example: {address: 127.111.1.31, testbed_roles: [], site: SECOND}}}\n"
    (inventory_folder / "second.yml").write_text(own)
    assert inventory.load(inventory_folder).testbed.host("se.second.example").site == "SECOND"
