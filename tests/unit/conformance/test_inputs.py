"""What a run is judged by is copied into its folder, and no secret with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness import inventory
from harness.conformance import agreement, catalogue, downtimes, framework, inputs
from harness.errors import BadInput
from harness.inventory import Inventory
from harness.redaction import redactor

TWIN = Path(__file__).parents[3] / "inventories" / "twin"


@pytest.fixture(scope="module")
def twin() -> Inventory:
    return inventory.load(TWIN)


@pytest.fixture
def kept(tmp_path: Path, twin: Inventory) -> dict[str, str]:
    return inputs.keep(tmp_path, twin.testbed, beside=twin.folder)


def test_the_copies_are_read_as_what_they_were_made_of(
    tmp_path: Path, twin: Inventory, kept: dict[str, str]
) -> None:
    assert inputs.read_testbed(tmp_path) == twin.testbed
    assert [one.id for one in inputs.read_catalogue(tmp_path)] == [r.id for r in catalogue.load()]
    assert inputs.titles(tmp_path) == catalogue.titles()
    known = inputs.read_catalogue(tmp_path)
    assert inputs.read_policies(tmp_path, known) == framework.load(catalogue.load())
    assert inputs.read_agreement(tmp_path, twin.testbed)
    assert downtimes.load(tmp_path / downtimes.FILE, inputs.read_testbed(tmp_path)) == ()
    assert kept == inputs.digests(tmp_path, list(kept))
    there = {f"{p.relative_to(tmp_path)}" for p in tmp_path.rglob("*") if p.is_file()}
    assert set(kept) == there


def test_a_run_of_a_former_version_is_judged_by_the_catalogue_of_today(tmp_path: Path) -> None:
    assert len(inputs.read_catalogue(tmp_path)) == len(catalogue.load())


def test_a_run_of_a_former_version_has_the_policies_of_today(tmp_path: Path) -> None:
    assert inputs.read_policies(tmp_path, catalogue.load()) == framework.load(catalogue.load())


def test_a_policy_that_is_renamed_later_is_still_that_of_the_run(
    tmp_path: Path, twin: Inventory, kept: dict[str, str]
) -> None:
    (tmp_path / "framework" / "access.md").rename(tmp_path / "framework" / "entry.md")
    with pytest.raises(BadInput, match=r"agreement\.yaml:\d+: unknown policy 'access'; known are"):
        inputs.read_agreement(tmp_path, twin.testbed)


def test_the_expanded_inventory_is_the_same_each_time(twin: Inventory) -> None:
    assert inputs.expanded(twin.testbed) == inputs.expanded(twin.testbed)


def test_no_secret_is_in_the_expanded_inventory(
    twin: Inventory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users in URLs go, and secrets that are known; a short one that is a common word stays a name."""
    for name, nothing in (("_plain", set()), ("_forms", {})):
        monkeypatch.setattr(redactor, name, nothing)
    redactor.remember("canary-of-the-vault-7f3a")
    redactor.remember("cstcloud")
    (first, *others) = twin.testbed.infrastructures
    leaky = first.model_copy(
        update={
            "issuer": "https://ada:pass-word-1@aai.egi.test",
            "title": "EGI canary-of-the-vault-7f3a",
        }
    )
    text = inputs.expanded(twin.testbed.model_copy(update={"infrastructures": (leaky, *others)}))
    assert "pass-word-1" not in text
    assert "canary" not in text
    assert "https://aai.egi.test" in text
    assert '"EGI [redacted]"' in text
    assert '"name": "cstcloud"' in text


def test_a_key_that_the_model_has_no_more_is_passed_over(
    tmp_path: Path, twin: Inventory, kept: dict[str, str]
) -> None:
    path = tmp_path / inputs.INVENTORY
    path.write_text(path.read_text().replace('"signing_alg"', '"gone": 1, "signing_alg"'))
    assert inputs.read_testbed(tmp_path) == twin.testbed


@pytest.mark.parametrize("content", [None, b"", b"{}", b"[]", b"\xff", b'{"name": 3}'])
def test_a_broken_copy_of_the_inventory_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / inputs.INVENTORY).write_bytes(content)
    with pytest.raises(BadInput, match=r"inventory\.json: .* Restore it from a backup"):
        inputs.read_testbed(tmp_path)


def test_a_list_that_is_not_there_is_not_copied(tmp_path: Path, twin: Inventory) -> None:
    beside = tmp_path / "inventory"
    beside.mkdir()
    shutil.copy(TWIN / agreement.FILE, beside)
    folder = tmp_path / "run"
    folder.mkdir()
    kept = inputs.keep(folder, twin.testbed, beside=beside)
    assert agreement.FILE in kept
    assert downtimes.FILE not in kept
