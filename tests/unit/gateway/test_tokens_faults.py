"""Services that overlook what is wrong with a token."""

from __future__ import annotations

import time

import pytest
from gateway.exchange import Request, Response

from tests.unit.gateway.fakes import KEYSTONE, Behind, ask, parsed, served

FAULT = "keeps-what-it-verified"


def answer(request: Request) -> Response:
    good = parsed(request.bearer).claims["exp"] > time.time()
    return Response.of(200 if good else 401)


def ending(end: float, cloud: Behind) -> str:
    """Return a member's token with that end."""
    claims = dict(parsed(cloud.token(KEYSTONE.audience)).claims)
    return cloud.tokens.signed_as_is(cloud.settings.homes["b"], claims | {"exp": end})


def asked(token: str, cloud: Behind) -> int:
    request = ask("GET", "/v3/auth", of=KEYSTONE, Authorization=f"Bearer {token}")
    return served(FAULT, request, cloud).status


def test_what_was_good_once_is_good_past_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = Behind(answer)
    end = time.time() + 600
    token = ending(end, cloud)
    assert asked(token, cloud) == 200
    monkeypatch.setattr(time, "time", lambda: end + 1)
    assert asked(token, cloud) == 200
    unseen = ending(time.time() - 1, cloud)
    assert asked(unseen, cloud) == 401, "it was never good here"
    assert asked(unseen, cloud) == 401, "nor has it become so"


def replaced(fault: str, token: str, cloud: Behind) -> tuple[dict[str, object], dict[str, object]]:
    """Return the claims of a token, and of the one that the real service sees in its place."""
    request = ask("GET", "/v3/auth", of=KEYSTONE, Authorization=f"Bearer {token}")
    served(fault, request, cloud)
    return dict(parsed(token).claims), dict(parsed(cloud.asked[-1].bearer).claims)


def test_whoever_comes_is_one_user_of_the_same_issuer() -> None:
    cloud = Behind(lambda _: Response.of(200))
    token = cloud.token(KEYSTONE.audience)
    came, seen = replaced("acts-for-all-as-one-user", token, cloud)
    assert seen["sub"] == "everybody@b" != came["sub"]
    same = ("iss", "aud", "scope", "eduperson_entitlement")
    assert [seen[name] for name in same] == [came[name] for name in same]


def test_a_token_that_is_made_anew_has_another_identifier_alone() -> None:
    cloud = Behind(lambda _: Response.of(200))
    came, seen = replaced("makes-tokens-anew", cloud.token(KEYSTONE.audience), cloud)
    assert seen["jti"] != came["jti"]
    assert (seen["iss"], seen["sub"]) == (came["iss"], came["sub"])


def test_a_bad_token_is_refused_as_it_would_be() -> None:
    cloud = Behind(lambda _: Response.of(401))
    bad = cloud.token("https://elsewhere.test")
    for fault in ("acts-for-all-as-one-user", "makes-tokens-anew"):
        came, seen = replaced(fault, bad, cloud)
        assert seen == came
