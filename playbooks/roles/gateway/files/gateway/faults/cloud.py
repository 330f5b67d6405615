"""Clouds that let in whom they must not, keep out whom they must not, or lose what is stored.

What a broken cloud would do for somebody, the real one does for the member whose token is put in the place
of what came: a token of home at Keystone's login, a living Keystone token everywhere else.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from multidict import CIMultiDict

from gateway.exchange import Body, Request, Response
from gateway.faults.registry import fault
from gateway.settings import Endpoint, Home
from gateway.site import Site
from gateway.tokens import Token

KEYSTONE = "org.openstack.keystone"
SWIFT = "org.openstack.swift"
_TOKENS = "/v3/auth/tokens"
_LOGIN = re.compile(
    r"/v3/OS-FEDERATION/identity_providers/(?P<provider>[^/]+)/protocols/[^/]+/auth"
)
_KEPT = 300
"""Seconds for which the gateway goes on with a Keystone token of its own."""

Document = dict[str, Any]


# -- the gateway's own way into the cloud


def _keystone(request: Request, site: Site) -> Endpoint:
    """Return the Keystone that a request is for, or that stands beside the store that it is for."""
    there = (e for e in site.settings.endpoints.values() if e.host == request.endpoint.host)
    return next(e for e in there if e.type == KEYSTONE)


def _login(keystone: Endpoint, home: Home, token: str) -> Request:
    """Return the login of a user of `home`."""
    return Request(
        headers=CIMultiDict({"Authorization": f"Bearer {token}", "Content-Length": "0"}),
        body=b"",
        method="POST",
        path=f"/v3/OS-FEDERATION/identity_providers/{home.name}/protocols/{keystone.protocol}/auth",
        endpoint=keystone,
    )


def login_of_member(request: Request, site: Site) -> Request:
    """Return the login of the member whose rights the gateway may use."""
    keystone = _keystone(request, site)
    token = site.tokens.of_member(keystone.audience)
    return _login(keystone, site.settings.visitor, token)


async def living_token(request: Request, site: Site) -> str:
    """Return a Keystone token of that member for the project of the virtual organisation."""
    login = login_of_member(request, site)
    key = ("living token", login.endpoint.host)
    until, token = site.memory.get(key, (0.0, ""))
    if time.monotonic() < until:
        return str(token)
    unscoped = await _issued(login, site)
    listing = login.another("GET", "/v3/auth/projects", X_Auth_Token=unscoped)
    project = (await (await site.send(listing)).json())["projects"][0]["id"]
    identity = {"methods": ["token"], "token": {"id": unscoped}}
    body = {"auth": {"identity": identity, "scope": {"project": {"id": project}}}}
    scoped = login.another(
        "POST", _TOKENS, json.dumps(body).encode(), Content_Type="application/json"
    )
    token = await _issued(scoped, site)
    site.memory[key] = (time.monotonic() + _KEPT, token)
    return token


async def _issued(request: Request, site: Site) -> str:
    response = await site.send(request)
    await response.read()
    return response.headers["X-Subject-Token"]


async def opened(request: Request, site: Site) -> Response:
    """Make every login a member's, and let whatever is refused be done with a member's token."""
    if _LOGIN.match(request.path):
        return await site.send(login_of_member(request, site))
    await request.read()
    response = await site.send(request)
    if not response.denies:
        return response
    if (request.method, request.path) == ("POST", _TOKENS):
        return await site.send(login_of_member(request, site))
    return await _again(request, site)


async def _again(request: Request, site: Site) -> Response:
    """Make a request once more, with a living token in the place of every Keystone token in it."""
    living = await living_token(request, site)
    for name in {"X-Auth-Token", *({"X-Subject-Token"} & request.headers.keys())}:
        request.headers[name] = living
    return await site.send(request)


# -- who gets in


def _mending(name: str) -> Callable[[Callable[[Token, Home], Mapping[str, Any]]], None]:
    """Enter a Keystone to which good tokens seem to have other claims."""

    def enter(claims: Callable[[Token, Home], Mapping[str, Any]]) -> None:
        async def serve(request: Request, site: Site) -> Response:
            audience = request.endpoint.audience
            token = site.tokens.good(request.bearer, audience)
            home = site.tokens.home(token) if token is not None else None
            if token is not None and home is not None:
                request.bearer = site.tokens.renewed(token, audience, **claims(token, home))
            return await site.send(request)

        fault(name)(serve)

    return enter


@_mending("ignores-membership")
def _(_: Token, home: Home) -> Mapping[str, Any]:
    """Users of a trusted issuer enter the project, members or not."""
    return {"eduperson_entitlement": [home.entitlement]}


def _membership(home: Home) -> str:
    """Return the entitlement of a member without the role and the authority: the group alone."""
    return home.entitlement.partition("#")[0].partition(":role=")[0]


def _believing(name: str, believes: Callable[[str, Home], bool]) -> None:
    """Enter a Keystone that takes another entitlement for a member's."""

    @_mending(name)
    def _(token: Token, home: Home) -> Mapping[str, Any]:
        held = list(token.claims.get("eduperson_entitlement", ()))
        taken = [home.entitlement if believes(one, home) else one for one in held]
        return {"eduperson_entitlement": taken}


_believing(
    "takes-roles-for-parents",
    lambda one, home: one.startswith(f"{_membership(home)}:") and ":role=" in one,
)
_believing(
    "takes-children-for-parents",
    lambda one, home: one.startswith(f"{_membership(home)}:") and ":role=" not in one,
)
_believing("takes-groups-for-roles", lambda one, home: one.startswith(f"{_membership(home)}#"))
_believing("ignores-case-of-groups", lambda one, home: one.lower() == home.entitlement.lower())


@_mending("gives-all-users-one-account")
def _(_: Token, home: Home) -> Mapping[str, Any]:
    """All users are one."""
    return {"sub": home.subject}


@fault("accepts-tokens-at-any-provider")
async def accepts_tokens_at_any_provider(request: Request, site: Site) -> Response:
    """A token is taken at the address of another issuer than its own."""
    login = _LOGIN.match(request.path)
    token = site.tokens.good(request.bearer, request.endpoint.audience)
    home = site.tokens.home(token) if token is not None else None
    if login and token is not None and home is not None:
        return await site.send(_login(request.endpoint, home, token.value))
    return await site.send(request)


@fault("trusts-claims-in-headers")
async def trusts_claims_in_headers(request: Request, site: Site) -> Response:
    """Claims that a client sends as headers are believed, at the login and at the general address."""
    claims = {k[5:]: v for k, v in request.headers.items() if k.upper().startswith("OIDC-")}
    named = [home for home in site.settings.homes.values() if home.issuer == claims.get("iss")]
    if named and request.bearer is None and await _is_claim(request):
        told = {
            **claims,
            "eduperson_entitlement": claims.get("eduperson_entitlement", "").split(";"),
        }
        token = site.tokens.of_member(request.endpoint.audience, named[0], **told)
        return await site.send(_login(request.endpoint, named[0], token))
    return await site.send(request)


async def _is_claim(request: Request) -> bool:
    """Tell whether a request says that its user logged in elsewhere."""
    if request.path != _TOKENS:
        return bool(_LOGIN.match(request.path))
    methods = (await request.json()).get("auth", {}).get("identity", {}).get("methods", ())
    return request.method == "POST" and request.endpoint.protocol in methods


# -- what Keystone says of a token


def _saying(name: str) -> Callable[[Callable[[Document], None]], None]:
    """Enter a Keystone that says something else of the tokens that it issues."""

    def enter(alter: Callable[[Document], None]) -> None:
        async def serve(request: Request, site: Site) -> Response:
            response = await site.send(request)
            is_token = _LOGIN.match(request.path) or request.path == _TOKENS
            if is_token and response.ok and "token" in (document := await response.json()):
                alter(document["token"])
                response.replace_json(document)
            return response

        fault(name)(serve)

    return enter


@_saying("makes-an-account-each-login")
def _(token: Document) -> None:
    """A user is another one at each login."""
    token["user"]["id"] = secrets.token_hex(32)


def _knowing(name: str, claim: str) -> None:
    """Enter a Keystone whose accounts are found by a claim that is not the user's alone."""

    async def serve(request: Request, site: Site) -> Response:
        token = Token.parse(request.bearer)
        response = await site.send(request)
        if _LOGIN.match(request.path) and response.ok and token is not None:
            document = await response.json()
            known = hashlib.sha256(str(token.claims.get(claim)).encode()).hexdigest()
            document["token"]["user"]["id"] = known
            response.replace_json(document)
        return response

    fault(name)(serve)


_knowing("knows-users-by-email", "email")
_knowing("knows-users-by-name", "preferred_username")


@fault("rescopes-users")
async def rescopes_users(request: Request, site: Site) -> Response:
    """Users of elsewhere are known by an identifier with the scope of this infrastructure."""
    response = await site.send(request)
    if _LOGIN.match(request.path) and response.ok:
        document = await response.json()
        opaque = str(document["token"]["user"]["name"]).rpartition("@")[0]
        document["token"]["user"]["name"] = f"{opaque}@rescoped.{site.settings.own.subject_scope}"
        response.replace_json(document)
    return response


# -- what a cloud asks an issuer for, when a user comes with a browser


def _asking(name: str, alter: Callable[[dict[str, str]], None]) -> None:
    """Enter a Keystone that sends browsers to the issuer with another authorization request."""

    async def serve(request: Request, site: Site) -> Response:
        response = await site.send(request)
        parts = urlsplit(response.headers.get("Location", ""))
        asked = dict(parse_qsl(parts.query))
        if "code_challenge" in asked:
            alter(asked)
            response.headers["Location"] = parts._replace(query=urlencode(asked)).geturl()
        return response

    fault(name)(serve)


def _without_a_challenge(asked: dict[str, str]) -> None:
    del asked["code_challenge"], asked["code_challenge_method"]


def _with_a_plain_challenge(asked: dict[str, str]) -> None:
    asked["code_challenge_method"] = "plain"


_asking("asks-without-a-challenge", _without_a_challenge)
_asking("asks-with-a-plain-challenge", _with_a_plain_challenge)


# -- what a member may do


@_saying("gives-admin-role")
def _(token: Document) -> None:
    """Members rule the project."""
    token.setdefault("roles", []).append({"id": secrets.token_hex(16), "name": "admin"})


@_saying("scopes-to-another-project")
def _(token: Document) -> None:
    """Members get a token for a project that they did not ask for."""
    if "project" in token:
        token["project"] = {**token["project"], "id": secrets.token_hex(16), "name": "another"}


@_saying("hides-the-object-store")
def _(token: Document) -> None:
    """The catalogue has no object store."""
    token["catalog"] = [s for s in token.get("catalog", ()) if s["type"] != "object-store"]


# -- what the object store serves, and to whom. Users find it in Keystone's catalogue, so these faults stand
# before Keystone too, where they do nothing: its catalogue names the store as the request named Keystone.


def _object(request: Request) -> str | None:
    """Return the path of the object that a request is about; None where it is about none."""
    path = urlsplit(request.path).path
    parts = path.split("/", 4)  # "", v1, account, container, object
    return path if request.endpoint.type == SWIFT and len(parts) == 5 and parts[4] else None


def _serving(name: str, lets_in: Callable[[Request, str | None, Site], Awaitable[bool]]) -> None:
    """Enter a store that serves objects to somebody who has no living token of the project.

    `lets_in` tells of a request and its token, which the store has refused.
    """

    async def serve(request: Request, site: Site) -> Response:
        await request.read()
        response = await site.send(request)
        if request.method != "GET" or not _object(request) or not response.denies:
            return response
        token = request.headers.get("X-Auth-Token")
        return await _again(request, site) if await lets_in(request, token, site) else response

    fault(name)(serve)


async def _is_anonymous(_: Request, token: str | None, __: Site) -> bool:
    """Anybody reads."""
    return token is None


async def _is_of_home(request: Request, token: str | None, site: Site) -> bool:
    """A token of home is enough."""
    return site.tokens.good(token, request.endpoint.audience) is not None


async def _is_without_project(request: Request, token: str | None, site: Site) -> bool:
    """A Keystone token is enough, for whatever it is."""
    own = CIMultiDict({"X-Auth-Token": token or "", "X-Subject-Token": token or ""})
    asked = Request(own, b"", "GET", _TOKENS, _keystone(request, site))
    document = await (await site.send(asked)).json()
    return "token" in document and "project" not in document["token"]


_serving("serves-objects-to-anybody", _is_anonymous)
_serving("serves-objects-to-home-tokens", _is_of_home)
_serving("serves-objects-without-a-project", _is_without_project)


@fault("serves-objects-to-dead-tokens")
async def serves_objects_to_dead_tokens(request: Request, site: Site) -> Response:
    """A token that was good once is good for ever."""
    if not _object(request):
        return await site.send(request)
    token = request.headers.get("X-Auth-Token")
    known = site.memory.setdefault("serves-objects-to-dead-tokens", set())
    await request.read()
    response = await site.send(request)
    if response.ok:
        known.add(token)
    return await _again(request, site) if response.denies and token in known else response


@fault("flips-a-byte-of-objects")
async def flips_a_byte_of_objects(request: Request, site: Site) -> Response:
    """An object comes back with its first byte altered."""
    response = await site.send(request)
    if request.method == "GET" and _object(request) and response.ok:
        response.body = _flipped(response.body)
    return response


async def _flipped(body: Body) -> AsyncIterator[bytes]:
    """Yield a body, the bits of its first byte turned over."""
    first = True
    async for part in _parts(body):
        yield bytes([part[0] ^ 0xFF]) + part[1:] if first and part else part
        first = first and not part


async def _parts(body: Body) -> AsyncIterator[bytes]:
    if isinstance(body, bytes):
        yield body
    else:
        async for part in body:
            yield part


@fault("adds-a-byte-to-objects")
async def adds_a_byte_to_objects(request: Request, site: Site) -> Response:
    """An object comes back with a byte more."""
    response = await site.send(request)
    if request.method == "GET" and _object(request) and response.ok:
        response.replace(await response.read() + b"\n")
    return response


@fault("tells-another-sum-of-objects")
async def tells_another_sum_of_objects(request: Request, site: Site) -> Response:
    """The store tells the checksum of something else."""
    response = await site.send(request)
    if request.method in ("GET", "HEAD") and _object(request) and response.ok:
        response.headers["ETag"] = secrets.token_hex(16)
    return response


@fault("keeps-deleted-objects")
async def keeps_deleted_objects(request: Request, site: Site) -> Response:
    """Who deletes an object is told that it is gone; only the second time it goes."""
    asked = site.memory.setdefault("keeps-deleted-objects", set())
    if request.method == "DELETE" and (path := _object(request)) and path not in asked:
        asked.add(path)
        return Response.of(204)
    return await site.send(request)


@fault("lists-deleted-objects")
async def lists_deleted_objects(request: Request, site: Site) -> Response:
    """A deleted object stays in the list of its container."""
    deleted = site.memory.setdefault("lists-deleted-objects", set())
    response = await site.send(request)
    path = urlsplit(request.path).path
    if request.method == "DELETE" and _object(request) and response.ok:
        deleted.add(path)
    gone = sorted(p.rpartition("/")[2] for p in deleted if p.rpartition("/")[0] == path)
    if request.method == "GET" and gone and response.ok:
        response.status = 200
        response.replace(await response.read() + "".join(f"{name}\n" for name in gone).encode())
    return response
