"""Guards `testbed token`: where the issuer's key is not the testbed's, nothing is forged."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import files, inventory
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
    files.write_private(state.ca_bundle, (authority.folder / "ca.pem").read_bytes())


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


@pytest.mark.parametrize(
    ("credentials", "code", "said"),
    [
        ("{source: command, command: echo opaque-token-7}", 0, ""),
        (
            "{source: command, command: 'false'}",
            2,
            "alice of egi: `command` false ended with exit code 1",
        ),
        (
            "{source: token-file, path: /no/such}",
            2,
            "alice of egi: `token-file` cannot read /no/such",
        ),
        ("none", 2, "alice of egi: `none` gives no tokens"),
        ("device", 2, "alice of egi: `device` must ask a person, but there is no terminal"),
        ("refresh-token", 2, "there is no `refresh_alice` of egi in"),
    ],
)
@pytest.mark.usefixtures("secrets")
def test_a_token_comes_from_the_source_that_the_inventory_chooses(
    command: Command, inventory_folder: Path, credentials: str, code: int, said: str
) -> None:
    """Without any password, and whatever is wrong with it is told in one message."""
    file = inventory_folder / "group_vars" / "all.yml"
    named = "alice, kind: member"
    file.write_text(file.read_text().replace(named, f"{named}, credentials: {credentials}"))
    done = command("token", "--inventory", inventory_folder)
    assert done.returncode == code, done.stderr
    assert done.stdout == ("" if code else "opaque-token-7\n")
    assert said in " ".join(done.stderr.split())


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
