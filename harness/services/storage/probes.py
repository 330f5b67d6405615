"""Whether a storage can do what its site does not declare."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from harness import names
from harness.clients.random_data import RandomData
from harness.clients.workstations import Workstations
from harness.engine.probes import Finding
from harness.kinds import Fixture
from harness.model import Infrastructure, Service
from harness.services.issuer.fixtures import Issuers
from harness.services.issuer.tokens import Token
from harness.services.issuer.user import User
from harness.services.storage.answers import parse_digest, parse_result
from harness.services.storage.client import FULL_SCOPE, WebDav
from harness.services.storage.kind import WEBDAV


def probe(
    service: Service, capability: str, *, home: Infrastructure, fixture: Fixture
) -> Finding | None:
    """Look whether a storage has a capability, as a member of a home; None where nothing probes it."""
    if service.type != WEBDAV or capability not in PROBES:
        return None
    workstations: Workstations = fixture("workstations")
    issuers: Issuers = fixture("issuers")
    webdav = WebDav(service, workstations.http(home.name))
    return PROBES[capability](webdav, issuers.user(home, "member"))


def _token(webdav: WebDav, user: User) -> Token:
    """Return a token for everything there."""
    return user.token(webdav.service.audience, FULL_SCOPE)


@contextmanager
def _stored(webdav: WebDav, token: Token) -> Iterator[str]:
    """Store a small file for the time of a probe."""
    path = names.fresh()
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
    path = names.fresh()
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
        there="adler32" in parse_digest(told),
        seen=f"the adler32 of a file was asked for: {told or 'none was reported'}",
    )


def _third_party_copy(webdav: WebDav, user: User) -> Finding:
    """Ask for a pull of a file from the service itself; whoever tells a result knows what that is."""
    token = _token(webdav, user)
    with _stored(webdav, token) as source:
        path = f"{source}-copy"
        answer = webdav.pull(path, webdav.url(source), token=token, source_token=token)
        webdav.delete(path, token=token)
    _, result = parse_result(answer.text)
    seen = f"reported the result: {result}" if result else "reported no result of a copy"
    return Finding(there=bool(result), seen=f"a COPY was answered HTTP {answer.status} and {seen}")


def _scope_prefix(webdav: WebDav, user: User) -> Finding:
    """Ask for a file by a scope whose path begins where the endpoint's ends."""
    with _stored(webdav, _token(webdav, user)) as path:
        answer = webdav.get(
            path, token=user.token(webdav.service.audience, f"storage.read:/{path}")
        )
    seen = f"a file was asked for by a scope from the endpoint's path on: HTTP {answer.status}"
    return Finding(there=answer.ok, seen=seen)


def _locks(webdav: WebDav, user: User) -> Finding:
    """Ask which classes of WebDAV are advertised for a file (RFC 4918, section 10.1)."""
    token = _token(webdav, user)
    with _stored(webdav, token) as path:
        told = webdav.options(path, token=token).headers.get("dav", "")
    there = "2" in {one.strip() for one in told.split(",")}
    return Finding(there=there, seen=f"the classes of WebDAV are advertised as: {told or 'none'}")


def _groups(webdav: WebDav, user: User) -> Finding:
    """Ask for a file by a token that says who the user is, and has no capability."""
    with _stored(webdav, _token(webdav, user)) as path:
        plain = user.token(webdav.service.audience, "openid entitlements")
        answer = webdav.get(path, token=plain)
    seen = f"a file was asked for by a token without a capability: HTTP {answer.status}"
    return Finding(there=answer.ok and not plain.capabilities, seen=seen)


PROBES: Mapping[str, Callable[[WebDav, User], Finding]] = {
    "read": _read,
    "write": _write,
    "checksum": _checksum,
    "third-party-copy": _third_party_copy,
    "scope-prefix": _scope_prefix,
    "locks": _locks,
    "groups": _groups,
}
"""Capability of a WebDAV endpoint -> its probe."""
