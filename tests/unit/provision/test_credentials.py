"""`testbed secrets`: what is needed and what is there, and never what it is."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import inventory
from harness.inventory import Inventory
from harness.provision import credentials
from harness.state import State

INVENTORIES = Path(__file__).parents[3] / "inventories"
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State("unit", root=tmp_path)


def states(of: Inventory, state: State) -> dict[str, tuple[str, bool]]:
    return {
        f"{c.infrastructure} {c.name}": (c.state, c.lacking) for c in credentials.listed(of, state)
    }


def test_machines_of_the_testbed_need_nothing_of_you(state: State) -> None:
    machines = inventory.load(INVENTORIES / "machines")
    before = states(machines, state)
    assert set(before.values()) == {("missing; `testbed up` creates it", False)}
    credentials.make(machines, state)
    after = states(machines, state)
    assert after.keys() == before.keys()
    assert all(said.startswith("present") for said, _ in after.values())
    assert {
        "egi password_egi_member", "egi oidc_provider_cookie_key", "egi client_testbed_cli",
        "egi pki/egi/ca.pem", "egi pki/egi/se.egi.example.pem", "egi issuers/egi.next.jwk.json",
        "cstcloud lemonldap_salt_key",
    } <= after.keys()  # fmt: skip


def test_what_others_give_out_must_be_brought(state: State) -> None:
    real = inventory.load(INVENTORIES / "egi-cstcloud")
    credentials.make(real, state)
    found = states(real, state)
    assert found["egi refresh_interop_outsider"] == ("missing; you must provide it", True)
    assert found["egi pki/egi/se.site-a.example.pem"][0].startswith("present, until ")
    assert "egi issuers/egi.jwk.json" not in found
    state.vault.write_text(
        json.dumps({"vault": {"egi": {"refresh_interop_outsider": "c0ffee" * 4}}})
    )
    assert states(real, state)["egi refresh_interop_outsider"] == ("present", False)


def test_a_certificate_of_the_site_s_own_is_where_the_site_says(
    state: State, tmp_path: Path
) -> None:
    folder = tmp_path / "inventory"
    shutil.copytree(INVENTORIES / "machines", folder)
    (folder / "host_vars").mkdir()
    (folder / "host_vars" / "se.egi.example.yml").write_text("certificate: own\n")
    (folder / "host_vars" / "aai.egi.example.yml").write_text(
        "certificate: own\ncertificate_file: /etc/letsencrypt/live/aai/fullchain.pem\n"
    )
    mine = inventory.load(folder)
    credentials.make(mine, state)
    listed = {c.purpose: c.state for c in credentials.listed(mine, state)}
    assert listed["the host se.egi.example"].endswith(
        "on the machine: /etc/grid-security/hostcert.pem"
    )
    assert listed["the host aai.egi.example"].endswith("live/aai/fullchain.pem")


def test_without_the_key_of_its_authority_a_certificate_must_be_brought(state: State) -> None:
    machines = inventory.load(INVENTORIES / "machines")
    credentials.make(machines, state)
    for name in ("ca.key", "se.egi.example.pem"):
        (state.pki / "egi" / name).unlink()
    found = states(machines, state)
    assert found["egi pki/egi/se.egi.example.pem"] == (
        "missing; you must provide it and its .key",
        True,
    )
    assert "without its key" in found["egi pki/egi/ca.pem"][0]


def test_the_command_shows_no_value_and_ends_with_2_where_you_must_bring_one(
    command: Command, tmp_path: Path
) -> None:
    done = command("secrets", "--inventory", INVENTORIES / "machines", "--make")
    assert done.returncode == 0, done.stderr
    vault = json.loads((tmp_path / "state" / "machines" / "vault.json").read_text())["vault"]
    assert not [
        secret for own in vault.values() for secret in own.values() if secret in done.stdout
    ]
    done = command("secrets", "--inventory", INVENTORIES / "egi-cstcloud")
    assert done.returncode == 2
    assert "that you must provide are missing" in done.stdout
