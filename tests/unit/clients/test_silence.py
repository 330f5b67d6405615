"""A command to which nobody answered is told apart from one that was answered."""

from __future__ import annotations

import errno

import pytest

from harness.clients.silence import raise_if_silent
from harness.errors import Unreachable
from harness.shell import Completed


def ended(code: int, stderr: str, stdout: str = "") -> Completed:
    return Completed("it", code, stdout, stderr, 0.1)


SILENT = [
    ("curl", 7, "curl: (7) Failed to connect to se.a.test port 443 after 2 ms: Couldn't connect to server"),
    ("curl", 6, "curl: (6) Could not resolve host: se.a.test"),
    ("curl", 52, "curl: (52) Empty reply from server"),
    ("curl", 56, "curl: (56) Recv failure: Connection reset by peer"),
    ("gfal", errno.ECONNREFUSED, "gfal-copy error: 111 (Connection refused) - closed"),
    ("gfal", 70, "gfal-copy error: 70 (Communication error on send) -  Could not connect to server"),
    ("gfal", 5, "gfal-copy error: 5 (Input/output error) - TRANSFER  Server returned nothing (no headers)"),
    ("davix", 1, "(Davix::HttpRequest) Error: (Neon): Could not connect to server: Connection refused"),
    ("davix", 1, "(Davix::HttpRequest) Error: (Neon): Could not read status line: Broken pipe"),
    ("davix", 1, "(Davix::HttpRequest) Error: Domain name resolution failed"),
    ("xrdcp", 51, "Run: [FATAL] Connection error: (source)"),
    ("xrdcp", 51, "Run: [FATAL] Socket error: (destination)"),
    ("rclone", 1, "ERROR : f: Failed to copy: dial tcp 10.0.0.2:443: connect: connection refused"),
    ("rclone", 1, "ERROR : f: Failed to copy: read tcp 10.0.0.1:5: read: connection reset by peer"),
    ("openstack", 1, "Unable to establish connection to https://cloud.a.test: Max retries exceeded"),
    ("openstack", 1, "Unable to establish connection to https://c.test: ('Connection aborted.', Remote())"),
    ("oidc-agent", 1, "Error: Could not connect to https://aai.a.test/.well-known/openid-configuration"),
]  # fmt: skip
ANSWERED = [
    ("curl", 22, "curl: (22) The requested URL returned error: 503"),
    ("curl", 60, "curl: (60) SSL certificate problem: self-signed certificate"),
    ("curl", 18, "curl: (18) transfer closed with 1024 bytes remaining to read"),
    ("gfal", 1, "gfal-copy error: 1 (Operation not permitted) - HTTP 403 : Permission refused"),
    ("gfal", 5, "gfal-copy error: 5 (Input/output error) - DESTINATION CHECKSUM MISMATCH"),
    ("davix", 1, "(Davix::HttpRequest) Error: HTTP 403 : Permission refused"),
    ("xrdcp", 52, "Run: [FATAL] Auth failed: No protocols left to try (source)"),
    ("xrdcp", 54, "Run: [ERROR] Server responded with an error: [3010] permission denied"),
    ("rclone", 1, "ERROR : f: corrupted on transfer: sizes differ 307200 vs 306176"),
    ("openstack", 1, "The request you have made requires authentication. (HTTP 401)"),
    ("openstack", 1, "SSL exception connecting to https://c.test: Max retries (Caused by SSLError(1))"),
    ("oidc-agent", 1, "Error: access_denied: End-User aborted interaction"),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "code", "said"), SILENT)
def test_no_answer_is_unreachable_and_the_words_are_told(tool: str, code: int, said: str) -> None:
    with pytest.raises(Unreachable) as caught:
        raise_if_silent(ended(code, f"Copying 8 bytes\n{said}\n"), tool=tool, host="se.a.test")
    told = " ".join(said.split())[-300:]
    assert str(caught.value) == f"{tool} got no answer from se.a.test: {told}"
    assert caught.value.host == "se.a.test"


@pytest.mark.parametrize(("tool", "code", "said"), ANSWERED)
def test_an_answer_is_one_whatever_it_says(tool: str, code: int, said: str) -> None:
    raise_if_silent(ended(code, said), tool=tool, host="se.a.test")


@pytest.mark.parametrize(("tool", "code", "said"), SILENT)
def test_a_command_that_succeeded_had_an_answer(tool: str, code: int, said: str) -> None:
    """Some try again by themselves, and say what they met on the way."""
    assert code
    raise_if_silent(ended(0, said), tool=tool, host="se.a.test")
