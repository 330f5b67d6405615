"""From a connection to the fault that its name asks for, and back."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from gateway import faults, handshakes, names
from gateway.exchange import Body, Request, Response
from gateway.settings import Endpoint, Settings
from gateway.site import Site, passed_on

log = logging.getLogger(__name__)
_BLOCK = 2**18


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[None]:
    """Listen at every port while the context lasts."""
    context = handshakes.context(settings)
    site = Site(settings)
    proxy = Proxy(site)
    runner = web.ServerRunner(web.Server(proxy.serve, access_log=None))
    await runner.setup()
    try:
        for port in settings.ports:
            await web.TCPSite(runner, port=port, ssl_context=context, backlog=512).start()
        yield
    finally:
        await runner.cleanup()
        await site.close()


class Proxy:
    """Serves every name `<fault>.<host>`."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def serve(self, incoming: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        host, _, port = incoming.headers.get("Host", "").partition(":")
        name, real = names.split(host)
        endpoint = self._site.settings.endpoints.get((real, int(port or 443)))
        fault = faults.FAULTS.get(name)
        if endpoint is None or fault is None:
            return web.Response(status=421, text=f"the gateway has no {host}:{port or 443}\n")
        request = await _received(incoming, endpoint=endpoint)
        names.inward(request.headers, name, real)
        try:
            response = await fault(request, self._site)
            await names.outward(response, name, real)
            return await _sent(incoming, response)
        except Exception:
            # Whatever goes wrong here is no fault of the mutant's: an answer, of any status, would make a
            # scenario fail and count as its finding the fault. No answer counts as what it is.
            log.exception("%s %s", request.method, host)
            if incoming.transport is not None:
                incoming.transport.abort()
            raise


async def _received(incoming: web.BaseRequest, *, endpoint: Endpoint) -> Request:
    """Take a request in; its body is read when somebody asks for it."""
    body: Body = _upload(incoming) if incoming.body_exists else b""
    return Request(
        headers=passed_on(incoming.headers),
        body=body,
        method=incoming.method,
        path=incoming.raw_path,
        endpoint=endpoint,
    )


async def _upload(incoming: web.BaseRequest) -> AsyncIterator[bytes]:
    expects = incoming.headers.get("Expect", "").lower() == "100-continue"
    if expects and incoming.transport is not None:
        incoming.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    async for part in incoming.content.iter_chunked(_BLOCK):
        yield part


async def _sent(incoming: web.BaseRequest, response: Response) -> web.StreamResponse:
    """Send an answer as it comes."""
    outgoing = web.StreamResponse(status=response.status, headers=response.headers)
    if isinstance(response.body, bytes) and incoming.method != "HEAD":
        outgoing.content_length = len(response.body)
    await outgoing.prepare(incoming)
    if incoming.method != "HEAD":
        if isinstance(response.body, bytes):
            await outgoing.write(response.body)
        else:
            try:
                async for part in response.body:
                    await outgoing.write(part)
            finally:
                # The client may have gone; the real service shall notice it as soon.
                if isinstance(response.body, AsyncGenerator):
                    await response.body.aclose()
    await outgoing.write_eof()
    return outgoing
