"""An HTTP step of the evidence as a curl command, so that anybody can send it again.

Secrets are not in the evidence: their places are variables of the shell, which the reader sets.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from harness.redaction import CUT

_REQUEST = re.compile(r"([A-Z]+) (https?://\S+)")
_PLACEHOLDER = re.compile(r"\[(?:a stream|\d+ bytes of .*)\]")
_CUT_SHORT = re.compile(r"\n\[(?:cut: \d+ more characters|\d+ bytes in all)\]\s*$")
_COMPUTED = frozenset({"content-length"})
"""Headers that curl makes itself."""


def command(sent: str) -> str:
    """Return what was sent as a curl command; empty where it is no HTTP request.

    A body that the evidence does not hold, or not whole, is read from the file `body`.
    """
    head, _, body = sent.partition("\n\n")
    first, *lines = head.split("\n")
    request = _REQUEST.fullmatch(first)
    headers = [line.partition(": ") for line in lines]
    if not request or not all(colon for _, colon, _ in headers):
        return ""
    method, url = request.groups()
    words = ["curl -sSi"]
    if method == "HEAD":
        words.append("--head")
    elif method != "GET" or body:
        words.append(f"-X {method}")
    words += _headers([(name, value) for name, _, value in headers])
    if body:
        part = _PLACEHOLDER.fullmatch(body.strip()) or _CUT_SHORT.search(body)
        words.append(f"--data-binary {'@body' if part else _quoted(body, 'SECRET')}")
    return " \\\n  ".join([*words, _quoted(url, "SECRET")])


def _headers(headers: list[tuple[str, str]]) -> Iterator[str]:
    for name, value in headers:
        if name.lower() == "authorization" and value.startswith("Basic "):
            yield '-u "$CLIENT:$SECRET"'
        elif name.lower() not in _COMPUTED:
            variable = "SOURCE_TOKEN" if name.lower().startswith("transferheader") else "TOKEN"
            yield f"-H {_quoted(f'{name}: {value}', variable)}"


def _quoted(text: str, variable: str) -> str:
    """Quote a text for the shell, with a variable where a secret was cut out."""
    parts = [shlex.quote(part) if part else "" for part in text.split(CUT)]
    return f'"${variable}"'.join(parts)
