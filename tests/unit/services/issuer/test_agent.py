"""oidc-agent: what it shows, how it ends, and how often it asks."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.errors import Unusable
from harness.services.issuer.agent import OidcAgent
from harness.shell import Completed

SHOWN = """
Using a browser on any device, visit:
https://aai.home.test/device

And enter the code: ABCD-EFGH
Alternatively you can use the following QR code to visit the above listed URL.
"""
ISSUER = SimpleNamespace(
    address="https://aai.home.test", client_id="tools", client_secret="the secret of tools"
)


class Desk:
    """A workstation that answers from a list, and keeps what was typed."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self.answers = list(answers)
        self.typed: list[str] = []
        self.env: list[Mapping[str, str]] = []

    def run(
        self, command: str, *, env: Mapping[str, str] | None = None, **rest: object
    ) -> Completed:
        self.typed.append(command)
        self.env.append(env or {})
        code, said = self.answers.pop(0) if self.answers else (0, "")
        return Completed(command=command, code=code, stdout=said, stderr=said, duration=0.1)


def agent(desk: Desk) -> OidcAgent:
    return OidcAgent(desk, ISSUER)  # type: ignore[arg-type]


def test_the_user_is_told_where_to_go_with_which_code():
    desk = Desk((0, SHOWN))
    prompt = agent(desk).start_device()
    assert prompt.verification_uri == "https://aai.home.test/device"
    assert prompt.user_code == "ABCD-EFGH"


def test_secrets_stand_in_no_command():
    desk = Desk((0, SHOWN))
    agent(desk).start_device()
    assert "the secret of tools" in desk.env[0]["CLIENT"]
    assert "the secret of tools" not in desk.typed[0]
    assert desk.env[0]["WORD"] not in desk.typed[0]


def test_an_agent_that_shows_no_code_says_why():
    desk = Desk((1, "Error: invalid_scope: scope contains invalid characters"))
    with pytest.raises(AssertionError, match="showed no code: Error: invalid_scope"):
        agent(desk).start_device()


def test_a_workstation_that_lacks_a_program_is_no_fault_of_the_issuer():
    desk = Desk((127, "microsocks is not installed at this workstation"))
    with pytest.raises(Unusable, match="microsocks is not installed"):
        agent(desk).start_device()


@pytest.mark.parametrize(
    ("code", "said", "ok", "denied"),
    [
        (0, "Everything setup correctly!", True, False),
        (1, "Error: access_denied: End-User aborted interaction", False, True),
        (1, "Error: Could not connect", False, False),
        (
            1,
            "https://aai.test/device/access_denied\nError: timed out at access_denied.test",
            False,
            False,
        ),
        (1, "Error: access_denied_by_policy.test cannot be reached", False, False),
    ],
)
def test_how_a_sign_in_ends(code, said, ok, denied):
    answer = agent(Desk((code, said))).await_end()
    assert (answer.ok, answer.denied) == (ok, denied)


def test_the_issuer_s_metadata_are_no_poll():
    desk = Desk((0, "100.0\n100.1\n105.2\n105.3\n110.5\n113.6\n"))
    assert agent(desk).pauses() == pytest.approx([5.2, 8.3])


def test_an_agent_that_gives_no_token_says_why():
    with pytest.raises(AssertionError, match="gave no token: no account"):
        agent(Desk((1, "no account"))).token()


FAKES = {
    # The daemon tells its address before it listens there.
    "oidc-agent": """
        case $1 in
        --quiet) echo 'OIDC_SOCK=here; export OIDC_SOCK;' ;;
        --status) echo asked >> "$COUNT"; [ "$(wc -l < "$COUNT")" -ge 3 ] ;;
        esac""",
    "oidc-gen": """
        if [ "$(cat "$COUNT" 2> /dev/null | wc -l)" -lt 3 ]; then
            echo 'Could not connect to oidc-agent'; exit 1
        fi
        printf 'visit:\\nhttps://aai\\nAnd enter the code: AB\\n'""",
    "microsocks": "exit 0",
}


class Here:
    """A workstation that is this machine, with programs of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, script in FAKES.items():
            program = folder / "bin" / name
            program.parent.mkdir(exist_ok=True)
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)

    def run(
        self, line: str, *, folder: str, env: Mapping[str, str] | None, **_: object
    ) -> Completed:
        place = self.folder / folder
        place.mkdir(parents=True, exist_ok=True)
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        env = {"PATH": path, "COUNT": str(self.folder / "count"), **(env or {})}
        words = ["sh", "-c", line]
        done = subprocess.run(
            words, cwd=place, env=env, capture_output=True, text=True, timeout=60, check=False
        )
        return Completed("", done.returncode, done.stdout, done.stderr, 0.1)


def test_the_agent_is_asked_once_it_listens(tmp_path: Path):
    one = OidcAgent(Here(tmp_path), ISSUER)  # type: ignore[arg-type]
    assert one.start_device().user_code == "AB"
    one.close()
    assert not list(tmp_path.glob("interop-testbed-*"))


def test_another_sign_in_ends_the_one_before():
    desk = Desk((0, SHOWN), (0, ""), (0, SHOWN))
    one = agent(desk)
    one.start_device()
    one.start_device()
    one.close()
    one.close()
    assert [("oidc-agent --kill" in line) for line in desk.typed] == [False, True, False, True]
