"""How members hold their tokens: what the inventory says makes sense, or is refused with the place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import inventory

Refused = Callable[..., str]
Changed = Callable[[str, str, str], None]
ALL = "group_vars/all.yml"
ANN = "{name: ann-north, kind: member, account: a1}"
ROB = "{name: rob-north, kind: robot, account: a2}"


def of(text: str, name: str = "ann-north") -> str:
    return ANN.replace("account", f"credentials: {text}, account")


@pytest.mark.parametrize(
    ("text", "source", "data"),
    [
        ("none", "none", {}),
        ("refresh-token", "refresh-token", {}),
        ("{source: oidc-agent, account: egi}", "oidc-agent", {"account": "egi"}),
        ("{source: command, command: [t, '{scope}']}", "command", {"command": ["t", "{scope}"]}),
    ],
)
def test_a_source_is_a_word_or_has_keys(
    folder: Path, changed: Changed, text: str, source: str, data: dict[str, object]
) -> None:
    changed(ALL, ANN, of(text))
    member, robot = inventory.load(folder).testbed.infrastructure("north").members
    assert (member.held_by.source, member.held_by.data) == (source, data)
    assert robot.held_by.source == "client-credentials"


def test_by_default_a_person_has_a_password(folder: Path) -> None:
    assert inventory.load(folder).testbed.infrastructure("north").member(
        "member"
    ).held_by.source == ("password")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("oidc-agnet", "unknown source 'oidc-agnet'; similar: oidc-agent"),
        ("oidc-agent", "(oidc-agent): account: Field required"),
        ("{source: token-file, path: token}", "path: an absolute path is expected"),
        ("{source: token-file, path: /t, acount: x}", "acount: Extra inputs are not permitted"),
        ("{source: refresh-token, public: true}", "name it with `client_id`"),
        ("{source: password, without: [scopes]}", "without"),
        ("{source: mytoken, url: mytok.eu}", "url: a URL is expected"),
        ("{account: egi}", "source: Field required"),
        ("7", "credentials"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_member(
    changed: Changed, refused: Refused, text: str, said: str
) -> None:
    changed(ALL, ANN, of(text))
    message = refused()
    assert said in message
    assert "infrastructures.north" in message


@pytest.mark.parametrize(
    "text",
    [
        "bearer-token-discovery",
        "{source: token-file, path: /run/token}",
        "{source: oidc-agent, account: egi}",
        "{source: command, command: token}",
        "{source: client-credentials, client_id: x}",
    ],
)
def test_two_members_cannot_have_the_same_credentials(
    changed: Changed, refused: Refused, text: str
) -> None:
    changed(ALL, ANN, of(text))
    changed(ALL, ROB, ROB.replace("account", f"credentials: {text}, account"))
    said = refused()
    assert "rob-north: credentials: ann-north of north has the same" in said


@pytest.mark.parametrize(
    "text", ["refresh-token", "none", "{source: command, command: 't {member}'}"]
)
def test_a_source_that_knows_the_member_serves_several(
    folder: Path, changed: Changed, text: str
) -> None:
    changed(ALL, ANN, of(text))
    changed(ALL, ROB, ROB.replace("account", f"credentials: {text}, account"))
    inventory.load(folder)
