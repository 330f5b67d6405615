"""A refusal is told by a status or an error number in its place, and by nothing that resembles one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.services.storage.refusals import is_refusal, is_remote_refusal

PAGE = "<html><title>{0}</title><body><h1>{0}</h1></body></html>: {0}\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("curl --fail https://se/f", "curl: (22) The requested URL returned error: 401\n"),
        (
            "curl --fail https://se/f",
            "curl: (22) The requested URL returned error: 403 Forbidden\n",
        ),
        (
            "davix-get https://se/f f",
            "(Davix::HttpRequest) Error: HTTP 403 : Permission refused \n",
        ),
        (
            "davix-put f https://se/f",
            "(Davix::HttpRequest) Error: Result HTTP 401 : Authentication Error  after 1 attempts\n",
        ),
        (
            "gfal-copy https://a https://b",
            "gfal-copy error: 1 (Operation not permitted) - DESTINATION OVERWRITE   "
            "HTTP 403 : Permission refused \n",
        ),
        (
            "gfal-copy https://a https://b",
            "gfal-copy error: 13 (Permission denied) - Result HTTP 401 : Authentication Error  "
            "after 1 attempts\n",
        ),
        (
            "gfal-copy https://a https://b",
            "gfal-copy error: 5 (Input/output error) - TRANSFER ERROR: Copy failed (3rd pull). Last "
            "attempt: Transfer failure: failure: Remote side failed with status code 403; more\n",
        ),
        ("rclone copyto :webdav:f f", f"Failed to copyto: {PAGE.format('403 Forbidden')}"),
        (
            "rclone copyto :webdav:f f",
            "2026/01/02 03:04:05 Failed to copyto: failed to open source object: 401 Unauthorized\n",
        ),
        (
            "xrdcp --silent roots://se//f f",
            "Run: [FATAL] Auth failed: No protocols left to try (source)\n",
        ),
        (
            "xrdcp --silent roots://se//f f",
            "Run: [ERROR] Server responded with an error: [3010] Unable to open /f; permission denied "
            "(source)\n",
        ),
    ],
)
def test_a_client_tells_a_refusal(line: str, said: str) -> None:
    assert is_refusal(line, said)
    assert not is_refusal(f"cp {line}", said), "another program's words"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("curl --fail https://se/403", "curl: (22) The requested URL returned error: 404\n"),
        ("curl --fail https://se/f", "curl: (22) The requested URL returned error: 500\n"),
        (
            "curl https://forbidden.example/f",
            "curl: (6) Could not resolve host: forbidden.example\n",
        ),
        ("curl https://se/f", "curl: (18) transfer closed with 403 bytes remaining to read\n"),
        (
            "curl https://se/f",
            "curl: (23) client returned ERROR on write, 401 bytes: Permission denied\n",
        ),
        ("davix-get https://se/403 f", "(Davix::HttpRequest) Error: HTTP 404 : File not found \n"),
        (
            "davix-get https://se/f f",
            "(Davix::HttpRequest) Error: HTTP 405 : Method Not Allowed, Permission refused \n",
        ),
        (
            "davix-get https://se/f f",
            "(Davix::HttpRequest) Error: Failure (Neon): No route to unauthorized.example: 403 s\n",
        ),
        (
            "gfal-copy https://a https://b",
            "gfal-copy error: 13 (Permission denied) - SSL handshake failed: certificate has expired\n",
        ),
        (
            "gfal-copy https://a https://b",
            "gfal-copy error: 2 (No such file or directory) - Result HTTP 404 : File not found  after "
            "1 attempts: https://a/HTTP 403 : Permission refused\n",
        ),
        (
            "gfal-copy https://a https://b",
            "gfal-copy error: 5 (Input/output error) - SOURCE CHECKSUM MISMATCH (00000401 != 00000403)\n",
        ),
        (
            "rclone copyto :webdav:f f",
            "2026/01/02 Failed to copyto: failed to open source object: 403 Forbidden: 404 Not Found\n",
        ),
        ("rclone copyto :webdav:f f", "2026/01/02 Failed to copyto: 403 of 401 bytes came\n"),
        (
            "rclone copyto :webdav:f f",
            "Failed to create file system: dial tcp: lookup forbidden.example: no such host\n",
        ),
        (
            "xrdcp --silent roots://se//f f",
            "Run: [ERROR] Server responded with an error: [3011] Unable to open /permission denied; no "
            "such file or directory (source)\n",
        ),
        (
            "xrdcp --silent roots://se//f f",
            "Run: [FATAL] Connection error: Auth failed.example (source)\n",
        ),
        ("cat /tmp/403", "cat: /tmp/403: Permission denied\n"),
        ("", "403 Forbidden"),
    ],
)
def test_what_resembles_a_refusal_is_none(line: str, said: str) -> None:
    assert not is_refusal(line, said)


@pytest.mark.parametrize(
    "line",
    [
        "failure: Remote side failed with status code 403",
        'failure: Remote side failed with status code 401; error message: "no", local=/f',
        "failure: Remote side [2001:db8::50] failed with status code 403 while fetching remote size",
        "failure: rejected PUT: 401 Unauthorized",
        "failure: General problem: remote server rejected GET: 403 Forbidden",
        "failure: status code: 403, reason phrase: Forbidden",
        "Failure: 403 Forbidden",
    ],
)
def test_the_other_end_of_a_copy_refuses(line: str) -> None:
    assert is_remote_refusal(line)


@pytest.mark.parametrize(
    "line",
    [
        "failure: Remote side failed with status code 404, local=/403, remote=https://forbidden/401",
        'failure: Remote side failed with status code 500; error message: "403 Forbidden; denied"',
        "failure: Remote side failed with status code 4030",
        "failure: rejected GET: 404 Not Found (403 Forbidden)",
        "failure: open /data/f: Permission denied",
        "failure: 403 bytes of 401 came",
        "failure: Unable to create /forbidden/403; no space left on device",
        "failure: Connection to forbidden.example:443 failed",
        "failure",
        "",
    ],
)
def test_a_copy_that_fails_otherwise_is_no_refusal(line: str) -> None:
    assert not is_remote_refusal(line)


@given(
    st.sampled_from(["curl", "davix-get", "gfal-copy", "rclone", "xrdcp", "other", ""]),
    st.text(),
)
def test_whatever_a_command_says_can_be_read(client: str, said: str) -> None:
    assert is_refusal(client, said) in (True, False)
    assert is_remote_refusal(said) in (True, False)
