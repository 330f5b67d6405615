"""A site takes a list of banned users only where it may, and its services refuse those users alone."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import ban_list
import pytest
from bans.lists import LONGEST, NotTaken, User, checked
from bans.means import arc, htcondor, keystone, webdav
from bans.rounds import Publisher, Site

LUC = User("https://aai.a.test", "luc@a")
LENA = User("https://aai.a.test", "lena@a")
NOW = 1_800_000_000.0


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """The key pair of a publisher: `.key`, and `.pub` beside it."""
    return made(tmp_path / "publisher.key")


def made(path: Path) -> Path:
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", path], check=True)
    public = path.with_suffix(".pub")
    subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-out", public], check=True)
    return path


def document(key: Path, *users: User, **changes: Any) -> bytes:
    payload = {
        "publisher": "a",
        "serial": 10,
        "iat": int(NOW),
        "exp": int(NOW) + 60,
        "banned": [{"iss": one.issuer, "sub": one.subject} for one in users],
        **changes,
    }
    return json.dumps(ban_list.signed(payload, key=str(key), kid="a")).encode()


def taken(content: bytes, key: Path, *, newest: int = 9) -> frozenset[User]:
    public = key.with_suffix(".pub")
    return checked(content, publisher="a", key=public, newest=newest, now=NOW).users


def test_a_list_of_its_publisher_is_taken(key: Path) -> None:
    assert taken(document(key, LUC, LENA), key) == {LUC, LENA}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"serial": 9}, "old: serial 9, and 9 was taken already"),
        ({"exp": int(NOW)}, "expired"),
        ({"iat": int(NOW) + 61}, "in the future"),
        ({"publisher": "b"}, "of another publisher: b"),
        ({"serial": None}, "malformed"),
        ({"banned": [{"iss": "x"}]}, "malformed"),
        ({"banned": [{"iss": "x", "sub": 'a"\nRequire all granted'}]}, "blanks, quotes"),
    ],
)
def test_a_list_that_may_not_be_taken_says_why(
    key: Path, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(NotTaken, match=why):
        taken(document(key, **changes), key)


def test_a_list_that_its_publisher_did_not_sign_is_not_taken(key: Path, tmp_path: Path) -> None:
    with pytest.raises(NotTaken, match="not the publisher's"):
        taken(document(made(tmp_path / "other.key"), LUC), key)
    altered = json.loads(document(key))
    altered["payload"] = json.loads(document(key, LUC))["payload"]
    with pytest.raises(NotTaken, match="not the publisher's"):
        taken(json.dumps(altered).encode(), key)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"payload": "e30"}', b"x" * (LONGEST + 1)])
def test_what_is_no_signed_list_is_not_taken(key: Path, content: bytes) -> None:
    with pytest.raises(NotTaken):
        taken(content, key)


class Remembering:
    """A means that keeps what it was told."""

    def __init__(self, *failures: Exception) -> None:
        self.told: list[list[User]] = []
        self._failures = list(failures)

    def apply(self, users: Collection[User]) -> Sequence[str]:
        self.told.append(sorted(users))
        if self._failures:
            raise self._failures.pop()
        return ["job-1"] if users else []


class Rounds:
    """A site with one publisher, whose list is what the test says."""

    def __init__(self, folder: Path, key: Path, means: Remembering) -> None:
        publisher = Publisher("a", "https://a.test/bans.json", key.with_suffix(".pub"))
        self._file = folder / "status.json"
        self._site = Site(self._file, [publisher], {"service": means})
        self._key = key

    def __call__(self, *users: User, serial: int, always: bool = False, ends: int = 60) -> bool:
        now = int(time.time())
        content = document(self._key, *users, serial=serial, iat=now, exp=now + ends)
        return self._site.round(always=always, fetch=lambda _: content)

    def unreached(self) -> bool:
        def fail(_: str) -> bytes:
            raise OSError("refused")

        return self._site.round(fetch=fail)

    @property
    def status(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self._file.read_text())
        return found


def test_a_new_list_is_applied_once(tmp_path: Path, key: Path) -> None:
    means = Remembering()
    rounds = Rounds(tmp_path, key, means)
    assert rounds(LUC, serial=1)
    assert rounds(LUC, serial=2), "the same users: nothing is to be done"
    assert rounds(serial=3)
    assert means.told == [[LUC], []]
    assert rounds.status["lists"]["a"]["serial"] == 3


def test_a_list_that_is_not_taken_changes_nothing_and_is_told(tmp_path: Path, key: Path) -> None:
    means = Remembering()
    rounds = Rounds(tmp_path, key, means)
    rounds(LUC, serial=2)
    assert rounds(LUC, LENA, serial=1)
    assert rounds(LUC, LENA, serial=3, ends=-1)
    assert means.told == [[LUC]]
    told = rounds.status["lists"]["a"]
    assert (told["serial"], told["not_taken"]) == (2, "expired")
    assert rounds(serial=3), "the true list counts as ever"
    assert means.told == [[LUC], []]


def test_while_the_publisher_is_away_bans_stay(tmp_path: Path, key: Path) -> None:
    means = Remembering()
    rounds = Rounds(tmp_path, key, means)
    rounds(LUC, serial=1)
    assert not rounds.unreached()
    assert means.told == [[LUC]]
    assert rounds.status["lists"]["a"]["unreached"] == "refused"


def test_what_failed_is_tried_again(tmp_path: Path, key: Path) -> None:
    means = Remembering(RuntimeError("Keystone is away"))
    rounds = Rounds(tmp_path, key, means)
    assert not rounds(LUC, serial=1)
    assert "Keystone is away" in rounds.status["applied"]["failed"]["service"]
    assert rounds(LUC, serial=1)
    assert means.told == [[LUC], [LUC]]
    assert rounds.status["applied"]["ended"] == {"service": ["job-1"]}


def test_a_service_that_was_made_anew_is_told_again(tmp_path: Path, key: Path) -> None:
    means = Remembering()
    rounds = Rounds(tmp_path, key, means)
    rounds(LUC, serial=1)
    rounds(LUC, serial=1, always=True)
    assert means.told == [[LUC], [LUC]]


def test_the_publisher_keeps_its_list_and_serials_grow(tmp_path: Path, key: Path) -> None:
    published, kept = tmp_path / "bans.json", tmp_path / "list.json"
    settings = tmp_path / "publisher.json"
    settings.write_text(
        json.dumps({"publisher": "a", "key": str(key), "published": str(published), "life": 60})
    )

    def users(*words: str) -> tuple[int, frozenset[User]]:
        serial = ban_list.publish(list(words), settings=settings, kept=kept)
        public = key.with_suffix(".pub")
        found = checked(
            published.read_bytes(), publisher="a", key=public, newest=0, now=time.time()
        )
        assert found.serial == serial
        return serial, found.users

    first, whom = users("ban", LUC.issuer, LUC.subject, "a drill")
    assert whom == {LUC}
    second, whom = users("ban", LENA.issuer, LENA.subject, "a drill")
    assert whom == {LUC, LENA}
    third, whom = users("renew")
    assert whom == {LUC, LENA}
    fourth, whom = users("lift", LUC.issuer, LUC.subject)
    assert whom == {LENA}
    assert first < second < third < fourth
    with pytest.raises(ValueError, match="lift <issuer> <subject>"):
        users("forget", "everything")


# -- what services are told


def test_apache_refuses_issuer_and_subject_together() -> None:
    rule = webdav.rule([LUC])
    assert 'Require oauth2_claim "iss:https://aai.a.test"' in rule
    assert 'Require oauth2_claim "sub:luc@a"' in rule
    assert rule.startswith("<RequireNone>")
    assert webdav.rule([]) == ""


def test_htcondor_denies_accounts_at_the_pool_and_at_the_queue() -> None:
    text = htcondor.settings(["a04@a.test", "a05@a.test"])
    assert "DENY_READ = a04@a.test, a05@a.test\n" in text
    assert "SCHEDD.DENY_WRITE = a04@a.test, a05@a.test\n" in text
    assert htcondor.settings([]) == ""


def test_arc_has_a_line_for_each_user() -> None:
    assert arc.rules([LUC]) == "https://aai.a.test luc@a\n"
    assert arc.rules([]) == ""


def test_arc_ends_jobs_of_the_owner_that_have_not_ended() -> None:
    listed = (
        "a1       INLRMS\tnap\thttps://aai.a.test/luc@a\n"
        "a2     FINISHED\tnap\thttps://aai.a.test/luc@a\n"
        "a3       INLRMS\ttwo words\thttps://aai.a.test/luc\n"
        "a4       INLRMS\ttwo words\thttps://aai.a.test/luc@a\n\n"
    )
    assert arc.living(listed, {"https://aai.a.test/luc@a"}) == ["a1", "a4"]


def test_keystone_matches_all_users_but_those_banned() -> None:
    rules = [{"local": [], "remote": [{"type": "OIDC-sub"}, {"type": "OIDC-iss"}]}]
    banned = keystone.refusing(rules, ["luc@a"])
    condition = {"type": "OIDC-sub", "not_any_of": ["luc@a"]}
    assert banned[0]["remote"] == [{"type": "OIDC-sub"}, {"type": "OIDC-iss"}, condition]
    assert keystone.refusing(banned, []) == rules


def test_keystone_enables_those_alone_whom_a_list_had_disabled() -> None:
    luc = {"name": "luc@a", "enabled": True}
    assert keystone.needed(luc, ["lena@a"]) == {}
    disabled = luc | keystone.needed(luc, ["luc@a"])
    assert not disabled["enabled"]
    assert keystone.needed(disabled, ["luc@a"]) == {}
    assert (disabled | keystone.needed(disabled, []))["enabled"]
    by_the_site = luc | {"enabled": False}
    assert keystone.needed(by_the_site, []) == {}
