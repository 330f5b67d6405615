"""Tokens that lie somewhere: in a file, and where WLCG's Bearer Token Discovery looks."""

import os
import time

import pytest

from harness.errors import BeyondSource, SourceFailed
from harness.services.issuer.client import SCOPE
from harness.services.issuer.sources import bearer_token_discovery
from tests.unit.services.issuer import people
from tests.unit.services.issuer.wire import jwt

FAR = 4_000_000_000
SE = "https://se.test"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "token"


def token_file(home, path, **rest):
    return people.source_of(home, credentials={"source": "token-file", "path": str(path), **rest})


def test_a_file_is_read_anew_and_the_blanks_around_its_token_do_not_count(home, path):
    source = token_file(home, path)
    for number in (1, 2):
        path.write_text(f"\n {jwt(iss=home.issuer, exp=FAR, jti=str(number))}\n\n")
        assert source.get(None, SCOPE).token.claims["jti"] == str(number)


def test_its_token_serves_for_whom_the_inventory_says(home, path):
    path.write_text(jwt(iss=home.issuer, exp=FAR, aud=SE, scope="storage.read:/ storage.modify:/"))
    user = people.user(
        home,
        credentials={
            "source": "token-file",
            "path": str(path),
            "audience": [SE],
            "scope": "storage.read:/ storage.modify:/",
        },
    )
    assert user.token(SE, "storage.read:/ storage.modify:/").audiences == {SE}
    with pytest.raises(BeyondSource, match=f"gives tokens for {SE}, but not for https://ce.test"):
        user.token("https://ce.test")
    with pytest.raises(BeyondSource, match="and not compute"):
        user.token(SE, "compute.read")


def test_a_token_that_is_not_what_the_inventory_says_is_nobody_elses_fault(home, path):
    path.write_text(jwt(iss=home.issuer, exp=FAR, aud="https://other.test", scope="openid"))
    credentials = {
        "source": "token-file",
        "path": str(path),
        "audience": people.ANY,
        "scope": "storage.read:/",
    }
    user = people.user(home, credentials=credentials)
    with pytest.raises(SourceFailed, match="ada of home: `token-file` was asked for a token for"):
        user.token(SE)
    with pytest.raises(
        SourceFailed, match=r"lacks storage.read:/, which it has according to the inventory"
    ):
        user.token(SE, "storage.read:/")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "gave no output, so no token"),
        ("a b", "characters that cannot be part of a token"),
        ("é", "bytes that cannot be part of a token"),
        (
            jwt(iss="https://other.test", exp=FAR),
            "a token of https://other.test, but the member's issuer",
        ),
        (jwt(exp=FAR), "of an issuer that it does not name"),
        (
            jwt(iss="https://aai.home.test", exp=1),
            r"expired at 1970-01-01 00:00:01 UTC\. Get another",
        ),
        (jwt(iss="https://aai.home.test", nbf=FAR), "is not valid before 2096"),
        (jwt(iss="https://aai.home.test", typ="ID"), "gave an ID token"),
        (jwt(iss="https://aai.home.test", typ="Refresh"), "gave a refresh token"),
    ],
)
def test_what_is_no_good_token_is_told_with_member_and_source(home, path, content, said):
    path.write_text(content)
    with pytest.raises(SourceFailed, match=f"^ada of home: `token-file` .*{said}"):
        token_file(home, path).get(None, SCOPE)


@pytest.mark.parametrize("make", [lambda path: None, os.mkfifo, os.mkdir])
def test_what_cannot_be_read_is_told_with_its_path(home, path, make):
    make(path)
    with pytest.raises(SourceFailed, match=f"`token-file` cannot read {path}"):
        token_file(home, path).get(None, SCOPE)


def test_an_issuers_slash_at_the_end_and_an_opaque_token_are_taken(home, path):
    for content in (jwt(iss=f"{home.issuer}/", exp=time.time() + 60), "opaque-token"):
        path.write_text(content)
        assert token_file(home, path).get(None, SCOPE).token.value == content


def test_a_path_depends_on_no_folder(home):
    with pytest.raises(ValueError, match="an absolute path is expected"):
        token_file(home, "token")


@pytest.fixture
def discovery(home, tmp_path, monkeypatch):
    for name in ("BEARER_TOKEN", "BEARER_TOKEN_FILE", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(bearer_token_discovery, "TEMPORARY", tmp_path / "tmp")
    for folder in ("tmp", "run"):
        (tmp_path / folder).mkdir()
    return people.source_of(home, credentials="bearer-token-discovery")


def test_discovery_looks_in_the_order_of_the_specification(discovery, tmp_path, monkeypatch):
    name = f"bt_u{os.geteuid()}"

    def found():
        return discovery.get(None, SCOPE).token.value

    with pytest.raises(
        SourceFailed, match=f"`bearer-token-discovery` cannot read {tmp_path}/tmp/{name}"
    ):
        found()
    (tmp_path / "tmp" / name).write_text("of-tmp\n")
    assert found() == "of-tmp"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    assert found() == "of-tmp"
    (tmp_path / "run" / name).write_text("of-run")
    assert found() == "of-run"
    monkeypatch.setenv("BEARER_TOKEN_FILE", str(tmp_path / "named"))
    with pytest.raises(SourceFailed, match=r"cannot read .*named"):
        found()
    (tmp_path / "named").write_text("of-named")
    assert found() == "of-named"
    monkeypatch.setenv("BEARER_TOKEN", " of-environment ")
    assert found() == "of-environment"
    monkeypatch.setenv("BEARER_TOKEN", "no token")
    with pytest.raises(
        SourceFailed, match=r"characters that cannot be part of a token .*\(BEARER_TOKEN\)"
    ):
        found()
