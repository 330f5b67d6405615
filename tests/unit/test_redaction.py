"""No secret survives, whether the testbed knows it or it only looks like one."""

from __future__ import annotations

import base64
import json
import random
import string
from urllib.parse import quote, quote_plus, urlencode

import pytest

from harness.redaction import CUT, Redactor

ALPHABET = string.ascii_letters + string.digits + string.punctuation + " ü中"


def test_what_was_remembered_is_cut_out_in_every_form() -> None:
    """Random secrets of all lengths, in plain text, in URLs, beside and within each other."""
    dice = random.Random(20260101)
    for _ in range(300):
        secret = "".join(dice.choices(ALPHABET, k=dice.randrange(6, 60)))
        longer = f"{secret}{dice.choice(string.ascii_letters)}"
        redactor = Redactor([secret, longer] if dice.random() < 0.5 else [longer, secret])
        for form in (secret, quote(secret, safe=""), quote_plus(secret), urlencode({"a": secret})):
            assert secret not in redactor.redact(f"before {form} after")
            assert quote(secret, safe="") not in redactor.redact(f"?x={form}&y=1")
        assert redactor.redact(f"<{longer}>") == f"<{CUT}>"


def test_the_signature_of_a_token_is_as_secret_as_the_token() -> None:
    """Whoever searches for a token looks for its signature, and shows what is looked for."""
    token = f"{part({'alg': 'ES256'})}.{part({'sub': 'somebody'})}.c2lnbmF0dXJlLW9mLWEtdG9rZW4"
    redactor = Redactor([token])
    assert redactor.redact("how many lines hold c2lnbmF0dXJlLW9mLWEtdG9rZW4?") == (
        f"how many lines hold {CUT}?"
    )


def test_short_words_are_no_secrets() -> None:
    assert Redactor(["a", "", "12345"]).redact("a 12345") == "a 12345"


def test_remembering_returns_the_secret() -> None:
    assert Redactor().remember("s3cr3t-s3cr3t") == "s3cr3t-s3cr3t"


def part(fields: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()


HEADER, CLAIMS = part({"alg": "ES256"}), part({"sub": "somebody", "iss": "https://aai"})


@pytest.mark.parametrize(
    "token",
    [
        f"{HEADER}.{CLAIMS}.c2lnbmF0dXJl",
        f"{HEADER}.{CLAIMS}.",  # unsigned
        "gAAAAABpIeQx4Zk3cQ9w-J2mSbP0u1nV7_Xy",  # Keystone's
        f"{HEADER}.{CLAIMS}.key.iv.text",  # encrypted
        f"{HEADER[:12]}...{CLAIMS[-12:]}.c2lnbmF0dXJl",  # shortened by pytest
        HEADER,
    ],
)
@pytest.mark.parametrize("around", ["{}", "token='{}'", "Bearer {}\n", '{{"a":"{}"}}', "({})"])
def test_what_looks_like_a_token_is_cut_out(token: str, around: str) -> None:
    clean = Redactor().redact(around.format(token))
    assert clean == around.format(CUT)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Authorization: Bearer abc.def", "Authorization: Bearer [redacted]"),
        ("authorization: Basic dXNlcjpwdw==", "authorization: Basic [redacted]"),
        ("X-Auth-Token: gAAAAB-x", "X-Auth-Token: [redacted]"),
        ("X-Subject-Token: gAAAAB-x", "X-Subject-Token: [redacted]"),
        ("Set-Cookie: lemonldap=abc; Secure", "Set-Cookie: [redacted]"),
        ("password=hunter2&user=x", "password=[redacted]&user=x"),
        ('{"refresh_token": "abc", "a": 1}', '{"refresh_token": "[redacted]", "a": 1}'),
        ("client_secret=abc", "client_secret=[redacted]"),
        ("device_code=abc", "device_code=[redacted]"),
        (
            "-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----",
            "[redacted]",
        ),
    ],
)
def test_what_looks_like_a_credential_is_cut_out(text: str, clean: str) -> None:
    assert Redactor().redact(text) == clean


@pytest.mark.parametrize(
    "text",
    ["GET https://se.egi.test/vo.interop/f -> 200", "password required", "adler32=03da0195"],
)
def test_the_rest_stays_as_it_is(text: str) -> None:
    assert Redactor().redact(text) == text


def test_redacting_twice_changes_nothing_more() -> None:
    redactor = Redactor(["s3cr3t-s3cr3t"])
    once = redactor.redact(f"Authorization: Bearer s3cr3t-s3cr3t {HEADER}.{CLAIMS}.x password=y")
    assert redactor.redact(once) == once


def test_what_is_left_of_a_shortened_secret_is_cut_out() -> None:
    """Pytest shortens long values of a comparison in the middle, and an end of a secret is one too."""
    dice = random.Random(20260102)
    for _ in range(100):
        secret = "".join(dice.choices(string.hexdigits, k=32))
        head, tail = dice.randrange(6, 20), dice.randrange(6, 12)
        clean = Redactor([secret]).redact(f"assert '{secret[:head]}...{secret[-tail:]}' == 'x...y'")
        assert secret[:6] not in clean
        assert secret[-6:] not in clean
        assert clean.endswith("== 'x...y'")


def test_dots_alone_hide_nothing() -> None:
    assert Redactor(["s3cr3t-s3cr3t"]).redact("wait ... a ... bit") == "wait ... a ... bit"
