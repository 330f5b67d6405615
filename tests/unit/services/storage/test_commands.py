"""What the commands for storage are told, and where their token stands."""

import os
import shlex
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from harness.errors import Unreachable, Unusable
from harness.services.issuer.tokens import Token
from harness.services.storage import commands as module
from harness.services.storage.commands import StorageCommands
from harness.shell import Completed

TOKEN = Token("e30.e30.secret")


class Typed:
    """A workstation that runs nothing, and keeps what was typed."""

    host = SimpleNamespace(name="ui.a.test")

    def __init__(self) -> None:
        self.typed: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.writing: list[bool] = []

    def run(
        self, command: Any, *, env: dict[str, str], private: dict[str, str] | None, writes: bool
    ) -> Completed:
        self.writing.append(writes)
        line = command if isinstance(command, str) else " ".join(command)
        self.typed.append((line, env, private or {}))
        return Completed(line, 0, "", "", 0.1)


@pytest.mark.parametrize("client", ["curl", "davix", "rclone"])
@pytest.mark.parametrize("token", [TOKEN, None], ids=["token", "none"])
def test_a_client_is_given_its_token_outside_of_its_words(client, token):
    there = Typed()
    commands = StorageCommands(there)  # type: ignore[arg-type]
    assert commands.store(client, "/tmp/f", "https://se/vo/f", token=token).ok
    assert commands.fetch(client, "https://se/vo/f", "/tmp/f", token=token).ok

    for line, env, private in there.typed:
        assert line.startswith(client)
        assert "secret" not in line
        assert ("secret" in str([env, private])) == (token is not None)


@pytest.mark.parametrize(
    ("expecting", "words"),
    [("", "-K ADLER32 --checksum-mode both"), ("0a", "-K ADLER32:0a --checksum-mode target")],
)
def test_gfal_copy_is_told_which_sum_to_compare(expecting, words):
    there = Typed()
    commands = StorageCommands(there)  # type: ignore[arg-type]
    commands.gfal_copy("https://a", "https://b", token=TOKEN, expecting=expecting)

    assert words in there.typed[0][0]


@pytest.mark.parametrize("client", ["curl", "davix", "rclone"])
def test_what_stores_something_says_so(client):
    """A run that only reads refuses it (`--read-only`)."""
    there = Typed()
    commands = StorageCommands(there)  # type: ignore[arg-type]
    commands.store(client, "/tmp/f", "https://se.a/d/f", token=TOKEN)
    commands.fetch(client, "https://se.a/d/f", "/tmp/f", token=TOKEN)
    commands.xrdcp("/tmp/f", "roots://se.a//f", token=TOKEN)
    commands.xrdcp("roots://se.a//f", "/tmp/f", token=TOKEN)
    commands.gfal_copy("https://se.a/f", "file:///tmp/f", token=TOKEN)
    commands.gfal_copy("https://se.a/f", "https://se.b/f", token=TOKEN)
    commands.write_at(5, "text", "https://a", token=TOKEN)
    assert there.writing == [True, False, True, False, False, True, True]


def test_a_text_is_written_by_the_program_that_stands_beside():
    there = Typed()
    StorageCommands(there).write_at(5, "text", "https://a", token=TOKEN)  # type: ignore[arg-type]

    line, env, _ = there.typed[0]
    assert line.startswith("python3 -c ")
    assert "gfal2.creat_context()" in line
    assert line.endswith("https://a 5 text")
    assert env == {"BEARER_TOKEN": TOKEN.value}


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (
            lambda to: to.fetch("curl", "https://se.a/f", "/tmp/f", token=TOKEN),
            "Connection refused",
        ),
        (
            lambda to: to.store("davix", "/tmp/f", "https://se.a/f", token=None),
            "Connection refused",
        ),
        (
            lambda to: to.store("rclone", "/tmp/f", "https://se.a/d/f", token=TOKEN),
            "dial tcp 10.0.0.1:443: connect: connection refused",
        ),
        (lambda to: to.xrdcp("roots://se.a//f", "/tmp/f", token=TOKEN), "[FATAL] Connection error"),
        (lambda to: to.gfal_copy("file:///f", "https://se.a/f", token=TOKEN), "reset by peer"),
        (lambda to: to.write_at(5, "text", "https://se.a/f", token=TOKEN), "Connection refused"),
    ],
    ids=["curl", "davix", "rclone", "xrdcp", "gfal-copy", "gfal2"],
)
def test_a_storage_that_is_away_is_unreachable(ask, said):
    class Away(Typed):
        def run(self, command, **_):
            line = command if isinstance(command, str) else " ".join(command)
            return Completed(line, 7, "", f"connection {said}: Connection reset by peer", 0.1)

    with pytest.raises(Unreachable) as caught:
        ask(StorageCommands(Away()))
    assert caught.value.host == "se.a"
    assert said in str(caught.value)


def test_a_command_of_the_workstation_alone_is_asked_of_no_service():
    class Broken(Typed):
        def run(self, command, **_):
            return Completed(str(command), 7, "", "Connection refused", 0.1)

    with pytest.raises(AssertionError, match="expected success"):
        StorageCommands(Broken()).path()


FETCH = """
import os, ssl, sys, urllib.request
class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
class Bare(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *asked):
        request = super().redirect_request(*asked)
        request.remove_header("Authorization")
        return request
way, url = sys.argv[1:]
handlers = {"stays": [Stay], "goes bare": [Bare], "takes all": []}[way]
tls = urllib.request.HTTPSHandler(context=ssl._create_unverified_context())
token = {"Authorization": "Bearer " + os.environ["BEARER_TOKEN"]}
urllib.request.build_opener(tls, *handlers).open(urllib.request.Request(url, headers=token))
"""


class Here:
    """A workstation that is this machine."""

    def run(self, command: list[str], *, env: dict[str, str], note: str) -> Completed:
        done = subprocess.run(
            [sys.executable, *command[1:]],
            env=os.environ | env,
            capture_output=True,
            text=True,
            check=False,
        )
        return Completed(note, done.returncode, done.stdout, done.stderr, 0.1)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("way", "seen"),
    [("stays", {"storage"}), ("goes bare", {"storage"}), ("takes all", {"storage", "elsewhere"})],
)
def test_it_is_seen_where_a_client_takes_its_token(monkeypatch, scheme, way, seen):
    line = shlex.join([sys.executable, "-c", FETCH, way, "{url}"])
    monkeypatch.setattr(module, "_FETCHES", {"curl": line.replace("'{url}'", "{url}")})
    assert StorageCommands(Here()).token_at(scheme, "curl") == seen  # type: ignore[arg-type]


def test_a_client_that_does_not_ask_shows_nothing(monkeypatch):
    monkeypatch.setattr(module, "_FETCHES", {"curl": "exit 7"})
    with pytest.raises(Unusable, match="curl did not send the token to the storage"):
        StorageCommands(Here()).token_at("http", "curl")  # type: ignore[arg-type]
