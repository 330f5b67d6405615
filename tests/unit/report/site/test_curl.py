"""A step as curl: what a shell makes of it is what was sent, and no word of a site is obeyed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from harness.report.site import curl

MOVE = (
    "MOVE https://se.egi.test/vo/a\nauthorization: Bearer [redacted]\n"
    "destination: https://se.egi.test/vo/b\noverwrite: F\n\n"
)


def words(command: str, folder: Path) -> list[str]:
    """Return the arguments that a shell passes to curl."""
    shown = folder / "curl"
    shown.write_text('#!/bin/sh\nfor word; do printf "%s\\0" "$word"; done\n')
    shown.chmod(0o755)
    env = {"PATH": f"{folder}:{os.environ['PATH']}", "TOKEN": "t", "SECRET": "s"}
    done = subprocess.run(
        ["sh", "-c", command], env=env, cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.split("\0")[:-1]


def test_the_token_is_a_variable(tmp_path: Path) -> None:
    command = curl.command(MOVE)
    assert "$TOKEN" in command
    assert words(command, tmp_path) == [
        *("-sSi", "-X", "MOVE", "-H", "authorization: Bearer t"),
        *("-H", "destination: https://se.egi.test/vo/b", "-H", "overwrite: F"),
        "https://se.egi.test/vo/a",
    ]


def test_a_body_is_sent_as_it_was(tmp_path: Path) -> None:
    sent = "POST https://aai.test/token\ncontent-type: x\ncontent-length: 9\n\na=1&b='$(touch bad)`\n\nc"
    assert words(curl.command(sent), tmp_path)[-3:] == [
        *("--data-binary", "a=1&b='$(touch bad)`\n\nc", "https://aai.test/token"),
    ]
    assert "content-length" not in curl.command(sent)
    assert not (tmp_path / "bad").exists()


@pytest.mark.parametrize(
    "body",
    ["[a stream]", "[1048576 bytes of unnamed type]", "abc\n[cut: 70 more characters]"],
)
def test_a_body_that_the_evidence_has_not_is_read_from_a_file(body: str) -> None:
    assert "--data-binary @body" in curl.command(f"PUT https://se.test/a\nx: y\n\n{body}")


def test_a_hostile_url_or_header_is_no_command(tmp_path: Path) -> None:
    sent = "GET https://se.test/$(touch${IFS}bad);'\nx: `touch bad`\n\n"
    assert words(curl.command(sent), tmp_path) == [
        *("-sSi", "-H", "x: `touch bad`", "https://se.test/$(touch${IFS}bad);'")
    ]
    assert not (tmp_path / "bad").exists()


@pytest.mark.parametrize(
    "sent", ["", "xrdcp a b", "GET", "GET file:///etc/passwd\n\n", "GET https://x\nno header"]
)
def test_what_is_no_http_request_has_no_curl(sent: str) -> None:
    assert curl.command(sent) == ""


def test_a_password_is_a_variable() -> None:
    assert '-u "$CLIENT:$SECRET"' in curl.command(
        "GET https://x/\nauthorization: Basic [redacted]\n\n"
    )
