"""Services that overlook what is wrong with a token.

A token whose only faults are those overlooked is mended before the real service sees it; every other
token goes to it as it came.
"""

from __future__ import annotations

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


# -- what is right with a token is held against it


def _names(token: Token) -> list[str]:
    named = token.claims.get("aud", [])
    return [named] if isinstance(named, str) else list(named)


def _is_robot(token: Token) -> bool:
    return any(":role=robot" in e for e in token.claims.get("eduperson_entitlement", ()))


REFUSED: dict[str, Callable[[Token, Site], bool]] = {
    "refuses-several-audiences": lambda token, _: len(_names(token)) > 1,
    "refuses-any-audience": lambda token, site: site.settings.any_audience in _names(token),
    "refuses-newer-versions": lambda token, _: token.claims.get("wlcg.ver") != "1.0",
    "refuses-visitors": lambda token, site: site.tokens.home(token) is not site.settings.own,
    "refuses-robots": lambda token, _: _is_robot(token),
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
