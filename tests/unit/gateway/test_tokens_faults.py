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
