"""Services that overlook what is wrong with a token.

A token whose only faults are those overlooked is mended before the real service sees it; every other
token goes to it as it came.
"""

from __future__ import annotations

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
