"""No secret is published, however it is written down."""

from __future__ import annotations

import base64
import gzip
import html
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from harness.errors import BadInput
from harness.report.publish import leaks
from harness.report.publish.tree import File

SECRET = 'p<ss/"w&rd 7'
TOKEN = jwt.encode({"alg": "ES256"}, {"sub": "ada"}, ECKey.generate_key("P-256"))
KEY = ECKey.generate_key("P-256").as_pem(private=True).decode()


def refuse(folder: Path, content: bytes) -> None:
    path = folder / "page.html"
    path.write_bytes(content)
    leaks.refuse([File("page.html", path, len(content))], [SECRET])


def as_allure(text: str) -> str:
    """Data within Allure's page, and an attachment within these."""
    attachment = base64.b64encode(f"{'.' * 40}{text}{'.' * 41}".encode()).decode()
    return f'd("data/x.json","{base64.b64encode(json.dumps({"a": attachment}).encode()).decode()}")'


def in_base64(text: str) -> str:
    return base64.b64encode(f"{'x' * 47} {text}".encode()).decode()


def compressed(text: str) -> str:
    """What is compressed in a page (`harness.report.packing`)."""
    return base64.b64encode(gzip.compress(f"{'.' * 40}{in_base64(text)}".encode())).decode()


@pytest.mark.parametrize("secret", [SECRET, TOKEN, KEY], ids=["vault", "token", "key"])
@pytest.mark.parametrize(
    "written",
    [str, as_allure, compressed, in_base64],
    ids=["plainly", "as Allure does", "compressed", "in base64"],
)
def test_a_secret_is_found(tmp_path: Path, secret: str, written) -> None:
    with pytest.raises(BadInput, match=r"page\.html: holds") as refused:
        refuse(tmp_path, f"<p>{written(secret)}</p>".encode())
    for part in (SECRET, TOKEN.rsplit(".", 1)[-1], KEY.splitlines()[1]):
        assert part not in str(refused.value)


def test_a_secret_is_found_in_a_compressed_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        refuse(tmp_path, gzip.compress(SECRET.encode()))


def test_what_only_begins_as_if_it_were_compressed_is_looked_into_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        refuse(tmp_path, b"\x1f\x8b" + SECRET.encode())


@pytest.mark.parametrize("written", [quote, html.escape, json.dumps])
def test_a_secret_is_found_in_every_writing(tmp_path: Path, written) -> None:
    with pytest.raises(BadInput):
        refuse(tmp_path, written(SECRET).encode())


@pytest.mark.parametrize(
    "text",
    [
        TOKEN.rsplit(".", 1)[0] + ".[redacted]",
        "a key begins with BEGIN and PRIVATE KEY",
        "sha256:" + "0f" * 32,
        "=" * 70 + "A" * 49 + "==" + "B" * 51,
    ],
)
def test_what_is_no_secret_passes(tmp_path: Path, text: str) -> None:
    refuse(tmp_path, text.encode())
    refuse(tmp_path, as_allure(text).encode())
