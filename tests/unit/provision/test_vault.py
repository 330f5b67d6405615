"""The secrets of a testbed."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness import inventory
from harness.errors import BadInput
from harness.inventory import Inventory
from harness.provision import vault
from harness.state import State

INVENTORIES = Path(__file__).parents[3] / "inventories"


@pytest.fixture
def twin() -> Inventory:
    return inventory.load(INVENTORIES / "twin")


def test_each_client_has_a_secret_at_every_issuer(twin: Inventory, tmp_path: Path) -> None:
    state, other = (State(name, root=tmp_path).make() for name in ("unit", "other"))
    made = vault.ensure(replace(twin, secret_names=("more",)), state)
    assert made == vault.ensure(twin, state), "what exists never changes"
    for infrastructure in twin.testbed.infrastructures:
        own = made[infrastructure.name]
        assert {"more", "client_testbed_cli", "client_testbed_brief"} <= set(own)
    without = replace(twin, testbed=twin.testbed.model_copy(update={"brief_client_id": None}))
    assert "client_testbed_brief" not in vault.ensure(without, other)["egi"]


def test_a_role_has_the_secrets_that_it_declares(twin: Inventory, tmp_path: Path) -> None:
    """And at the infrastructures alone whose hosts have the role."""
    assert "keystone_admin_password" in vault.of_role("keystone")
    assert vault.of_role("ui") == ()
    made = vault.ensure(twin, State("unit", root=tmp_path).make())
    assert {"keystone_admin_password", "slurm_munge_key", "oidc_provider_cookie_key"} <= set(
        made["egi"]
    )
    assert "slurm_munge_key" not in made["cstcloud"], "its computing element has HTCondor"


def test_nothing_is_made_up_for_an_issuer_that_others_run(tmp_path: Path) -> None:
    """A password of our own would be refused there, and the site be blamed."""
    real = inventory.load(INVENTORIES / "egi-cstcloud")
    yours = {(s.infrastructure, s.name) for s in vault.needed(real) if not s.made}
    assert {("egi", "refresh_interop_outsider"), ("egi", "client_interop_robot")} <= yours
    assert vault.ensure(real, State("unit", root=tmp_path).make()) == {"egi": {}, "cstcloud": {}}


def test_each_web_client_has_a_secret_at_every_issuer(tmp_path: Path) -> None:
    """As many clouds as the inventory names, at as many infrastructures."""
    loaded = inventory.load(INVENTORIES / "twin")
    made = vault.ensure(loaded, State("unit", root=tmp_path).make())
    for own in made.values():
        assert {"client_cloud_cstcloud", "client_cloud_egi"} <= set(own)


def test_all_secrets_are_told_to_whoever_looks_for_them(tmp_path: Path) -> None:
    state = State("unit", root=tmp_path).make()
    assert vault.needles(state) == frozenset()
    state.vault.write_text(json.dumps({"vault": {"egi": {"a": "one"}, "cstcloud": {"a": "two"}}}))
    state.issuer_keys.mkdir()
    (state.issuer_keys / "egi.jwk.json").write_text('{"kty": "EC", "x": "public", "d": "three"}')
    assert vault.needles(state) == {"one", "two", "three"}


@pytest.mark.parametrize("secret", ["short-1", "Egi", "xrootd", "se.cstcloud.test"])
def test_a_secret_that_reports_could_not_lose_is_refused(
    twin: Inventory, tmp_path: Path, secret: str
) -> None:
    """Named by file and key, and never shown; nothing is written."""
    state = State("unit", root=tmp_path).make()
    before = json.dumps({"vault": {"egi": {"password_a": secret}}})
    state.vault.write_text(before)
    with pytest.raises(BadInput, match=r"vault\.json: egi\.password_a ") as caught:
        vault.ensure(twin, state)
    assert secret not in str(caught.value).partition("egi.password_a")[2]
    assert state.vault.read_text() == before


def test_what_is_made_is_never_refused(twin: Inventory, tmp_path: Path) -> None:
    state = State("unit", root=tmp_path).make()
    vault.check(vault.ensure(twin, state), twin.testbed, state)


def test_one_secret_is_written_and_all_others_stay(twin: Inventory, tmp_path: Path) -> None:
    state = State("unit", root=tmp_path)
    vault.keep(state, "egi", "refresh_ada-l", "first-secret")
    made = vault.ensure(twin, state)
    assert made["egi"]["refresh_ada_l"] == "first-secret"
    vault.keep(state, "egi", "refresh_ada-l", "next-secret")
    assert vault.load(state) == {**made, "egi": {**made["egi"], "refresh_ada_l": "next-secret"}}


def test_who_changes_the_vault_waits_for_another_and_loses_nothing(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from harness.provision import vault; "
        "from harness.state import State; "
        "[vault.keep(State('unit', Path(sys.argv[1])), 'egi', f'{sys.argv[2]}_{n}', 'x' * 8) "
        "for n in range(20)]"
    )
    words = [sys.executable, "-c", script, str(tmp_path)]
    for process in [subprocess.Popen([*words, name]) for name in ("one", "two")]:
        assert process.wait() == 0
    assert len(vault.load(State("unit", tmp_path))["egi"]) == 40
