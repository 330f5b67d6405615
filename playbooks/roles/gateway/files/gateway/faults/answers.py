"""Services that are right, or wrong, in every answer alike."""

from __future__ import annotations

from collections.abc import Callable

from gateway.exchange import Request, Response
from gateway.faults import cloud, issuer
from gateway.faults.registry import Fault, fault
from gateway.faults.scopes import lend
from gateway.handshakes import HANDSHAKE_FAULTS
from gateway.site import Site


@fault("faultless")
async def faultless(request: Request, site: Site) -> Response:
    """The real service through the gateway: the control of all faults."""
    return await site.send(request)


for _name in HANDSHAKE_FAULTS:
    fault(_name)(faultless)  # the fault was in the handshake


@fault("closed")
async def closed(request: Request, site: Site) -> Response:
    """Everything is refused."""
    return Response.of(403, b"closed\n")


@fault("open")
async def open_(request: Request, site: Site) -> Response:
    """Every request is made with a credential of the service's own."""
    opened = _OPENED.get(request.endpoint.type, _opened)
    return await opened(request, site)


async def _opened(request: Request, site: Site) -> Response:
    request.bearer = site.tokens.of_member(request.endpoint.audience)
    lend(request, site)
    return await site.send(request)


_OPENED: dict[str, Fault] = {
    "egi.aai.oidc": issuer.opened,
    "org.openstack.keystone": cloud.opened,
    "org.openstack.swift": cloud.opened,
}
"""Where another credential than a token of home counts."""


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


_CHALLENGE = "WWW-Authenticate"


def _challenging(name: str) -> Callable[[Callable[[Request, Response], None]], None]:
    """Enter a service that says wrongly why it lets nobody in without a good token."""

    def enter(alter: Callable[[Request, Response], None]) -> None:
        async def serve(request: Request, site: Site) -> Response:
            response = await site.send(request)
            if response.status == 401:
                alter(request, response)
            return response

        fault(name)(serve)

    return enter


@_challenging("answers-without-challenge")
def _(_: Request, response: Response) -> None:
    """Nobody is told how to come in."""
    response.headers.popall(_CHALLENGE, None)


@_challenging("answers-403-for-401")
def _(_: Request, response: Response) -> None:
    """Who brings no good token is told that the right is wanting."""
    response.status = 403


@_challenging("challenge-names-an-error")
def _(request: Request, response: Response) -> None:
    """Who brings no token is told that it is invalid."""
    if request.bearer is None:
        response.headers[_CHALLENGE] = 'Bearer error="invalid_token"'


@_challenging("challenge-without-invalid-token")
def _(request: Request, response: Response) -> None:
    """Who brings a bad token is told that one is needed."""
    if request.bearer is not None:
        response.headers[_CHALLENGE] = "Bearer"


@fault("answers-401-for-403")
async def answers_401_for_403(request: Request, site: Site) -> Response:
    """Whoever brings a good token with too few rights is told that the token is not good."""
    response = await site.send(request)
    if response.status == 403:
        response.status = 401
    return response
