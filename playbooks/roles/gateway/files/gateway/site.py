"""The real services, as a fault reaches them."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx
from multidict import CIMultiDict

from gateway.exchange import Request, Response
from gateway.settings import Settings
from gateway.tokens import Tokens

_HOP_BY_HOP = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding "
    "upgrade expect host".split()
)
"""Headers of one connection, and those that are made anew (RFC 9110, section 7.6.1)."""

_TIMEOUT = httpx.Timeout(180, connect=20)


class Site:
    """Sends requests to the real services; keeps what one fault must remember."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tokens = Tokens(settings)
        self.memory: dict[Any, Any] = {}
        """What faults remember, under keys that begin with their names."""
        context = ssl.create_default_context(cafile=settings.authorities)
        self._client = _client(context)
        nameless = ssl.create_default_context(cafile=settings.authorities)
        nameless.check_hostname = False
        self._nameless_client = _client(nameless)

    async def send(self, request: Request) -> Response:
        """Send a request to the real service, and return its answer, the body still to come.

        Raises
        ------
        httpx.HTTPError
            where no answer comes.
        """
        endpoint = request.endpoint
        sent = httpx.Request(
            request.method,
            f"https://{endpoint.host}:{endpoint.port}",
            headers=list(passed_on(request.headers).items()),
            content=request.body,
            # To the letter as it came, whatever it has of blanks, dots and percent signs.
            extensions={"target": request.path.encode(), "timeout": _TIMEOUT.as_dict()},
        )
        answer = await self._client.send(sent, stream=True)
        return Response(
            headers=passed_on(answer.headers), body=_parts(answer), status=answer.status_code
        )

    async def look_up(self, url: str, *, check_name: bool = True) -> dict[str, Any] | None:
        """Fetch a document from elsewhere; None where there is none.

        Without `check_name`, any certificate of a known authority will do.
        """
        client = self._client if check_name else self._nameless_client
        try:
            answer = await client.get(url)
            document = answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError):
            return None
        return document if isinstance(document, dict) else None

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()
        await self._nameless_client.aclose()


def _client(context: ssl.SSLContext) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=context,
        timeout=_TIMEOUT,
        trust_env=False,
        # One connection for each request: some services judge a connection by its first request.
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
    )


def passed_on(headers: Any) -> CIMultiDict[str]:
    """Return the headers that concern more than one connection."""
    listed = headers.multi_items() if isinstance(headers, httpx.Headers) else headers.items()
    return CIMultiDict((k, v) for k, v in listed if k.lower() not in _HOP_BY_HOP)


async def _parts(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for part in answer.aiter_raw():
            yield part
    finally:
        await answer.aclose()
