"""Inventories that are encrypted, in part or file by file, open as they do for Ansible's own commands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from harness import inventory
from harness.inventory import vaults
from harness.provision import keys

Refused = Callable[..., str]
PASSWORD = "sesame-71"


def encrypted(text: str, password: str = PASSWORD, label: str | None = None) -> str:
    secret = VaultSecret(password.encode())
    sealed: bytes = VaultLib([("default", secret)]).encrypt(text, secret, vault_id=label)
    return sealed.decode()


def value(text: str, indent: int, password: str = PASSWORD) -> str:
    lines = encrypted(text, password).splitlines()
    return "!vault |\n" + "".join(f"{' ' * indent}{line}\n" for line in lines)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANSIBLE_VAULT_PASSWORD_FILE", "ANSIBLE_VAULT_IDENTITY_LIST"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(file))
    return file


def in_part(folder: Path) -> Path:
    """Put everything into a folder `all`, and an encrypted file beside it."""
    group = folder / "group_vars" / "all"
    group.mkdir()
    (folder / "group_vars" / "all.yml").rename(group / "main.yml")
    (group / "vault.yml").write_text(encrypted("ansible_become_password: hunter\nquota: 7\n"))
    return group / "vault.yml"


def test_an_encrypted_file_of_variables_is_read(folder: Path, password: Path) -> None:
    in_part(folder)
    assert inventory.load(folder).variables["se.north.test"]["quota"] == 7


def test_an_encrypted_file_of_hosts_is_read_and_looked_at(
    folder: Path, password: Path, refused: Refused
) -> None:
    file = folder / "hosts.yml"
    text = file.read_text()
    file.write_text(encrypted(text))
    assert inventory.load(folder).testbed.name == "small"
    file.write_text(encrypted(text.replace("ui.north.test:", "se.north.test:")))
    assert "`se.north.test` appears twice" in refused()


def test_an_encrypted_ini_file_is_read(folder: Path, password: Path) -> None:
    from .conftest import INI

    (folder / "hosts.yml").unlink()
    (folder / "hosts.ini").write_text(encrypted(INI))
    assert inventory.load(folder / "hosts.ini").testbed.site("N-SITE").home


def test_a_value_that_is_encrypted_is_read(folder: Path, password: Path) -> None:
    """Also where the model needs it, and as a part of another."""
    with (folder / "group_vars" / "south.yml").open("a") as file:
        file.write(f"ansible_user: {value('ada', 2)}bastion: {value('b.test', 2)}")
        file.write("ansible_ssh_common_args: -o ProxyJump={{ bastion }}\n")
    host = inventory.load(folder).testbed.host("ui.south.test")
    assert host.user == "ada"
    assert type(host.user) is str
    assert "ProxyJump=b.test" in host.ssh


def test_what_snapshots_are_keyed_on_is_the_value_itself(folder: Path, password: Path) -> None:
    """It is encrypted with another salt each time."""
    found = []
    for _ in range(2):
        (folder / "host_vars").mkdir(exist_ok=True)
        (folder / "host_vars" / "se.north.test.yml").write_text(f"quota: {value('seven', 2)}")
        found.append(keys.digest(inventory.load(folder).variables["se.north.test"]))
    assert found[0] == found[1]


def test_identities_are_tried_in_turn(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").write_text("other\n")
    script = tmp_path / "ask.sh"
    script.write_text(f"#!/bin/sh\necho {PASSWORD}\n")
    script.chmod(0o755)
    monkeypatch.setenv("ANSIBLE_VAULT_IDENTITY_LIST", f"dev@{tmp_path / 'other'}, {script}")
    (folder / "group_vars" / "north").mkdir()
    (folder / "group_vars" / "north.yml").rename(folder / "group_vars" / "north" / "a.yml")
    (folder / "group_vars" / "north" / "dev.yml").write_text(encrypted("a: 1\n", "other", "dev"))
    (folder / "group_vars" / "north" / "b.yml").write_text(encrypted("b: 2\n"))
    seen = inventory.load(folder).variables["se.north.test"]
    assert (seen["a"], seen["b"]) == (1, 2)


def test_plays_get_the_same_passwords(
    tmp_path: Path, password: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They run in another folder, where a relative path would mean another file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANSIBLE_VAULT_IDENTITY_LIST", "dev@password")
    assert vaults.environment() == {"ANSIBLE_VAULT_IDENTITY_LIST": f"dev@{password},{password}"}


def test_the_users_own_ansible_cfg_counts(folder: Path, tmp_path: Path) -> None:
    """It is read once for a process, so this is one of its own."""
    in_part(folder)
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "ansible.cfg").write_text("[defaults]\nvault_password_file = ./password\n")
    script = (
        "from pathlib import Path; from harness import inventory; "
        f"print(inventory.load(Path({str(folder)!r})).variables['se.north.test']['quota'])"
    )
    root = Path(inventory.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "7\n", done.stderr


def test_what_no_password_opens_is_told_with_a_remedy(
    folder: Path, refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = in_part(folder)
    said = refused()
    assert said.startswith(f"{file}: is encrypted, and cannot be decrypted: ")
    assert said.endswith(vaults.REMEDY)
    (tmp_path / "wrong").write_text("wrong\n")
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(tmp_path / "wrong"))
    assert refused().startswith(f"{file}: is encrypted, and cannot be decrypted: ")


def test_a_value_that_no_password_opens_is_told_with_host_and_key(
    folder: Path, refused: Refused
) -> None:
    with (folder / "group_vars" / "south.yml").open("a") as file:
        file.write(f"ansible_user: {value('ada', 2)}")
    said = refused()
    assert "south.test: ansible_user: " in said
    assert "vault" in said


@pytest.mark.parametrize("cut", [20, 200, -80])
def test_a_file_that_is_cut_short_is_told(
    folder: Path, password: Path, refused: Refused, cut: int
) -> None:
    file = in_part(folder)
    file.write_text(file.read_text()[:cut])
    assert refused().startswith(f"{file}: is encrypted, and cannot be decrypted: ")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda file: None, "cannot be read: No such file or directory"),
        (lambda file: file.mkdir(), "is a folder, not a vault password file"),
        (lambda file: file.write_text(""), "contains no vault password"),
        (os.mkfifo, "is a pipe, but a file is expected"),
    ],
)
def test_a_password_that_cannot_be_had_is_told(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Path], Any],
    said: str,
) -> None:
    file = tmp_path / "password"
    make(file)
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(file))
    with pytest.raises(inventory.InventoryError) as caught:
        inventory.load(folder)
    assert str(caught.value).startswith(f"{file}: {said}")


def test_nobody_is_asked_for_a_password(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_VAULT_IDENTITY_LIST", "dev@prompt")
    with pytest.raises(inventory.InventoryError, match="`dev@prompt` asks for its password"):
        inventory.load(folder)
