"""Whether an issuer can do what its site does not declare."""

from __future__ import annotations

from harness.engine.probes import Finding
from harness.kinds import Fixture
from harness.model import ISSUER, Infrastructure, Service
from harness.services.issuer import metadata
from harness.services.issuer.claims import texts
from harness.services.issuer.client import Issuer
from harness.services.issuer.fixtures import Issuers
from harness.services.issuer.user import User

_GRANT = "urn:ietf:params:oauth:grant-type"
GRANTS = {
    "password": "password",
    "client-credentials": "client_credentials",
    "authorization-code": "authorization_code",
    "refresh": "refresh_token",
    "device": f"{_GRANT}:device_code",
    "token-exchange": f"{_GRANT}:token-exchange",
}
"""Capability -> grant type in the issuer's metadata (RFC 8414, section 2)."""

ENDPOINTS = {
    "device": "device_authorization_endpoint",
    "introspection": "introspection_endpoint",
    "revocation": "revocation_endpoint",
    "userinfo": "userinfo_endpoint",
}
"""Capability -> endpoint in the issuer's metadata (RFC 8414, section 2; RFC 8628, section 4)."""

NO_GRANT = "urn:example:no-such-grant"
"""A grant type that nobody knows: how an issuer answers it, it answers all that it does not know."""

_NO_SUCH_GRANT = frozenset({"unsupported_grant_type", "unauthorized_client"})
"""Errors by which an issuer says that it does not serve a grant, or not this client (RFC 6749, 5.2)."""


def probe(
    service: Service, capability: str, *, home: Infrastructure, fixture: Fixture
) -> Finding | None:
    """Look whether the issuer of a home has a capability; None where there is no probe for it."""
    if service.type != ISSUER:
        return None
    issuers: Issuers = fixture("issuers")
    if capability in GRANTS | ENDPOINTS:
        return _issued(issuers.issuer(home), capability)
    if capability == "refresh-rotation":
        return rotation(issuers.user(home, "member"))
    return None


def _issued(issuer: Issuer, capability: str) -> Finding:
    """Look for a capability in the issuer's metadata, and where a grant is not told of, ask for it.

    Some issuers serve grants that their metadata do not name; where an endpoint is that they do not
    name, nobody can know.
    """
    name = issuer.infrastructure.issuer
    document = metadata.read(issuer.discover())
    endpoint, grant = ENDPOINTS.get(capability), GRANTS.get(capability)
    advertised = texts(document.get("grant_types_supported"))
    if (endpoint and document.get(endpoint)) or grant in advertised:
        return Finding(there=True, seen=f"{name} advertises it")
    if grant is None:
        return Finding(
            there=False, seen=f"{name} names no {endpoint}, so there is nothing to probe"
        )
    answer, unknown = issuer.grant(grant), issuer.grant(NO_GRANT)
    known = (answer.status, answer.error) != (unknown.status, unknown.error)
    there = known and answer.error not in _NO_SUCH_GRANT
    told = answer.error or f"HTTP {answer.status}"
    return Finding(there=there, seen=f"{name} does not advertise it, and answers {told}")


def rotation(user: User) -> Finding:
    """Renew a token, and look whether another refresh token came with it."""
    first = user.ask(scope="openid offline_access").json.get("refresh_token")
    if not first:
        return Finding(there=False, seen="no refresh token was given")
    then = user.issuer.refresh(str(first)).expect_ok().json.get("refresh_token", first)
    told = "the same refresh token" if then == first else "another refresh token"
    return Finding(there=then != first, seen=f"a renewal left {told}")
