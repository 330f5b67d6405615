"""Names of broken services are changed where a service names itself, and nowhere else."""

from __future__ import annotations

import asyncio

import pytest
from gateway import names
from gateway.exchange import Response
from multidict import CIMultiDict

HOST = "aai.egi.test"


def test_the_first_label_is_the_fault() -> None:
    assert names.split("ignores-expiry.se.egi.test") == ("ignores-expiry", "se.egi.test")


def test_a_request_names_the_real_service() -> None:
    headers = CIMultiDict(
        {
            "Destination": "https://open.se.egi.test/vo/a",
            "Source": "https://open.se.egi.test/vo/b",
            "Referer": "https://other.test/",
        }
    )
    names.inward(headers, "open", "se.egi.test")
    assert headers["Destination"] == "https://se.egi.test/vo/a"
    # The other end of a copy must find this one by the name that the user gave.
    assert headers["Source"] == "https://open.se.egi.test/vo/b"
    assert headers["Referer"] == "https://other.test/"


def renamed(body: str, **headers: str) -> Response:
    response = Response.of(200, body.encode(), **headers)
    asyncio.run(names.outward(response, "open", HOST))
    return response


@pytest.mark.parametrize(
    ("body", "after"),
    [
        (
            f'{{"token_endpoint": "https://{HOST}/token"}}',
            f'{{"token_endpoint": "https://open.{HOST}/token"}}',
        ),
        (f'{{"issuer": "https://{HOST}"}}', f'{{"issuer": "https://{HOST}"}}'),
        (f'"https://{HOST}:5000/v3"', f'"https://open.{HOST}:5000/v3"'),
        (f'"https://not{HOST}/x"', f'"https://not{HOST}/x"'),
    ],
)
def test_an_address_is_renamed_and_an_issuer_is_not(body: str, after: str) -> None:
    response = renamed(body, Content_Type="application/json; charset=utf-8")
    assert response.body == after.encode()
    assert response.headers["Content-Length"] == str(len(after))


def test_files_are_left_alone() -> None:
    body = f"https://{HOST}/token"
    assert renamed(body, Content_Type="application/octet-stream").body == body.encode()


def test_a_redirect_leads_to_the_broken_service() -> None:
    response = renamed("", Location=f"https://{HOST}/login?x=1")
    assert response.headers["Location"] == f"https://open.{HOST}/login?x=1"


@pytest.mark.parametrize(
    ("cookie", "after"),
    [
        ("state=x; Path=/; HttpOnly", f"state=x; Path=/; HttpOnly; Domain={HOST}"),
        ("session=x; domain=egi.test", "session=x; domain=egi.test"),
    ],
)
def test_the_real_service_finds_the_cookies_of_the_broken_one(cookie: str, after: str) -> None:
    assert renamed("", Set_Cookie=cookie).headers.getall("Set-Cookie") == [after]
