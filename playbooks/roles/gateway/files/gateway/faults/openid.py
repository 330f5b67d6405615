"""Issuers that fail as providers of OpenID Connect: of who a user is, of PKCE's methods, of algorithms."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from gateway.exchange import Request, Response
from gateway.faults.issuer import AUTHORIZATION, DISCOVERY, challenge_of, place_of
from gateway.faults.registry import Fault, fault
from gateway.site import Site
from gateway.tokens import Token

USER_INFO = "userinfo_endpoint"


def _hiding(name: str) -> Fault:
    """Return an issuer whose discovery document lacks a value."""

    async def serve(request: Request, site: Site) -> Response:
        found = await place_of(request, site)
        response = await site.send(request)
        if found == DISCOVERY and response.ok:
            document: dict[str, Any] = await response.json()
            document.pop(name, None)
            response.replace_json(document)
        return response

    return serve


fault("names-no-user-info")(_hiding(USER_INFO))
fault("names-no-id-token-algorithms")(_hiding("id_token_signing_alg_values_supported"))


@fault("tells-of-another-user")
async def tells_of_another_user(request: Request, site: Site) -> Response:
    """Who asks for a user is told of another one."""
    asked = await place_of(request, site) == USER_INFO
    response = await site.send(request)
    if asked and response.ok:
        response.replace_json({"sub": f"another@{site.settings.own.subject_scope}"})
    return response


@fault("tells-users-by-any-token")
async def tells_users_by_any_token(request: Request, site: Site) -> Response:
    """A token for whichever service tells who its user is."""
    asked = await place_of(request, site) == USER_INFO
    response = await site.send(request)
    token = Token.parse(request.bearer)
    if asked and not response.ok and token is not None:
        return Response.of_json(200, {"sub": token.claims.get("sub")})
    return response


@fault("accepts-plain-challenges")
async def accepts_plain_challenges(request: Request, site: Site) -> Response:
    """A verifier that everybody sees is as good as one that stays with the client."""
    parts = urlsplit(request.path)
    query = dict(parse_qsl(parts.query))
    plain = query.get("code_challenge_method") == "plain"
    if plain and await place_of(request, site) == AUTHORIZATION:
        shown = challenge_of(query["code_challenge"])
        query |= {"code_challenge": shown, "code_challenge_method": "S256"}
        request.path = parts._replace(query=urlencode(query)).geturl()
    return await site.send(request)
