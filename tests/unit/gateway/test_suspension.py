"""Sites that make something else of lists of banned users than they must."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from gateway.exchange import Request, Response

from harness.services.suspension.ban_list import signed
from tests.unit.gateway.fakes import KEYSTONE, Behind, ask, parsed, served

BANNED = "luc@b"
URL = "https://ops.b.test/bans.json"
KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


class Cloud(Behind):
    """A cloud that refuses banned users, and a publisher whose list a test sets."""

    def __init__(self) -> None:
        self.banned = {BANNED}
        super().__init__(self._answer)
        homes = dict(self.settings.homes)
        public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        homes["b"] = replace(homes["b"], ban_list=URL, ban_key=public.decode())
        self.settings = replace(self.settings, homes=homes)
        self.tokens._settings = self.settings
        self.published: dict[str, Any] | None = None

    def _answer(self, request: Request) -> Response:
        return Response.of(403 if parsed(request.bearer).claims["sub"] in self.banned else 200)

    async def look_up(self, url: str, *, check_name: bool = True) -> dict[str, Any] | None:
        assert url == URL
        return self.published

    def publish(self, *, serial: int, ends: int = 60, key: Ed25519PrivateKey = KEY) -> None:
        payload = {"serial": serial, "exp": time.time() + ends, "banned": [{"sub": BANNED}]}
        self.published = json.loads(signed(payload, key=key, kid="b"))

    def status(self, fault: str, subject: str = "lena@b") -> int:
        token = self.token(KEYSTONE.audience, sub=subject)
        request = ask("GET", "/v3/auth", of=KEYSTONE, Authorization=f"Bearer {token}")
        return served(fault, request, self).status


def test_a_banned_user_is_served() -> None:
    assert Cloud().status("ignores-bans", BANNED) == 200


def test_a_token_that_is_bad_is_not_served() -> None:
    cloud = Cloud()
    bad = cloud.token("https://elsewhere.test", sub=BANNED)
    request = ask("GET", "/v3/auth", of=KEYSTONE, Authorization=f"Bearer {bad}")
    assert served("ignores-bans", request, cloud).status == 403


def test_a_ban_is_never_lifted() -> None:
    cloud = Cloud()
    assert cloud.status("never-lifts-bans", BANNED) == 403
    cloud.banned.clear()
    assert cloud.status("never-lifts-bans", BANNED) == 403
    assert cloud.status("never-lifts-bans") == 200, "others are served"


def test_with_one_user_all_of_the_issuer_are_banned() -> None:
    cloud = Cloud()
    assert cloud.status("bans-whole-issuers") == 200
    cloud.status("bans-whole-issuers", BANNED)
    assert cloud.status("bans-whole-issuers") == 403


def test_what_was_given_before_goes_on_opening() -> None:
    answers = iter([Response.of(200, b'{"token": 1}'), Response.of(404)])
    cloud = Behind(lambda _: next(answers))
    told = [
        served(
            "keeps-sessions-of-the-banned",
            ask("GET", "/v3/auth/tokens", of=KEYSTONE, X_Auth_Token="t"),
            cloud,
        )
        for _ in range(2)
    ]
    assert [(one.status, one.body) for one in told] == [(200, b'{"token": 1}')] * 2


@pytest.mark.parametrize(
    ("fault", "flaw"),
    [
        ("takes-unsigned-lists", {"serial": 11, "key": OTHER}),
        ("takes-old-lists", {"serial": 9}),
        ("takes-expired-lists", {"serial": 11, "ends": -1}),
    ],
)
def test_a_list_is_taken_that_must_not_be(fault: str, flaw: dict[str, Any]) -> None:
    cloud = Cloud()
    cloud.banned.clear()
    assert cloud.status(fault, BANNED) == 200, "nothing is published"
    cloud.publish(serial=10)
    assert cloud.status(fault, BANNED) == 200, "the real site has to take the true list"
    cloud.publish(**flaw)
    assert cloud.status(fault, BANNED) == 403
    assert cloud.status(fault) == 200, "others are not on the list"
