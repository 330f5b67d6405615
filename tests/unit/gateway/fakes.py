"""Services that give prepared answers, behind a gateway that holds the keys of two issuers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from gateway.exchange import Request, Response
from gateway.faults import FAULTS
from gateway.settings import Endpoint, Home, Settings
from gateway.site import Site
from gateway.tokens import Token
from joserfc.jwk import ECKey
from multidict import CIMultiDict

AAI = Endpoint("aai.a.test", 443, "egi.aai.oidc", "https://aai.a.test")
KEYSTONE = Endpoint(
    "cloud.a.test", 5000, "org.openstack.keystone", "https://cloud.a.test:5000", "openid"
)
SWIFT = Endpoint("cloud.a.test", 8080, "org.openstack.swift", "https://cloud.a.test:5000")
ANY = "https://wlcg.cern.ch/jwt/v1/any"
CALLBACK = "http://localhost:4242/callback"

Answering = Callable[[Request], Response]


def home(name: str) -> Home:
    key = ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True).as_dict(private=True)
    return Home(
        name=name,
        issuer=f"https://aai.{name}.test",
        key=key,
        subject=f"member@{name}",
        subject_scope=name,
        entitlement=f"urn:{name}:role=member",
    )


class Behind(Site):
    """Services that answer as a function says, and keep what they were asked."""

    def __init__(self, answering: Answering) -> None:
        endpoints = {(e.host, e.port): e for e in (AAI, KEYSTONE, SWIFT)}
        super().__init__(
            Settings(
                certificate="",
                key="",
                authorities=None,  # type: ignore[arg-type]
                any_audience=ANY,
                infrastructure="a",
                homes={"a": home("a"), "b": home("b")},
                endpoints=endpoints,
                redirect_uri=CALLBACK,
            )
        )
        self._answering = answering
        self.asked: list[Request] = []

    async def send(self, request: Request) -> Response:
        # What no client of HTTP sends (RFC 9110, section 5.5).
        assert all(value == value.strip() for value in request.headers.values())
        whole = replace(request, body=await Request(**vars(request)).read())
        self.asked.append(whole)
        return self._answering(whole)

    def token(self, audience: str, *, of: str = "b", **claims: Any) -> str:
        return self.tokens.of_member(audience, self.settings.homes[of], **claims)


def ask(
    method: str,
    path: str,
    *,
    of: Endpoint,
    form: dict[str, str] | None = None,
    body: bytes = b"",
    **headers: str,
) -> Request:
    content = urlencode(form).encode() if form else body
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    fields = CIMultiDict({"Content-Length": str(len(content)), **named})
    return Request(headers=fields, body=once(content), method=method, path=path, endpoint=of)


async def once(content: bytes) -> AsyncIterator[bytes]:
    """Yield a body as it comes over the wire: whoever needs it twice must keep it."""
    yield content


def served(fault: str, request: Request, site: Site) -> Response:
    """Return what a broken service answers, its body read."""

    async def serve() -> Response:
        response = await FAULTS[fault](request, site)
        await response.read()
        return response

    return asyncio.run(serve())


def parsed(value: object) -> Token:
    token = Token.parse(str(value))
    assert token is not None
    return token
