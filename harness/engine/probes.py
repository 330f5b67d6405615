"""Whether a service can do what its site does not declare: absence is looked at, not believed.

Each probe is asked once in a session, of the same service, for the same home; scenarios that come later
are shown what it saw.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.engine.needs import Need
from harness.errors import TestbedError
from harness.evidence import Step, replay, step
from harness.model import ISSUER, Infrastructure, Service, Site
from harness.services.issuer.client import Issuer, Token, User
from harness.services.storage.client import FULL_SCOPE, RandomData, WebDav, parse_result

if TYPE_CHECKING:
    from harness.engine.plugin import Workstations
    from harness.services.issuer.fixtures import Issuers

NO_ENDPOINT = "no endpoint of it is declared, so nothing can be probed"
NO_PROBE = "there is no probe for it, so its absence is not shown"

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
}
"""Capability -> endpoint in the issuer's metadata (RFC 8414, section 2; RFC 8628, section 4)."""

NO_GRANT = "urn:example:no-such-grant"
"""A grant type that nobody knows: how an issuer answers it, it answers all that it does not know."""

_NO_SUCH_GRANT = frozenset({"unsupported_grant_type", "unauthorized_client"})
"""Errors by which an issuer says that it does not serve a grant, or not this client (RFC 6749, 5.2)."""


@dataclass(frozen=True)
class Finding:
    """What a probe saw of a capability that is not declared."""

    there: bool
    """True where the service can do it all the same."""
    seen: str
    steps: tuple[Step, ...] = ()


class Probes:
    """Asks services, as a member of the route's home, and remembers what they answered."""

    def __init__(self, issuers: Issuers, workstations: Workstations) -> None:
        self._issuers, self._workstations = issuers, workstations
        self._found: dict[tuple[str, str, str], Finding] = {}

    def ask(self, need: Need, site: Site, home: Infrastructure) -> list[Finding]:
        """Look at every service of the site that could be what a scenario needs."""
        services = need.services(site)
        if need.capability is None or not services:
            return [Finding(there=False, seen=NO_ENDPOINT)]
        return [self._ask(service, need.capability, home) for service in services]

    def _ask(self, service: Service, capability: str, home: Infrastructure) -> Finding:
        key = (home.name, service.endpoint, capability)
        if key in self._found:
            replay(self._found[key].steps, note="seen earlier in this session")
            return self._found[key]
        with step(f"probe: {capability} of {service.endpoint}, which is not declared") as record:
            finding = self._look(service, capability, home)
            record.receive(finding.seen)
        self._found[key] = replace(finding, steps=(record,))
        return finding

    def _look(self, service: Service, capability: str, home: Infrastructure) -> Finding:
        try:
            if service.type == ISSUER and capability in GRANTS | ENDPOINTS:
                return _issued(self._issuers.issuer(home), capability)
            if service.type == ISSUER and capability == "refresh-rotation":
                return _rotation(self._issuers.user(home, "member"))
            if service.type == "webdav" and capability in WEBDAV:
                webdav = WebDav(service, self._workstations.http(home.name))
                return WEBDAV[capability](webdav, self._issuers.user(home, "member"))
        except (TestbedError, AssertionError) as error:
            return Finding(there=False, seen=f"it could not be probed: {error}".splitlines()[0])
        except KeyError as secret:
            seen = f"it could not be probed: the testbed's secrets lack {secret} of {home.name}"
            return Finding(there=False, seen=seen)
        return Finding(there=False, seen=NO_PROBE)


def _issued(issuer: Issuer, capability: str) -> Finding:
    """Look for a capability in the issuer's metadata, and where a grant is not told of, ask for it.

    Some issuers serve grants that their metadata do not name; where an endpoint is that they do not
    name, nobody can know.
    """
    name = issuer.infrastructure.issuer
    metadata = issuer.discover().expect_ok().json
    endpoint, grant = ENDPOINTS.get(capability), GRANTS.get(capability)
    if endpoint in metadata or grant in metadata.get("grant_types_supported", ()):
        return Finding(there=True, seen=f"{name} advertises it")
    if grant is None:
        return Finding(there=False, seen=f"{name} names no {endpoint}, so there is none to ask")
    answer, unknown = issuer.grant(grant), issuer.grant(NO_GRANT)
    known = (answer.status, answer.error) != (unknown.status, unknown.error)
    there = known and answer.error not in _NO_SUCH_GRANT
    told = answer.error or f"HTTP {answer.status}"
    return Finding(there=there, seen=f"{name} does not advertise it, and answers {told}")


def _rotation(user: User) -> Finding:
    """Renew a token, and look whether another refresh token came with it."""
    first = user.ask(scope="openid offline_access").json.get("refresh_token")
    if not first:
        return Finding(there=False, seen="no refresh token was given")
    then = user.issuer.refresh(str(first)).expect_ok().json.get("refresh_token", first)
    told = "the same refresh token" if then == first else "another refresh token"
    return Finding(there=then != first, seen=f"a renewal left {told}")


def _token(webdav: WebDav, user: User) -> Token:
    """Return a token for everything there."""
    return user.token(webdav.service.audience, FULL_SCOPE)


@contextmanager
def _stored(webdav: WebDav, token: Token) -> Iterator[str]:
    """Store a small file for the time of a probe."""
    path = f"probe-{secrets.token_hex(6)}"
    webdav.put(path, RandomData(64), token=token).expect_ok()
    try:
        yield path
    finally:
        webdav.delete(path, token=token)


def _read(webdav: WebDav, user: User) -> Finding:
    token = _token(webdav, user)
    with _stored(webdav, token) as path:
        answer = webdav.get(path, token=token)
    return Finding(there=answer.ok, seen=f"a file was asked for: HTTP {answer.status}")


def _write(webdav: WebDav, user: User) -> Finding:
    token = _token(webdav, user)
    path = f"probe-{secrets.token_hex(6)}"
    answer = webdav.put(path, RandomData(64), token=token)
    if answer.ok:
        webdav.delete(path, token=token)
    return Finding(there=answer.ok, seen=f"a file was sent: HTTP {answer.status}")


def _checksum(webdav: WebDav, user: User) -> Finding:
    token = _token(webdav, user)
    with _stored(webdav, token) as path:
        answer = webdav.head(path, token=token, want_digest="adler32")
    told = answer.headers.get("digest", "")
    return Finding(
        there="adler32=" in told.lower(),
        seen=f"the adler32 of a file was asked for: {told or 'none was told'}",
    )


def _third_party_copy(webdav: WebDav, user: User) -> Finding:
    """Ask for a pull of a file from the service itself; whoever tells a result knows what that is."""
    token = _token(webdav, user)
    with _stored(webdav, token) as source:
        path = f"{source}-copy"
        answer = webdav.pull(path, webdav.url(source), token=token, source_token=token)
        webdav.delete(path, token=token)
    _, result = parse_result(answer.text)
    seen = f"told its result: {result}" if result else "told no result of a copy"
    return Finding(there=bool(result), seen=f"a COPY was answered HTTP {answer.status} and {seen}")


def _scope_prefix(webdav: WebDav, user: User) -> Finding:
    """Ask for a file by a scope whose path begins where the endpoint's ends."""
    with _stored(webdav, _token(webdav, user)) as path:
        answer = webdav.get(
            path, token=user.token(webdav.service.audience, f"storage.read:/{path}")
        )
    seen = f"a file was asked for by a scope from the endpoint's path on: HTTP {answer.status}"
    return Finding(there=answer.ok, seen=seen)


WEBDAV: Mapping[str, Callable[[WebDav, User], Finding]] = {
    "read": _read,
    "write": _write,
    "checksum": _checksum,
    "third-party-copy": _third_party_copy,
    "scope-prefix": _scope_prefix,
}
"""Capability of a WebDAV endpoint -> its probe."""
