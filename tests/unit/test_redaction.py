"""No secret survives, whether the testbed knows it or it only looks like one."""

from __future__ import annotations

import base64
import html
import json
import random
import re
import string
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("before", ["", "B", "Bearer "])
def test_a_token_in_base64_is_cut_out_although_nobody_has_told_of_it(before: str) -> None:
    token = f"{HEADER}.{CLAIMS}.c2lnbmF0dXJl"
    text = f"echo={base64.b64encode((before + token).encode()).decode()}&x=1"
    clean = Redactor().redact(text)
    assert clean.endswith(f"{CUT}&x=1")
    assert len(clean) < len("echo=") + 12 + len(CUT) + len("&x=1")


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
        ('{"mytoken": "abc", "a": 1}', '{"mytoken": "[redacted]", "a": 1}'),
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


SECRET = "Ünter-den/Linden &7+\"quoted'"
"""Has what each writing escapes."""


def folded(text: str, width: int, fold: str) -> str:
    return fold.join(text[at : at + width] for at in range(0, len(text), width))


def in_base64(before: str, secret: str, behind: str) -> str:
    return base64.b64encode(f"{before}{secret}{behind}".encode()).decode()


@pytest.mark.parametrize(
    "write",
    [
        lambda secret: quote(secret, safe=""),
        lambda secret: re.sub("%..", lambda match: match[0].lower(), quote(secret, safe="")),
        quote_plus,
        lambda secret: "".join(f"%{byte:02X}" for byte in secret.encode()),
        lambda secret: quote(quote(secret, safe=""), safe=""),
        lambda secret: json.dumps({"echo": secret}),
        lambda secret: json.dumps({"echo": secret}, ensure_ascii=False).replace("/", "\\/"),
        lambda secret: json.dumps(json.dumps({"echo": secret})),
        lambda secret: "".join(f"\\u{ord(letter):04X}" for letter in secret),
        html.escape,
        lambda secret: "".join(f"&#{ord(letter)};" for letter in secret),
        lambda secret: repr(secret.encode()),
        lambda secret: secret.encode().hex(),
        lambda secret: secret.encode().hex().upper(),
        lambda secret: folded(secret, 11, "\r\n "),
        lambda secret: folded(secret, 9, "\nE         "),
        lambda secret: json.dumps(folded(secret, 10, "\n")),
        lambda secret: folded(secret.encode().hex(), 32, "\n"),
        lambda secret: in_base64("", secret, ""),
        lambda secret: in_base64("x", secret, "yz").rstrip("="),
        lambda secret: in_base64("xy", secret, "z").replace("+", "-").replace("/", "_"),
        lambda secret: json.dumps(in_base64("{}", secret, "")).replace("/", "\\/"),
        lambda secret: quote(in_base64("", secret, "."), safe=""),
        lambda secret: folded(in_base64("user:", secret, "." * 60), 64, "\n"),
    ],
)
@pytest.mark.parametrize("secret", [SECRET, "kX9-4tq_Zz0.Lw~1", "a" * 20 + "??>>~~" * 30])
def test_a_secret_that_is_written_otherwise_is_cut_out(
    write: Callable[[str], str], secret: str
) -> None:
    """Nothing of it is left from which it could be read."""
    text = f"the service says: {write(secret)}, and so on"
    clean = Redactor([secret]).redact(text)
    assert CUT in clean
    left = clean.removeprefix("the service says: ").removesuffix(", and so on").replace(CUT, "")
    # What surrounds it in JSON and in base64 may stay; of the secret, at most the letters at its ends.
    form, other = ("".join(write(text).split()) for text in (secret, "0" * len(secret.encode())))
    pieces = {left[at : at + 12] for at in range(len(left) - 11)}
    assert not [one for one in pieces if one in form and one[1:-1] not in other]


@given(
    st.text(min_size=8, max_size=80).filter(str.isprintable),
    st.binary(max_size=30),
    st.binary(max_size=30),
)
def test_whatever_surrounds_it_base64_of_a_secret_is_cut_out(
    secret: str, before: bytes, behind: bytes
) -> None:
    text = base64.b64encode(before + secret.encode() + behind).decode()
    clean = Redactor([secret]).redact(text)
    kept = "".join(clean.split(CUT))
    assert len(text) - len(kept) >= 8 * len(secret.encode()) // 6 - 2


@given(st.text(), st.lists(st.text(min_size=6, max_size=20), max_size=3))
def test_any_text_can_be_redacted_and_holds_no_secret(text: str, secrets: list[str]) -> None:
    """Broken escapes and half surrogate pairs too; twice changes nothing more."""
    redactor = Redactor(secrets)
    for around in ("{}{}", "{0}\n{1}", "%4{1}{0}\\u00", "&#x4{0}{1}"):
        clean = redactor.redact(around.format(text, "".join(secrets)))
        assert not any(secret in clean.replace(CUT, "\0") for secret in secrets)


@pytest.mark.parametrize(
    "text",
    [
        "the site passed\nwords of its own",
        'GET https://se.egi.test/a%20b?x=%7B%7D -> 200 {"a": "b\\n"} &amp; more',
        "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUdQ==\n-----END CERTIFICATE-----",
        "sha-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    ],
)
def test_what_only_resembles_an_encoded_secret_stays(text: str) -> None:
    """A short secret is not put together from words at the ends of lines."""
    assert Redactor(["passedwords", "kX9-4tq_Zz0.Lw~1", "se.egi.tests"]).redact(text) == text


def test_a_secret_in_a_long_text_is_cut_out_wherever_it_stands() -> None:
    """Also across the portions in which a text is looked through."""
    secret = "kX9-4tq_Zz0.Lw~1"
    redactor = Redactor([secret])
    for at in range(65_536 - 20, 65_536 + 20):
        assert secret not in redactor.redact("." * at + secret + "." * 100)
