"""Each service that refuses wrongly alters refusals alone."""

from __future__ import annotations

import asyncio

import pytest
from gateway.exchange import Request, Response
from gateway.faults import FAULTS
from gateway.settings import Endpoint
from multidict import CIMultiDict

STORAGE = Endpoint(host="se.a.test", port=443, type="webdav", audience="https://se.a.test")
CHALLENGE = 'Bearer error="invalid_token", error_description="expired"'


class Behind:
    """A service with one answer to everything."""

    def __init__(self, answer: Response) -> None:
        self.answer = answer

    async def send(self, _: Request) -> Response:
        return self.answer


def served(name: str, status: int, challenge: str | None, *, token: bool) -> tuple[int, str | None]:
    """Return status and challenge of what the client sees of an answer."""
    answer = Response.of(status, b"body")
    if challenge:
        answer.headers["WWW-Authenticate"] = challenge
    request = Request(CIMultiDict(), b"", method="GET", path="/data", endpoint=STORAGE)
    if token:
        request.bearer = "x"
    seen = asyncio.run(FAULTS[name](request, Behind(answer)))  # type: ignore[arg-type]
    assert seen.body == b"body"
    return seen.status, seen.headers.get("WWW-Authenticate")


@pytest.mark.parametrize(
    ("name", "status", "seen"),
    [
        ("answers-403-for-401", 401, (403, CHALLENGE)),
        ("answers-403-for-401", 403, (403, CHALLENGE)),
        ("answers-401-for-403", 403, (401, CHALLENGE)),
        ("answers-401-for-403", 401, (401, CHALLENGE)),
        ("answers-without-challenge", 401, (401, None)),
        ("challenge-without-invalid-token", 401, (401, "Bearer")),
        ("challenge-names-an-error", 401, (401, CHALLENGE)),
    ],
)
def test_a_refusal_is_told_otherwise(name, status, seen):
    assert served(name, status, CHALLENGE, token=True) == seen


def test_a_stranger_is_told_of_an_error():
    seen = served("challenge-names-an-error", 401, "Bearer", token=False)

    assert seen == (401, 'Bearer error="invalid_token"')


def test_no_challenge_is_made_where_there_is_none():
    assert served("challenge-without-invalid-token", 403, None, token=True) == (403, None)


@pytest.mark.parametrize(
    "name",
    [
        "answers-403-for-401",
        "answers-401-for-403",
        "answers-without-challenge",
        "challenge-without-invalid-token",
        "challenge-names-an-error",
    ],
)
@pytest.mark.parametrize("token", [True, False])
def test_what_is_granted_passes_unchanged(name, token):
    assert served(name, 200, None, token=token) == (200, None)
