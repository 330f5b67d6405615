"""Issuers that fail as providers of OpenID Connect."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from gateway.exchange import Request, Response
from gateway.faults.issuer import DISCOVERY, challenge_of

from tests.unit.gateway.fakes import AAI, Behind, ask, served

DOCUMENT = {
    "issuer": "https://aai.a.test",
    "authorization_endpoint": "https://aai.a.test/auth",
    "userinfo_endpoint": "https://aai.a.test/me",
    "id_token_signing_alg_values_supported": ["ES256"],
}


def answering(told: Response) -> Behind:
    def answer(request: Request) -> Response:
        return Response.of_json(200, DOCUMENT) if request.path == DISCOVERY else told

    return Behind(answer)


@pytest.mark.parametrize(
    ("name", "hidden"),
    [
        ("names-no-user-info", "userinfo_endpoint"),
        ("names-no-id-token-algorithms", "id_token_signing_alg_values_supported"),
    ],
)
def test_a_value_is_missing_from_discovery(name: str, hidden: str) -> None:
    response = served(name, ask("GET", DISCOVERY, of=AAI), answering(Response.of(200)))

    assert DOCUMENT.keys() - json.loads(response.body).keys() == {hidden}


def test_another_user_is_named() -> None:
    site = answering(Response.of_json(200, {"sub": "member@a"}))
    told = served("tells-of-another-user", ask("GET", "/me", of=AAI), site)

    assert json.loads(told.body) == {"sub": "another@a"}


@pytest.mark.parametrize(("path", "status"), [("/me", 200), ("/token", 401)])
def test_any_token_tells_who_its_user_is(path: str, status: int) -> None:
    site = answering(Response.of(401))
    request = ask("GET", path, of=AAI)
    request.bearer = site.token("https://se.a.test", of="a")
    told = served("tells-users-by-any-token", request, site)

    assert told.status == status
    if told.ok:
        assert json.loads(told.body) == {"sub": "member@a"}


def test_a_plain_challenge_is_as_good_as_another() -> None:
    site = answering(Response.of(303))
    for method in ("plain", "S256"):
        query = f"state=1&code_challenge=seen&code_challenge_method={method}"
        served("accepts-plain-challenges", ask("GET", f"/auth?{query}", of=AAI), site)
    asked = [parse_qs(urlsplit(one.path).query) for one in site.asked if one.path != DISCOVERY]

    assert [one["code_challenge"] for one in asked] == [[challenge_of("seen")], ["seen"]]
    assert [one["code_challenge_method"] for one in asked] == [["S256"], ["S256"]]
