"""What lies about in an inventory's folder: left out as Ansible does, or refused by its name."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import inventory

from .conftest import INI

Refused = Callable[..., str]


def names(path: Path) -> set[str]:
    return {host.name for host in inventory.load(path).testbed.hosts}


@pytest.fixture
def hosts(folder: Path) -> set[str]:
    return names(folder)


@pytest.mark.parametrize(
    "name",
    [
        ".#south.yml", ".hosts.yml.swp", ".hosts.yml.swo", "hosts.yml~", "hosts.yml.bak", "hosts.yml.orig",
        "hosts.yml.rej", "#hosts.yml#", "hosts.yml.rpmsave", "hosts.yml.dpkg-old", "hosts.yml.tmp",
        "README.md", "notes.txt", ".git", "agreement.yaml",
        "group_vars/.#all.yml", "group_vars/north.yml~", "group_vars/north.yml.orig",
        "group_vars/.north.yml.swp",
    ],
)  # fmt: skip
def test_what_editors_and_people_leave_is_left_out(
    folder: Path, hosts: set[str], name: str
) -> None:
    (folder / name).write_bytes(b"\xff\x00 {[ no inventory")
    assert names(folder) == hosts


@pytest.mark.parametrize("name", [".#hosts.yml", "group_vars/.#north.yml", "hosts.yml~"])
def test_a_lock_of_emacs_leads_nowhere_and_is_left_out(
    folder: Path, hosts: set[str], name: str
) -> None:
    (folder / name).symlink_to("lin@desk.example.4711:1764400000")
    assert names(folder) == hosts


def test_a_folder_in_which_nothing_names_a_host_is_left_out(folder: Path, hosts: set[str]) -> None:
    (folder / "archive.yml").mkdir()
    (folder / "old" / "deep").mkdir(parents=True)
    (folder / "old" / "README.md").write_text("gone\n")
    assert names(folder) == hosts


def test_hosts_in_a_folder_below_are_read_as_by_ansible(folder: Path, hosts: set[str]) -> None:
    (folder / "more").mkdir()
    (folder / "more" / "se.yml").write_text(
        "north: {hosts: {se2.north.test: {testbed_roles: []}}}\n"
    )
    assert names(folder) == {*hosts, "se2.north.test"}


def test_pipes_and_sockets_are_refused_and_nobody_waits_for_them(
    folder: Path, refused: Refused
) -> None:
    for name in ("pipe.yml", "group_vars/north", "group_vars/all"):
        os.mkfifo(folder / name)
        if name != "pipe.yml":
            (folder / f"{name}.yml").unlink()
        assert (
            refused()
            == f"{folder / name}: is a pipe, but a file is expected. Remove it, or name another."
        )
        (folder / name).unlink()


def test_a_socket_is_refused(
    folder: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("agent")
        assert refused().startswith(f"{folder / 'agent'}: is a socket, ")


def test_the_inventory_itself_may_be_no_pipe(folder: Path, refused: Refused) -> None:
    os.mkfifo(folder / "pipe")
    assert "is a pipe" in refused(folder / "pipe")


@pytest.mark.parametrize("name", ["old.yml", "group_vars/north", "group_vars/all/more.yml"])
def test_a_link_that_leads_nowhere_is_told(folder: Path, refused: Refused, name: str) -> None:
    if name == "group_vars/all/more.yml":
        (folder / "group_vars" / "all").mkdir()
        (folder / "group_vars" / "all.yml").rename(folder / "group_vars" / "all" / "a.yml")
    if name == "group_vars/north":
        (folder / "group_vars" / "north.yml").unlink()
    (folder / name).symlink_to("../gone.yml")
    assert (
        refused()
        == f"{folder / name}: is a link that leads nowhere (to ../gone.yml). Remove or mend it."
    )


def test_links_that_loop_are_told(folder: Path, refused: Refused) -> None:
    (folder / "itself").symlink_to("itself")
    assert refused() == f"{folder / 'itself'}: is a link that leads to itself. Remove it."
    (folder / "itself").unlink()
    (folder / "sub").mkdir()
    (folder / "sub" / "up").symlink_to("..")
    assert f"{folder / 'sub' / 'up'}: is a link that leads back to {folder}." in refused()


def test_a_link_to_a_file_elsewhere_is_followed(folder: Path, hosts: set[str]) -> None:
    (folder / "hosts.yml").rename(folder.parent / "kept.yml")
    (folder / "hosts.yml").symlink_to("../kept.yml")
    assert names(folder) == hosts


def test_an_unreadable_file_is_named(
    folder: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Path.read_bytes

    def read(path: Path) -> bytes:
        if path.name == "south.yml":  # root may read everything
            raise PermissionError(13, "Permission denied", str(path))
        return before(path)

    monkeypatch.setattr(Path, "read_bytes", read)
    assert refused() == (
        f"{folder / 'group_vars' / 'south.yml'}: cannot be read: permission denied. Let the user who runs "
        "`testbed` read it."
    )


@pytest.mark.parametrize("text", ["", "\n\n", "# hosts\n", "---\n", "---\n# none\n", "{}\n"])
@pytest.mark.parametrize("name", ["hosts.yml", "more.yaml"])
def test_a_file_of_hosts_in_which_nothing_is_is_refused(
    folder: Path, refused: Refused, name: str, text: str
) -> None:
    (folder / name).write_text(text)
    said = refused()
    assert said.startswith(f"{folder / name}: ")
    assert "so it defines no host. Put the hosts there, or remove the file." in said


@pytest.mark.parametrize("text", ["", "# none\n", "---\n", "{}\n", "null\n"])
def test_a_file_of_variables_may_be_empty(folder: Path, hosts: set[str], text: str) -> None:
    (folder / "host_vars").mkdir()
    (folder / "host_vars" / "se.north.test.yml").write_text(text)
    assert names(folder) == hosts


def test_variables_of_a_host_are_read(folder: Path) -> None:
    (folder / "host_vars" / "ui.south.test").mkdir(parents=True)
    (folder / "host_vars" / "ui.south.test" / "ssh").write_text("ansible_user: ada\n")
    (folder / "host_vars" / "se.north.test").write_text("ansible_user: lin\n")
    testbed = inventory.load(folder).testbed
    assert testbed.host("ui.south.test").user == "ada"
    assert testbed.host("se.north.test").user == "lin"


@pytest.mark.parametrize("given", ["- a\n- b\n", "just words\n", "7\n"])
def test_variables_that_are_no_mapping_are_told(folder: Path, refused: Refused, given: str) -> None:
    (folder / "group_vars" / "south.yml").write_text(given)
    said = refused()
    assert said.startswith(f"{folder / 'group_vars' / 'south.yml'}:1: a mapping is expected")


def test_of_two_files_for_one_group_ansible_reads_one_so_that_is_refused(
    folder: Path, refused: Refused
) -> None:
    (folder / "group_vars" / "all").mkdir()
    (folder / "group_vars" / "all" / "x.yml").write_text("a: 1\n")
    said = refused()
    assert said.startswith(
        f"{folder / 'group_vars' / 'all.yml'}: all exists too, and Ansible reads only one"
    )


def test_a_misspelt_file_of_variables_is_told(folder: Path, refused: Refused) -> None:
    (folder / "group_vars" / "south.yml").rename(folder / "group_vars" / "soutn.yml")
    said = refused()
    assert said.startswith(
        f"{folder / 'group_vars' / 'soutn.yml'}: there is no group or host 'soutn'"
    )
    assert "similar: south. Rename the file." in said


def test_group_vars_that_is_a_file_is_told(folder: Path, refused: Refused) -> None:
    (folder / "host_vars").write_text("a: 1\n")
    assert refused().startswith(
        f"{folder / 'host_vars'}: is a file, so Ansible ignores it. Make it a"
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1", "gbk", "cp1252"])
@pytest.mark.parametrize(
    "name", ["hosts.yml", "group_vars/south.yml", "more.ini", "group_vars/all.yml"]
)
def test_another_encoding_is_told_with_its_file(
    folder: Path, refused: Refused, encoding: str, name: str
) -> None:
    word = {"gbk": "联系人"}.get(encoding, "Müñoz")
    before = (folder / name).read_text() if (folder / name).exists() else INI
    (folder / name).write_bytes(f"# {word}\n{before}".encode(encoding))
    said = refused()
    assert said.startswith(f"{folder / name}:")
    assert "UTF-" in said or "character" in said


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"# \xe8\x81\x94\xe7\xb3\xbb \xf0\x9f\xa6\x8a\n" + data,
        lambda data: b"---\n" + data + b"...\n",
    ],
)
def test_other_ways_to_write_the_same_are_read(
    folder: Path, hosts: set[str], change: Callable[[bytes], bytes]
) -> None:
    for file in folder.rglob("*.yml"):
        file.write_bytes(change(file.read_bytes()))
    assert names(folder) == hosts


def test_a_name_with_blanks_commas_and_other_letters_is_a_name(
    folder: Path, hosts: set[str]
) -> None:
    odd = folder.parent / "mes sites, été 网 {x}"
    folder.rename(odd)
    assert names(odd) == hosts
    assert names(odd / "hosts.yml") == hosts


@pytest.mark.parametrize("given", ["{f},{f}", "a.test,b.test", "a.test,"])
def test_a_list_of_inventories_is_refused(folder: Path, given: str) -> None:
    with pytest.raises(
        inventory.InventoryError, match="is a list, but exactly one inventory is expected"
    ):
        inventory.load(Path(given.format(f=folder)))


@pytest.mark.parametrize("given", ["x" * 300, "a\0b", "hosts.yml/x"])
def test_what_can_be_no_path_is_refused(folder: Path, given: str) -> None:
    with pytest.raises(inventory.InventoryError):
        inventory.load(folder / given)
