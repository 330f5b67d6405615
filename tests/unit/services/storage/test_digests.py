"""Sums in every form in which storages write them."""

import base64
import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.services.storage.digests import algorithm, parse_digest

CONTENT = b"what is stored"
MD5, SHA = hashlib.md5(CONTENT).digest(), hashlib.sha256(CONTENT).digest()


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize(
    "header",
    [
        f"md5={b64(MD5)}",
        f"MD5={b64(MD5).rstrip('=')}",
        f"md5={MD5.hex()}",
        f"Md5={MD5.hex().upper()}",
        f"md5=:{b64(MD5)}:",
        f'md5="{b64(MD5)}"',
        f"  md5 = {b64(MD5)} ,adler32=!!!",
        f"md5={base64.urlsafe_b64encode(MD5).decode()}",
        f"md5={b64(MD5)}, md5={MD5.hex()}",
    ],
)
def test_one_sum_in_many_forms(header):
    assert parse_digest(header)["md5"] == MD5.hex()


@pytest.mark.parametrize(
    ("header", "sums"),
    [
        ("ADLER32=2E6062B", {"adler32": "02e6062b"}),
        ("adler32=0x02e6062b", {"adler32": "02e6062b"}),
        ("Adler-32=02E6062B", {"adler32": "02e6062b"}),
        ("adler32=AuYGKw==", {"adler32": "02e6062b"}),
        ("crc32c=1", {"crc32c": "00000001"}),
        ("SHA256=" + b64(SHA).rstrip("="), {"sha-256": SHA.hex()}),
        ("sha-256=" + SHA.hex(), {"sha-256": SHA.hex()}),
        ("UNIXcksum=30637", {"unixcksum": "30637"}),
        ("", {}),
        (",,", {}),
        ("=x", {}),
        ("adler32", {}),
    ],
)
def test_letters_names_and_zeros(header, sums):
    assert parse_digest(header) == sums


@pytest.mark.parametrize(
    "unreadable",
    ["md5=short", f"md5={MD5.hex()[1:]}", "md5=!", f"sha-512={b64(SHA)}", "adler32=999999999999"],
)
def test_what_has_not_the_length_of_its_algorithm_is_left_out(unreadable):
    assert parse_digest(f"{unreadable},crc32=0000000b") == {"crc32": "0000000b"}


def test_two_sums_of_one_algorithm_that_differ_are_none():
    assert parse_digest(f"adler32=00000001, md5={MD5.hex()}, adler32=00000002") == {
        "md5": MD5.hex()
    }


@pytest.mark.parametrize(
    ("spelt", "name"), [("SHA1", "sha"), ("Sha_512", "sha-512"), (" ADLER32 ", "adler32"), ("own", "own")]
)  # fmt: skip
def test_algorithms_by_their_registered_names(spelt, name):
    assert algorithm(spelt) == name


@given(st.binary(), st.booleans(), st.booleans())
def test_what_is_written_is_read_again(content, capital, padded):
    sum_ = f"{zlib.adler32(content):08x}"
    digest = b64(hashlib.sha512(content).digest())
    told = (sum_.upper() if capital else sum_, digest if padded else digest.rstrip("="))
    header = "adler32={},sha-512={}".format(*told)
    assert parse_digest(header) == {
        "adler32": sum_,
        "sha-512": hashlib.sha512(content).hexdigest(),
    }


@given(st.text() | st.lists(st.tuples(st.sampled_from(["md5", "adler32", "sha-256", "x"]), st.text())).map(
    lambda pairs: ",".join(f"{name}={value}" for name, value in pairs)
))  # fmt: skip
def test_any_header_is_read(header):
    assert all(name and value for name, value in parse_digest(header).items())
