"""Guards `testbed token`: where the issuer's key is not the testbed's, nothing is forged."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import inventory
from harness.errors import BadInput
from harness.provision import pki, vault
from harness.state import State
from harness.tokens import parse_claims

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def secrets(tmp_path: Path, inventory_folder: Path) -> None:
    """Passwords of the users, and no issuer's key: as at real sites."""
    loaded = inventory.load(inventory_folder)
    testbed = loaded.testbed
    state = State(testbed.name, tmp_path / "state").make()
    vault.ensure(loaded, state)
    authority = pki.Authority.ensure(testbed.infrastructure("egi"), state.pki)
    pki.write_private(state.ca_bundle, (authority.folder / "ca.pem").read_bytes())


@pytest.mark.parametrize(
    "fault",
    [("--expired",), ("--not-before", "0"), ("--without", "exp"), ("--claim", "wlcg.ver=99.0")],
)
@pytest.mark.usefixtures("secrets")
def test_nothing_is_forged_without_the_key_and_nobody_is_asked(
    command: Command, inventory_folder: Path, fault: tuple[str, ...]
) -> None:
    done = command("token", "--inventory", inventory_folder, *fault)
    assert done.returncode == 2, "an issuer that is asked gives no answer here, which is 3"
    assert "no signing key of the issuer of egi" in done.stderr
    assert not done.stdout


@pytest.mark.usefixtures("secrets")
def test_an_issuer_that_is_not_up_is_inconclusive(command: Command, inventory_folder: Path) -> None:
    done = command("token", "--inventory", inventory_folder)
    assert done.returncode == 3
    assert "aai.egi.test" in done.stderr
    assert not done.stdout


def test_a_user_without_a_password_is_usage(command: Command, inventory_folder: Path) -> None:
    done = command("token", "--inventory", inventory_folder)
    assert done.returncode == 2
    assert "`testbed up`" in done.stderr


def test_an_unknown_home_is_usage(command: Command, inventory_folder: Path) -> None:
    done = command("token", "--inventory", inventory_folder, "--home", "mars")
    assert done.returncode == 2
    assert "no infrastructure named 'mars'" in done.stderr


@pytest.mark.parametrize(
    ("word", "claims"),
    [
        ("wlcg.ver=99.0", {"wlcg.ver": "99.0"}),
        ("exp:=5", {"exp": 5}),
        ('aud:=["a", "b"]', {"aud": ["a", "b"]}),
        ("scope=a=b c", {"scope": "a=b c"}),
        ("sub=", {"sub": ""}),
    ],
)
def test_claims_are_text_or_json(word: str, claims: dict[str, object]) -> None:
    assert parse_claims([word]) == claims


@pytest.mark.parametrize("word", ["aud", "=x", ":=5", "exp:=five"])
def test_what_is_no_claim_is_told(word: str) -> None:
    with pytest.raises(BadInput, match=r"claim|JSON"):
        parse_claims([word])


def test_a_claim_may_be_typed_twice_and_the_last_counts() -> None:
    assert json.dumps(parse_claims(["a=1", "a=2"])) == '{"a": "2"}'
