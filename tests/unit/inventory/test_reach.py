"""Ansible's variables for a host become the words of OpenSSH, for checks, commands and logs alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import inventory, shell
from harness.inventory import reach
from harness.model import Host
from harness.provision.backend import PersistentShell

Refused = Callable[..., str]


@pytest.fixture
def host(folder: Path) -> Callable[..., Host]:
    """Load the inventory with variables of one host."""

    def load(**variables: Any) -> Host:
        write(folder, variables)
        return inventory.load(folder).testbed.host("se.north.test")

    return load


def write(folder: Path, variables: dict[str, Any]) -> None:
    (folder / "host_vars").mkdir(exist_ok=True)
    lines = "".join(f"{name}: {json.dumps(value)}\n" for name, value in variables.items())
    (folder / "host_vars" / "se.north.test.yml").write_text(lines)


def words(host: Host, user: str | None = None) -> str:
    return " ".join(shell.reach(host, user))


def test_without_variables_openssh_decides_by_its_own_configuration(
    host: Callable[..., Host],
) -> None:
    assert words(host()) == "ssh -o BatchMode=yes -o ServerAliveInterval=15 se.north.test"


def test_port_key_address_and_user_are_passed_on(host: Callable[..., Host]) -> None:
    found = host(
        ansible_host="192.0.2.44",
        ansible_port=2200,
        ansible_user="debian",
        ansible_ssh_private_key_file="/etc/keys/site key",
        ansible_ssh_executable="/opt/bin/ssh",
        ansible_ssh_timeout=7,
    )
    assert shell.reach(found) == [
        *("/opt/bin/ssh", "-o", "BatchMode=yes", "-p", "2200", "-i", "/etc/keys/site key"),
        *("-o", "ConnectTimeout=7", "-o", "ServerAliveInterval=15", "debian@192.0.2.44"),
    ]


def test_arguments_are_words_of_a_shell_in_the_order_of_ansible(host: Callable[..., Host]) -> None:
    found = host(
        ansible_ssh_extra_args="-4",
        ansible_ssh_common_args="-o ProxyCommand=\"ssh -W %h:%p -q 'jump host'\" -J a,b",
        ansible_ssh_args="-C -o ControlMaster=no",
        ansible_port="22",
    )
    assert shell.reach(found)[3:-3] == [
        *("-C", "-o", "ControlMaster=no", "-p", "22"),
        *("-o", "ProxyCommand=ssh -W %h:%p -q 'jump host'", "-J", "a,b", "-4"),
    ]


def test_values_may_be_made_of_others(folder: Path, host: Callable[..., Host]) -> None:
    found = host(
        jump="j.test",
        ansible_ssh_common_args="-J {{ jump }}",
        ansible_private_key_file="{{ inventory_dir }}/k",
    )
    assert f"-i {folder}/k -J j.test" in words(found)


@pytest.mark.parametrize("name", ["ansible_host_key_checking", "ansible_ssh_host_key_checking"])
@pytest.mark.parametrize(
    ("value", "said"), [(False, "no"), ("no", "no"), (True, "yes"), ("True", "yes")]
)
def test_checks_of_host_keys_are_as_the_inventory_says(
    host: Callable[..., Host], name: str, value: Any, said: str
) -> None:
    assert f"-o StrictHostKeyChecking={said} " in words(host(**{name: value}))


def test_of_two_names_the_later_one_counts_as_in_ansible(host: Callable[..., Host]) -> None:
    found = host(
        ansible_ssh_host="b.test", ansible_host="a.test", ansible_ssh_user="u2", ansible_user="u1",
        ansible_ssh_port=2, ansible_port=1,
    )  # fmt: skip
    assert words(found).endswith("-p 2 -o ServerAliveInterval=15 u2@b.test")


def test_all_names_of_ansible_are_known() -> None:
    """Of the options that we pass on, whatever Ansible calls them today."""
    from ansible import constants
    from ansible.plugins.loader import connection_loader

    connection_loader.get("ssh", class_only=True)
    options = constants.config.get_configuration_definitions("connection", "ssh")
    for ours, theirs in (
        ("target", "host"), ("port", "port"), ("user", "remote_user"), ("key", "private_key_file"),
        ("host keys", "host_key_checking"), ("program", "ssh_executable"), ("timeout", "timeout"),
    ):  # fmt: skip
        listed = [one["name"] for one in options[theirs]["vars"]]
        names = [n for n in listed if n.startswith("ansible_")]
        assert list(reach._NAMES[ours]) == names
    for option in ("password", "private_key", "private_key_passphrase", "pkcs11_provider"):
        assert {one["name"] for one in options[option]["vars"]} <= set(reach._NOT_SAID["ssh"])
    arguments = [
        options[name]["vars"][0]["name"]
        for name in ("ssh_args", "ssh_common_args", "ssh_extra_args")
    ]
    assert list(reach._ARGUMENTS) == arguments


@pytest.mark.parametrize(
    ("more", "own", "other"),
    [
        ({}, "", "sudo -H -n -u researcher --"),
        ({"ansible_become": True}, "sudo -H -n -u root --", "sudo -H -n -u researcher --"),
        ({"ansible_become": "yes", "ansible_become_user": "adm"}, "sudo -H -n -u adm --",
         "sudo -H -n -u researcher --"),
        ({"ansible_become": True, "ansible_become_method": "su"}, "su root -c", "su researcher -c"),
        ({"ansible_become": True, "ansible_become_method": "doas"}, "doas -n -u root --",
         "doas -n -u researcher --"),
        ({"ansible_become": False, "ansible_become_user": "adm"}, "", "sudo -H -n -u researcher --"),
        ({"ansible_become": True, "ansible_become_user": "debian"}, "", "sudo -H -n -u researcher --"),
    ],
)  # fmt: skip
def test_other_rights_are_had_as_the_plays_have_them(
    host: Callable[..., Host], more: dict[str, Any], own: str, other: str
) -> None:
    found = host(ansible_user="debian", **more)
    start = "ssh -o BatchMode=yes -o ServerAliveInterval=15 debian@se.north.test"
    assert words(found) == f"{start} {own}".rstrip()
    assert words(found, "researcher") == f"{start} {other}"
    assert words(found, "debian") == start


def test_health_checks_take_the_same_way(host: Callable[..., Host], tmp_path: Path) -> None:
    """A client of ours stands in for `ssh`: it writes down its words, and is the shell."""
    seen = tmp_path / "seen"
    client = tmp_path / "client"
    client.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {seen}\nexec sh\n')
    client.chmod(0o755)
    found = host(ansible_ssh_executable=str(client), ansible_port=2022, ansible_user="ada")
    with PersistentShell(found) as backend:
        assert backend.run("echo well").stdout == "well\n"
    asked = seen.read_text().split()
    assert asked[2:4] == ["-p", "2022"]
    assert asked[-2:] == ["ada@se.north.test", "sh"]
    seen.unlink()
    assert shell.Shell(found).run(["echo", "well"]).stdout == "well\n"
    assert seen.read_text().split() == asked


def test_a_container_is_entered_as_the_user_that_the_inventory_names(
    host: Callable[..., Host],
) -> None:
    found = host(
        ansible_connection="community.docker.docker", ansible_host="twin-se", ansible_user="root"
    )
    assert words(found) == "docker exec -i twin-se"
    assert words(found, "researcher") == "docker exec -i -u researcher twin-se"
    other = host(ansible_connection="docker", ansible_host="twin-se", ansible_user="ada")
    assert words(other) == "docker exec -i -u ada twin-se"


@pytest.mark.parametrize("name", ["local", "ansible.builtin.local"])
def test_the_control_host_is_the_users_own(host: Callable[..., Host], name: str) -> None:
    found = host(ansible_connection=name, ansible_become=True)
    assert words(found, "researcher") == ""
    assert words(found) == "sudo -H -n -u root --"
    assert words(host(ansible_connection=name)) == ""


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ansible_connection", "paramiko",
         "unknown connection 'paramiko'; known are docker, ssh and local"),
        ("ansible_connection", "podman", "unknown connection 'podman'"),
        ("ansible_port", 0, "0 is not a number from 1 to 65535"),
        ("ansible_port", 70000, "70000 is not a number from 1 to 65535"),
        ("ansible_port", "ssh", "'ssh' is not a number from 1 to 65535"),
        ("ansible_port", True, "True is not a number"),
        ("ansible_port", "²", "'²' is not a number"),
        ("ansible_ssh_timeout", -1, "-1 is not a number"),
        ("ansible_ssh_common_args", "-o 'ProxyJump=x", "No closing quotation. Quote it as for a shell"),
        ("ansible_ssh_private_key_file", "keys/id", "keys/id is not an absolute path"),
        ("ansible_host_key_checking", "perhaps", "'perhaps' is neither true nor false"),
        ("ansible_become", 7, "7 is neither true nor false"),
        ("ansible_host", "-oProxyCommand=reboot", "cannot be used in a command line"),
        ("ansible_host", "a b", "'a b' cannot be used in a command line"),
        ("ansible_user", "ada\n", "cannot be used in a command line"),
        ("ansible_ssh_executable", "-x", "cannot be used in a command line"),
        ("ansible_password", "x",
         "is not supported: checks, commands and logs would ignore it. Use a key"),
        ("ansible_ssh_pass", "{{ lookup('env', 'NONE') }}", "is not supported"),
        ("ansible_ssh_private_key_passphrase", "x", "is not supported"),
        ("ansible_ssh_pkcs11_provider", "x", "is not supported"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_told_with_host_and_variable(
    folder: Path, refused: Refused, name: str, value: Any, said: str
) -> None:
    write(folder, {name: value})
    found = refused()
    assert found.startswith(f"{folder}: host se.north.test: {name}: ")
    assert said in found


def test_so_is_what_a_change_of_rights_needs(folder: Path, refused: Refused) -> None:
    given = {"ansible_user": "ada", "ansible_become": True, "ansible_become_password": "x"}
    write(folder, given)
    assert "ansible_become_password: is not supported" in refused()
    assert "Allow ada to become root without a password" in refused()
    write(folder, given | {"ansible_become_method": "runas"})
    assert "ansible_become_method: unknown method 'runas'; known are sudo, su" in refused()


@pytest.mark.parametrize("given", [{"ansible_user": "root", "ansible_become": True}, {}])
def test_a_password_that_nobody_needs_is_no_matter(
    host: Callable[..., Host], given: dict[str, Any]
) -> None:
    assert host(ansible_become_password="x", **given).become is None


def test_of_a_host_that_nobody_enters_it_is_no_matter(folder: Path) -> None:
    text = (folder / "hosts.yml").read_text().replace("[trust]", "[]")
    (folder / "hosts.yml").write_text(text)
    write(folder, {"ansible_password": "x", "ansible_port": "what"})
    assert inventory.load(folder).testbed.host("se.north.test").ssh == ("ssh",)
