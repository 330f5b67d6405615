"""What makes a host's snapshot outdated: everything that made the host, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness import inventory
from harness.inventory import ROLES
from harness.provision import pki, snapshots, vault
from harness.state import State

TWIN = Path(__file__).parents[3] / "inventories" / "twin"


class Bench:
    """An inventory, its state and its roles, to be changed; keys say which hosts notice."""

    def __init__(self, folder: Path) -> None:
        self.inventory, self.roles = folder / "inventory", folder / "roles"
        shutil.copytree(TWIN, self.inventory)
        shutil.copytree(ROLES, self.roles)
        self.state = State("twin", root=folder / "state").make()
        loaded = inventory.load(self.inventory)
        pki.ensure(loaded.testbed, self.state)
        vault.ensure(loaded, self.state)
        self.before = self.keys()

    def keys(self) -> dict[str, str]:
        loaded = inventory.load(self.inventory)
        plan = snapshots.plan(loaded, self.state, base="sha256:1", roles=self.roles)
        return {name: snapshot.key for name, snapshot in plan.snapshots.items()}

    def changed(self) -> set[str]:
        now = self.keys()
        return {name for name in now if now[name] != self.before[name]}

    def edit(self, path: Path, old: str, new: str) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_nothing_changed_keeps_every_key(bench: Bench) -> None:
    assert bench.changed() == set()


def test_a_changed_role_touches_only_the_hosts_that_use_it(bench: Bench) -> None:
    with (bench.roles / "lemonldap" / "tasks" / "configure.yml").open("a") as file:
        file.write("# changed\n")
    assert bench.changed() == {"aai.cstcloud.test"}


def test_a_variable_of_one_host_touches_that_host(bench: Bench) -> None:
    bench.edit(bench.inventory / "hosts.yml", "keystone_protocol: oidc", "keystone_protocol: other")
    assert "cloud.cstcloud.test" in bench.changed()
    assert "se.egi.test" not in bench.changed()


def test_a_new_certificate_touches_its_host(bench: Bench) -> None:
    (bench.state.pki / "egi" / "se.egi.test.pem").unlink()
    pki.ensure(inventory.load(bench.inventory).testbed, bench.state)
    assert bench.changed() == {"se.egi.test"}


def test_new_secrets_touch_every_host(bench: Bench) -> None:
    loaded = inventory.load(bench.inventory)
    bench.state.vault.unlink()
    vault.ensure(loaded, bench.state)
    assert bench.changed() == set(bench.before)


def test_a_secret_of_notices_touches_no_host(bench: Bench) -> None:
    vault.keep(bench.state, vault.OF_NOTICES, "smtp_password", "secret-of-the-mail-server")
    assert bench.changed() == set()


def test_a_refresh_token_that_is_replaced_touches_no_host(bench: Bench) -> None:
    for secret in ("refresh-token-1", "refresh-token-2"):
        vault.keep(bench.state, "egi", "refresh_alice", secret)
        assert bench.changed() == set()


def test_how_members_hold_their_tokens_touches_no_host(bench: Bench) -> None:
    member = "alice, kind: member"
    text = f"{member}, credentials: {{source: oidc-agent, account: egi}}"
    bench.edit(bench.inventory / "group_vars" / "all.yml", member, text)
    assert bench.changed() == set()
