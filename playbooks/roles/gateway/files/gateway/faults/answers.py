"""Services that are right, or wrong, in every answer alike."""

from __future__ import annotations

from gateway.exchange import Request, Response
from gateway.faults.registry import fault
from gateway.faults.scopes import lend
from gateway.site import Site

_CHALLENGE = "WWW-Authenticate"


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
    lend(request, site)
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


@fault("answers-403-for-401")
async def answers_403_for_401(request: Request, site: Site) -> Response:
    """Whoever brings no good token is told that the token's rights do not suffice."""
    response = await site.send(request)
    if response.status == 401:
        response.status = 403
    return response


@fault("answers-401-for-403")
async def answers_401_for_403(request: Request, site: Site) -> Response:
    """Whoever brings a good token with too few rights is told that the token is not good."""
    response = await site.send(request)
    if response.status == 403:
        response.status = 401
    return response


@fault("challenges-nobody")
async def challenges_nobody(request: Request, site: Site) -> Response:
    """A refusal does not say by which scheme one may come in."""
    response = await site.send(request)
    response.headers.popall(_CHALLENGE, None)
    return response


@fault("challenges-without-a-reason")
async def challenges_without_a_reason(request: Request, site: Site) -> Response:
    """Whoever brings a token that is not good is challenged as if there were none."""
    response = await site.send(request)
    if response.denies and _CHALLENGE in response.headers:
        response.headers[_CHALLENGE] = "Bearer"
    return response


@fault("names-errors-to-strangers")
async def names_errors_to_strangers(request: Request, site: Site) -> Response:
    """Whoever brings no token is told that it is not good."""
    response = await site.send(request)
    if response.status == 401 and request.bearer is None:
        response.headers[_CHALLENGE] = 'Bearer error="invalid_token"'
    return response
