"""Services that are right, or wrong, in every answer alike."""

from __future__ import annotations

from gateway.exchange import Request, Response
from gateway.faults.registry import fault
from gateway.site import Site


@fault("faultless")
async def faultless(request: Request, site: Site) -> Response:
    """The real service through the gateway: the control of all faults."""
    return await site.send(request)


@fault("closed")
async def closed(request: Request, site: Site) -> Response:
    """Everything is refused."""
    return Response.of(403, b"closed\n")


@fault("open")
async def open_(request: Request, site: Site) -> Response:
    """Every request is made with a credential of the service's own."""
    request.bearer = site.tokens.of_member(request.endpoint.audience)
    return await site.send(request)


@fault("answers-404-to-refuse")
async def answers_404_to_refuse(request: Request, site: Site) -> Response:
    """Whoever lacks a right is told that nothing is there."""
    response = await site.send(request)
    return Response.of(404, b"not found\n") if response.denies else response


@fault("answers-200-with-nothing")
async def answers_200_with_nothing(request: Request, site: Site) -> Response:
    """Whoever lacks a right is told that all went well."""
    response = await site.send(request)
    return Response.of(200) if response.denies else response
