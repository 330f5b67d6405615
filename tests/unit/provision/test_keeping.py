"""Keys and secrets that are gone, damaged or open to others are told at once, with what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness import inventory
from harness.errors import PreconditionError
from harness.model import Testbed
from harness.provision import engine, hosts, keeping, pki, vault
from harness.state import State

TWIN = Path(__file__).parents[3] / "inventories" / "twin"


@dataclass
class Kept:
    """A testbed whose keys are made, and whether its hosts run."""

    testbed: Testbed
    state: State
    up: bool = True

    def fault(self) -> str:
        with pytest.raises(PreconditionError) as caught:
            keeping.require(self.testbed, self.state)
        return str(caught.value)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[Testbed, Path]:
    """Keys take a while to make, so that all tests have copies of these."""
    loaded = inventory.load(TWIN)
    testbed = loaded.testbed
    few = tuple(host for host in testbed.hosts if host.name.startswith("aai."))
    state = State("unit", root=tmp_path_factory.mktemp("original")).make()
    pki.ensure(testbed.model_copy(update={"mutants": (), "hosts": few}), state)
    vault.ensure(loaded, state)
    return testbed, state.root


@pytest.fixture
def kept(original: tuple[Testbed, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    testbed, root = original
    made = Kept(testbed, State("unit", root=tmp_path))
    shutil.copytree(root, made.state.root)

    def found(_: object, __: Testbed) -> dict[str, SimpleNamespace]:
        return {"aai.egi.test": SimpleNamespace(status="running" if made.up else "exited")}

    monkeypatch.setattr(engine, "awake", object)
    monkeypatch.setattr(hosts, "find", found)
    return made


def test_what_up_has_made_is_in_order(kept: Kept) -> None:
    keeping.require(kept.testbed, kept.state)


@pytest.mark.parametrize(
    "which",
    [
        lambda state: state.vault,
        lambda state: state.ca_bundle,
        lambda state: state.pki / "egi" / "ca.key",
        lambda state: state.pki / "cstcloud" / "ca.pem",
        lambda state: state.issuer_keys / "egi.jwk.json",
    ],
)
def test_what_is_gone_while_hosts_run_is_told(kept: Kept, which: Callable[[State], Path]) -> None:
    path = which(kept.state)
    path.unlink()
    said = kept.fault()
    assert said.startswith(f"{path}: is missing, but running hosts of twin were made with it.")
    assert "call `testbed up`, which creates new keys" in said
    kept.up = False
    keeping.require(kept.testbed, kept.state)


def test_without_an_engine_no_host_runs(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> None:
        raise PreconditionError("no container engine")

    monkeypatch.setattr(engine, "awake", nowhere)
    kept.state.vault.unlink()
    keeping.require(kept.testbed, kept.state)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o610])
@pytest.mark.parametrize("name", ["vault.json", "issuers/egi.jwk.json", "pki/egi/ca.key"])
def test_secrets_that_others_can_read_are_told(kept: Kept, name: str, mode: int) -> None:
    path = kept.state.root / name
    path.chmod(mode)
    said = kept.fault()
    assert said.startswith(f"{path}: others can read it (mode {mode:04o}), and it holds secrets.")
    assert f"`chmod 600 {path}`" in said
    path.chmod(0o600)
    keeping.require(kept.testbed, kept.state)


@pytest.mark.parametrize(
    "content",
    ["", '{"vault": {"egi": {"a": "one', "[]", "{}", '{"vault": 7}', '{"vault": {"egi": {"a": 7}}}',
     '{"vault": {"egi": ["hidden"]}}', "\x00\x00", '{"vault": {}, "other": "hidden"}', "\ufeff{"],
)  # fmt: skip
def test_a_vault_that_is_cut_short_is_told_and_shows_no_secret(kept: Kept, content: str) -> None:
    kept.state.vault.write_text(content)
    said = kept.fault()
    assert said.startswith(f"{kept.state.vault}: is damaged")
    assert "Restore it from a backup" in said
    assert '"one' not in said
    assert "hidden" not in said
    before = kept.state.vault.read_bytes()
    with pytest.raises(PreconditionError):
        vault.ensure(inventory.load(TWIN), kept.state)
    assert kept.state.vault.read_bytes() == before, "what may still be mended is not written over"


def test_a_vault_in_order_is_read(kept: Kept) -> None:
    kept.state.vault.write_text(json.dumps({"vault": {"egi": {"a": "one"}}}))
    assert vault.load(kept.state) == {"egi": {"a": "one"}}
