"""Services that overlook what is wrong with a token.

A token whose only faults are those overlooked is mended before the real service sees it; every other
token goes to it as it came.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from gateway import tokens
from gateway.exchange import Request, Response
from gateway.faults.registry import Fault as FaultFunction
from gateway.faults.registry import fault
from gateway.site import Site
from gateway.tokens import Token

OVERLOOKED: dict[str, frozenset[tokens.Fault]] = {
    "ignores-expiry": frozenset({"expired"}),
    "accepts-endless-tokens": frozenset({"endless"}),
    "ignores-nbf": frozenset({"not yet valid"}),
    "ignores-audience": frozenset({"another audience"}),
    "accepts-tokens-for-nobody": frozenset({"no audience"}),
    "ignores-case-of-audience": frozenset({"audience in other letters"}),
    "accepts-alg-none": frozenset({"unsigned"}),
    "accepts-public-key-as-secret": frozenset({"shared secret"}),
    "ignores-signature": frozenset({"signature"}),
    "accepts-unknown-issuer": frozenset({"unknown issuer"}),
    "lets-issuers-sign-for-each-other": frozenset({"another issuer's signature"}),
    "ignores-profile-version": frozenset({"unknown version"}),
    "accepts-id-tokens": frozenset({"no access token", "another audience"}),
}
"""Name of the fault -> what it overlooks."""


def _overlooking(overlooked: frozenset[tokens.Fault]) -> FaultFunction:
    async def serve(request: Request, site: Site) -> Response:
        token = Token.parse(request.bearer)
        audience = request.endpoint.audience
        if token is not None:
            found = site.tokens.faults(token, audience)
            if found and found <= overlooked:
                request.bearer = site.tokens.renewed(token, audience)
        return await site.send(request)

    return serve


for _name, _overlooked in OVERLOOKED.items():
    fault(_name)(_overlooking(_overlooked))


@fault("keeps-what-it-verified")
async def keeps_what_it_verified(request: Request, site: Site) -> Response:
    """A token that was good once is good past its end."""
    token = Token.parse(request.bearer)
    known = site.memory.setdefault("keeps-what-it-verified", set())
    if token is not None:
        audience = request.endpoint.audience
        over = float(token.claims.get("exp", 0)) <= time.time()
        if over and token.value in known:
            request.bearer = site.tokens.renewed(token, audience)
        elif not over and not site.tokens.faults(token, audience):
            known.add(token.value)
    return await site.send(request)


# -- whose token it is gets lost on the way


@fault("acts-for-all-as-one-user")
async def acts_for_all_as_one_user(request: Request, site: Site) -> Response:
    """Whoever comes is let in as one user, of whom alone the real service hears.

    ARC knows its users one by one, so there it is a member of the site's own infrastructure.
    """
    audience = request.endpoint.audience
    token = site.tokens.good(request.bearer, audience)
    if token is not None and request.endpoint.type == "org.nordugrid.arex":
        request.bearer = site.tokens.of_member(audience, site.settings.own)
    elif token is not None:
        scope = str(token.claims.get("sub", "")).rpartition("@")[2]
        user = f"everybody@{scope}"
        request.bearer = site.tokens.renewed(token, audience, sub=user, voperson_id=user)
    return await site.send(request)


@fault("makes-tokens-anew")
async def makes_tokens_anew(request: Request, site: Site) -> Response:
    """Each request is made with another token of the same user, of which nobody has the identifier."""
    token = site.tokens.good(request.bearer, request.endpoint.audience)
    if token is not None:
        request.bearer = site.tokens.renewed(token, request.endpoint.audience)
    return await site.send(request)


# -- what is right with a token is held against it


def _names(token: Token) -> list[str]:
    named = token.claims.get("aud", [])
    return [named] if isinstance(named, str) else list(named)


def _entitlements(token: Token) -> list[str]:
    return list(token.claims.get("eduperson_entitlement", ()))


def _is_robot(token: Token) -> bool:
    return any(":role=robot" in e for e in _entitlements(token))


def _begins_later(token: Token) -> bool:
    return max(float(token.claims.get(name, 0)) for name in ("nbf", "iat")) > time.time() + 1


def _by_another_key(token: Token, site: Site) -> bool:
    home = site.tokens.home(token)
    return home is not None and token.header.get("kid") != home.key["kid"]


def _is_in_capitals(urn: str) -> bool:
    start = urn.split(":", 2)[:2]
    return start != [part.lower() for part in start]


REFUSED: dict[str, Callable[[Token, Site], bool]] = {
    "refuses-several-audiences": lambda token, _: len(_names(token)) > 1,
    "refuses-any-audience": lambda token, site: site.settings.any_audience in _names(token),
    "refuses-newer-versions": lambda token, _: token.claims.get("wlcg.ver") != "1.0",
    "refuses-visitors": lambda token, site: site.tokens.home(token) is not site.settings.own,
    "refuses-robots": lambda token, _: _is_robot(token),
    "refuses-monitors": lambda token, _: any(":group:ops:" in e for e in _entitlements(token)),
    "allows-no-skew": lambda token, _: _begins_later(token),
    "knows-one-key": _by_another_key,
    "refuses-es256": lambda token, _: token.header.get("alg") == "ES256",
    "refuses-rs256": lambda token, _: token.header.get("alg") == "RS256",
    "refuses-entitlements-with-authority": lambda token, _: any(
        "#" in e for e in _entitlements(token)
    ),
    "refuses-entitlements-without-authority": lambda token, _: any(
        "#" not in e for e in _entitlements(token)
    ),
    "compares-urns-by-letters": lambda token, _: any(map(_is_in_capitals, _entitlements(token))),
}
"""Name of the fault -> which good tokens it refuses."""


def _refusing(refuses: Callable[[Token, Site], bool]) -> FaultFunction:
    async def serve(request: Request, site: Site) -> Response:
        token = Token.parse(request.bearer)
        if token is not None and refuses(token, site):
            challenge = 'Bearer error="invalid_token"'
            return Response.of(401, b"refused\n", WWW_Authenticate=challenge)
        return await site.send(request)

    return serve


for _name, _refuses in REFUSED.items():
    fault(_name)(_refusing(_refuses))
