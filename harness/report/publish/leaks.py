"""Looks for secrets in what is about to be published: the last net, behind the redactor.

Allure's page holds its data compressed and in base64 (`harness.report.packing`), so what is encoded so is
looked into too.
"""

from __future__ import annotations

import binascii
import gzip
import html
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from harness.errors import BadInput
from harness.redaction import Redactor
from harness.report.publish.tree import File

_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY")
# RFC 7515, section 3.1: header, payload and signature. What is looked for first is the dot behind a header,
# for base64 has none: a page of Allure is full of what begins like a header, and goes on for megabytes.
_HEADER_END = re.compile(rb"\.(?=[\w-]{8,}+\.[\w-]{16,})")
_HEADER = re.compile(rb"eyJ[\w-]{8,}\Z")
_LONGEST_HEADER = 8192
_ENCODED = re.compile(rb"[A-Za-z0-9+/]{48,}+={0,2}")
_GZIP = b"\x1f\x8b"
_DEPTH = 2
"""Base64 within base64: an attachment within the data of a report."""


def refuse(files: Iterable[File], secrets: Iterable[str]) -> None:
    """Refuse files that hold one of the secrets, or what looks like a token or a private key.

    Raises
    ------
    BadInput
        naming the file, and never the secret.
    """
    needles = _needles(secrets)
    for file in files:
        found = next(_found(file.path.read_bytes(), needles), None)
        if found:
            raise BadInput(
                f"{file.path}: holds {found}, so nothing was published.\n"
                "  Find out what wrote it there, remove it (`testbed report` rebuilds the pages "
                "of a run), and replace the leaked secret."
            )


def find(content: bytes, secrets: Iterable[str]) -> str:
    """Say which secret, or what that looks like a token or a key, a content holds; empty where none."""
    return next(_found(content, _needles(secrets)), "")


def _needles(secrets: Iterable[str]) -> list[bytes]:
    """Return each secret in every form in which a page may hold it."""
    known = Redactor(secrets).known
    forms = known | {
        write(secret)
        for secret in known
        for write in (html.escape, quote, lambda text: json.dumps(text)[1:-1])
    }
    return [form.encode() for form in sorted(forms)]


def _found(content: bytes, needles: list[bytes], depth: int = _DEPTH) -> Iterator[str]:
    """Say what is found in a content."""
    if content.startswith(_GZIP):
        content += b"\n" + _inflated(content)
    if any(needle in content for needle in needles):
        yield "a secret of the testbed's vault"
    if _KEY.search(content):
        yield "a private key"
    if any(
        _HEADER.search(content, max(0, dot.start() - _LONGEST_HEADER), dot.start())
        for dot in _HEADER_END.finditer(content)
    ):
        yield "a signed token (JSON Web Token)"
    if depth:
        packed: list[bytes] = []
        decoded: list[bytes] = []
        for one in _decoded(content):
            (packed if one.startswith(_GZIP) else decoded).append(one)
        for one in (*packed, b"\n".join(decoded)):
            if one:
                yield from (f"{what}, in base64" for what in _found(one, needles, depth - 1))


def _decoded(content: bytes) -> Iterator[bytes]:
    """Decode what may be base64, by whole groups of four."""
    for match in _ENCODED.finditer(content):
        yield binascii.a2b_base64(match[0][: len(match[0]) // 4 * 4])


def _inflated(content: bytes) -> bytes:
    """Return what is compressed in a content; nothing where it only begins as if it were."""
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        return b""
