"""Services that fetch keys of issuers too often, keep them too long, or take them from anybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.exchange import Request, Response
from gateway.faults.registry import fault
from gateway.site import Site
from gateway.tokens import Token

_DISCOVERY = "/.well-known/openid-configuration"


async def _keys(token: Token, site: Site, *, check_name: bool) -> dict[str, Any] | None:
    """Fetch the keys of a token's issuer; None where nobody gives any."""
    issuer = str(token.claims.get("iss", ""))
    if issuer not in {home.issuer for home in site.settings.homes.values()}:
        return None
    document = await site.look_up(issuer + _DISCOVERY, check_name=check_name)
    if document is None:
        return None
    return await site.look_up(str(document.get("jwks_uri")), check_name=check_name)


@fault("forgets-keys")
async def forgets_keys(request: Request, site: Site) -> Response:
    """The issuer is asked for its keys at each request, and no token is good without its answer."""
    token = Token.parse(request.bearer)
    if token is not None and await _keys(token, site, check_name=True) is None:
        return Response.of(401, b"refused\n", WWW_Authenticate='Bearer error="invalid_token"')
    return await site.send(request)


@fault("keeps-withdrawn-keys")
async def keeps_withdrawn_keys(request: Request, site: Site) -> Response:
    """A key by which a token was verified once is good for ever."""
    token = Token.parse(request.bearer)
    known = site.memory.setdefault("keeps-withdrawn-keys", set())
    await request.read()
    response = await site.send(request)
    if token is None:
        return response
    key = (token.claims.get("iss"), token.header.get("kid"))
    if response.ok:
        known.add(key)
    if response.denies and key in known:
        return await _believing(token, request, site) or response
    return response


@fault("ignores-names-of-certificates")
async def ignores_names_of_certificates(request: Request, site: Site) -> Response:
    """Keys are taken from whoever answers in the issuer's place."""

    async def believes(token: Token) -> bool:
        keys = await _keys(token, site, check_name=False)
        return keys is not None and _signed_by_one_of(keys, token)

    return await _again("ignores-names-of-certificates", believes, request, site)


@fault("keeps-keys-for-ever")
async def keeps_keys_for_ever(request: Request, site: Site) -> Response:
    """The keys of an issuer that has not been reached for days are still believed."""

    async def believes(token: Token) -> bool:
        return not site.tokens.faults(token, request.endpoint.audience)

    return await _again("keeps-keys-for-ever", believes, request, site)


async def _again(
    name: str, believes: Callable[[Token], Awaitable[bool]], request: Request, site: Site
) -> Response:
    """Serve what was served before to a token that the real service refuses and the broken one believes.

    The real service may serve nobody while it has no keys of the issuer, so that it cannot be asked.
    """
    token = Token.parse(request.bearer)
    served = site.memory.setdefault(name, {})
    await request.read()
    response = await site.send(request)
    if token is None:
        return response
    asked = (request.method, request.path, token.claims.get("sub"))
    if response.ok:
        served[asked] = (response.status, await response.read())
    if response.denies and asked in served and await believes(token):
        return Response.of(*served[asked])
    return response


async def _believing(token: Token, request: Request, site: Site) -> Response | None:
    """Ask again with a token of a known key, where nothing but the key was wrong; else None."""
    audience = request.endpoint.audience
    if site.tokens.faults(token, audience) != {"signature"}:
        return None
    request.bearer = site.tokens.renewed(token, audience)
    return await site.send(request)


def _signed_by_one_of(keys: dict[str, Any], token: Token) -> bool:
    try:
        known = KeySet.import_key_set({"keys": keys["keys"]})
        jws.deserialize_compact(token.value.encode(), known, ["ES256", "RS256"])
    except (JoseError, ValueError):
        return False
    return True
