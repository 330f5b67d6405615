"""What Ansible loses, with a warning or without a word, is refused with its file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import inventory

from .conftest import HOSTS, INI

Refused = Callable[..., str]
Changed = Callable[[str, str, str], None]


def test_a_host_that_is_there_twice_is_refused_with_both_lines(
    folder: Path, refused: Refused, changed: Changed
) -> None:
    changed("hosts.yml", "            ui.north.test:", "            se.north.test:")
    assert refused() == (
        f"{folder / 'hosts.yml'}:14: `se.north.test` appears twice, also in line 11, and only the last "
        "would count. Remove one, or rename it."
    )


@pytest.mark.parametrize(
    "case",
    [
        ("hosts.yml", "        south:", "        north:", 15),
        ("hosts.yml", "{testbed_roles: [ui]}", "{testbed_roles: [ui], testbed_roles: [trust]}", 14),
        ("group_vars/all.yml", "  south:", "  north:", 21),
        ("group_vars/all.yml", "    vo: vo.north.test", "    title: vo.north.test", 14),
        ("group_vars/south.yml", "token_profile", "infrastructure_name", 2),
    ],
)
def test_so_is_any_other_key(
    folder: Path, refused: Refused, changed: Changed, case: tuple[str, str, str, int]
) -> None:
    name, old, new, line = case
    changed(name, old, new)
    said = refused()
    assert said.startswith(f"{folder / name}:{line}: `"), said
    assert " appears twice, also in line " in said


def test_a_second_word_on_a_host_in_another_file_is_refused(folder: Path, refused: Refused) -> None:
    (folder / "more.yml").write_text("south: {hosts: {se.north.test: {testbed_roles: [ui]}}}\n")
    said = refused()
    assert (
        "the host se.north.test appears twice: its `testbed_roles` is ['trust'] and ['ui']" in said
    )
    assert str(folder / "more.yml") in said


def test_a_host_may_stand_in_several_groups_and_files(folder: Path) -> None:
    (folder / "more.yml").write_text(
        "storages: {hosts: {se.north.test: {testbed_roles: [trust], quota: 7}, ui.north.test: }}\n"
    )
    testbed = inventory.load(folder).testbed
    assert testbed.host("se.north.test").roles == ("trust",)


@pytest.mark.parametrize(
    "case",
    [
        ("          hosts:\n            aai.south", "          host:\n            aai.south",
         "unknown key 'host'; similar: hosts"),
        ("vars: {site: N-SITE}", "var: {site: N-SITE}",
         "the group `north`: unknown key 'var'; similar: vars"),
        ("      children:\n        north", "      childrn:\n        north",
         "unknown key 'childrn'; similar: children"),
        ("vars: {site: N-SITE}", "site: N-SITE", "the group `north`: unknown key 'site'"),
        ("vars: {site: N-SITE}", "vars: [site]", "`vars` of the group `north` must be a mapping"),
        ("ui.north.test: {testbed_roles: [ui]}", "ui.north.test: ui",
         "the host `ui.north.test` must be a mapping"),
        ("ui.north.test: {testbed_roles: [ui]}", "ui.north.test: [ui]",
         "the host `ui.north.test` must be a mapping"),
        ("all:\n", "all: {}\nnorth: storages\nall2:\n", "the group `north` must be a mapping"),
    ],
)  # fmt: skip
def test_what_is_no_group_is_told_with_its_line(
    folder: Path, refused: Refused, changed: Changed, case: tuple[str, str, str]
) -> None:
    old, new, said = case
    changed("hosts.yml", old, new)
    found = refused()
    assert found.startswith(f"{folder / 'hosts.yml'}:")
    assert said in found


@pytest.mark.parametrize("text", ["- a\n- b\n", "words\n", "7\n"])
def test_a_file_of_hosts_that_is_no_mapping_is_told(
    folder: Path, refused: Refused, text: str
) -> None:
    (folder / "hosts.yml").write_text(text)
    assert refused().startswith(f"{folder / 'hosts.yml'}:1: the file must be a mapping")


def test_what_is_nested_without_end_is_refused_and_kills_nobody(
    folder: Path, refused: Refused
) -> None:
    file = folder / "group_vars" / "south.yml"
    file.write_text("a: " + "[" * 300_000)
    assert refused() == f"{file}:1: is nested more than 60 levels deep. Make it flatter."
    file.write_text("a: &a [1, *a]\n")
    assert refused() == f"{file}:1: contains itself, by an alias (`*`). Remove the alias."
    laughs = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
    file.write_text(f"l0: &l0 [ha]\n{laughs}")
    assert "stands for more than 1000000 values, by its aliases" in refused()


@pytest.mark.parametrize("letter", ["\0", "\x07", "\x1b", "\ufffe"])
def test_a_character_that_yaml_forbids_is_told_with_its_line(
    folder: Path, refused: Refused, letter: str
) -> None:
    file = folder / "group_vars" / "south.yml"
    file.write_text(f"a: 1\nb: x{letter}y\n")
    assert refused() == f"{file}:2: YAML forbids the character 0x{ord(letter):02x}. Remove it."


@pytest.mark.parametrize("where", ["file", "folder", "without an ending"])
def test_an_ini_file_is_read_by_its_name_and_in_its_folder(folder: Path, where: str) -> None:
    (folder / "hosts.yml").unlink()
    file = folder / ("hosts" if where == "without an ending" else "hosts.ini")
    file.write_text(INI)
    testbed = inventory.load(folder if where == "folder" else file).testbed
    assert {site.name for site in testbed.sites} == {"N-SITE", "S-SITE"}
    assert "2222" in testbed.host("ui.north.test").ssh


def test_yaml_without_an_ending_is_looked_at_too(folder: Path, refused: Refused) -> None:
    (folder / "hosts.yml").rename(folder / "hosts")
    assert inventory.load(folder / "hosts").testbed.name == "small"
    (folder / "hosts").write_text(HOSTS.replace("ui.north.test:", "se.north.test:"))
    assert "`se.north.test` appears twice" in refused()


def test_what_is_wrong_in_an_ini_file_is_told_with_file_and_reason(
    folder: Path, refused: Refused
) -> None:
    (folder / "hosts.yml").unlink()
    file = folder / "hosts.ini"
    file.write_text(INI + "\n[south:children]\nsomewhere\n")
    said = refused()
    assert said.startswith(f"{file}: ")
    assert "includes undefined group 'somewhere'" in said
    file.write_text("\ufeff" + INI)
    assert refused().startswith(f"{file}:1: begins with a byte order mark, which Ansible treats as")


def test_json_with_tabs_is_read_as_by_ansible(folder: Path) -> None:
    file = folder / "group_vars" / "south.yml"
    file.write_text('{\n\t"infrastructure_name":\t"south",\n\t"token_profile": "wlcg"\n}\n')
    assert inventory.load(folder).testbed.site("S-SITE").infrastructure == "south"


def test_a_program_that_prints_hosts_is_run(folder: Path) -> None:
    file = folder / "more.sh"
    file.write_text(
        "#!/bin/sh\n# caf\u00e9\n"
        """echo '{"north": {"hosts": ["x.north.test"]}, "_meta": {"hostvars": {"x.north.test":"""
        """ {"testbed_roles": ["trust"]}}}}'\n"""
    )
    file.chmod(0o755)
    assert inventory.load(folder).testbed.host("x.north.test").roles == ("trust",)


def test_a_program_that_fails_is_told(folder: Path, refused: Refused) -> None:
    file = folder / "more.sh"
    file.write_text("#!/bin/sh\necho 'no database' >&2\nexit 3\n")
    file.chmod(0o755)
    said = refused()
    assert str(file) in said
    assert "no database" in said


def test_an_inventory_plugin_is_used(folder: Path) -> None:
    """Of Ansible itself, and of a collection, for which its loader must be made ready."""
    (folder / "made.yml").write_text(
        "plugin: ansible.builtin.constructed\nstrict: true\n"
        "groups: {doors: \"'se.' in inventory_hostname\"}\ncompose: {quota: 1 + 1}\n"
    )
    found = inventory.load(folder)
    assert found.variables["se.north.test"]["quota"] == 2


def test_a_plugin_that_is_not_there_is_told(folder: Path, refused: Refused) -> None:
    (folder / "made.yml").write_text("plugin: nobody.has.this\n")
    said = refused()
    assert str(folder / "made.yml") in said
    assert "nobody.has.this" in said


def test_other_groups_and_hosts_of_the_same_inventory_are_left_alone(folder: Path) -> None:
    (folder / "others.yml").write_text(
        "all: {children: {monitoring: {hosts: {nagios.test: {ansible_user: ada}}},\n"
        "  empty: , idle: {hosts: }}}\n"
    )
    found = inventory.load(folder)
    assert "nagios.test" not in found.variables
    assert "nagios.test" not in {host.name for host in found.testbed.hosts}


@pytest.mark.parametrize(
    "key", ["testbed_roles: [ui]", "services: []", "ansible_connection: docker"]
)
def test_a_host_of_ours_in_another_group_is_told(folder: Path, refused: Refused, key: str) -> None:
    (folder / "others.yml").write_text(f"infrastructure: {{hosts: {{x.test: {{{key}}}}}}}\n")
    assert "unknown host group `infrastructure` (host x.test). Known are `router`" in refused()


def test_what_cannot_be_expanded_is_told_with_host_and_key(
    folder: Path, refused: Refused, changed: Changed
) -> None:
    changed("hosts.yml", "testbed_roles: [trust]", 'testbed_roles: "{{ roles_of_storages }}"')
    said = refused()
    assert said.startswith(f"{folder}: host se.north.test: testbed_roles: ")
    assert "roles_of_storages" in said


def test_ansible_prints_nothing_on_the_way(
    folder: Path, refused: Refused, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "hosts.ini").write_text("[a:children]\nnobody\n")
    refused()
    assert capfd.readouterr() == ("", "")
