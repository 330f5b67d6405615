"""Sites that make something else of lists of banned users than they must.

The real site applies the lists. A good token that it refuses is one of a banned user, in the scenarios that
name these faults.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from gateway.exchange import Request, Response
from gateway.faults.registry import fault
from gateway.site import Site
from gateway.tokens import Token


def _refusal() -> Response:
    return Response.of(403, b"banned\n")


def _good(request: Request, site: Site) -> Token | None:
    return site.tokens.good(request.bearer, request.endpoint.audience)


@fault("ignores-bans")
async def ignores_bans(request: Request, site: Site) -> Response:
    """A banned user is accepted."""
    token = _good(request, site)
    response = await site.send(request)
    home = site.tokens.home(token) if token is not None else None
    if token is None or home is None or not response.denies:
        return response
    request.bearer = site.tokens.renewed(token, request.endpoint.audience, sub=home.subject)
    return await site.send(request)


@fault("never-lifts-bans")
async def never_lifts_bans(request: Request, site: Site) -> Response:
    """A user whose ban was lifted is still refused."""
    banned: set[str] = site.memory.setdefault("never-lifts-bans", set())
    token = _good(request, site)
    if token is not None and token.claims["sub"] in banned:
        return _refusal()
    response = await site.send(request)
    if token is not None and response.denies:
        banned.add(token.claims["sub"])
    return response


@fault("bans-whole-issuers")
async def bans_whole_issuers(request: Request, site: Site) -> Response:
    """If one user is banned, all users of the issuer are refused."""
    banned: set[str] = site.memory.setdefault("bans-whole-issuers", set())
    token = _good(request, site)
    if token is not None and token.claims["iss"] in banned:
        return _refusal()
    response = await site.send(request)
    if token is not None and response.denies:
        banned.add(token.claims["iss"])
    return response


@fault("keeps-sessions-of-the-banned")
async def keeps_sessions_of_the_banned(request: Request, site: Site) -> Response:
    """A session from before the ban is still accepted."""
    given = request.headers.get("X-Auth-Token")
    key = "keeps-sessions-of-the-banned", request.method, request.path, given
    response = await site.send(request)
    if given and response.ok:
        site.memory[key] = response.status, await response.read()
    elif given and key in site.memory:
        status, body = site.memory[key]
        return Response.of(status, body, Content_Type="application/json")
    return response


# -- lists that must change nothing


@dataclass(frozen=True)
class _Published:
    """A list as it is published now."""

    signed: bool
    """By its publisher."""
    old: bool
    """An earlier look saw a higher serial."""
    expired: bool
    subjects: frozenset[str]


Flaw = Callable[[_Published], bool]

_TAKEN: dict[str, Flaw] = {
    "takes-unsigned-lists": lambda it: not it.signed,
    "takes-old-lists": lambda it: it.signed and it.old,
    "takes-expired-lists": lambda it: it.signed and it.expired,
}
"""Name of the fault -> which lists it takes that it must not take."""


def _taking(name: str, takes: Flaw) -> None:
    async def serve(request: Request, site: Site) -> Response:
        token = _good(request, site)
        home = site.tokens.home(token) if token is not None else None
        if token is not None and home is not None and home.ban_list:
            listed = await _published(home.name, home.ban_list, home.ban_key, name, site)
            if listed is not None and takes(listed) and token.claims["sub"] in listed.subjects:
                return _refusal()
        return await site.send(request)

    fault(name)(serve)


for _name, _takes in _TAKEN.items():
    _taking(_name, _takes)


async def _published(
    publisher: str, url: str, key: str, name: str, site: Site
) -> _Published | None:
    document = await site.look_up(url)
    if document is None:
        return None
    payload = json.loads(_decoded(document["payload"]))
    serial, signed = int(payload["serial"]), _is_signed(document, key)
    memory = name, publisher
    newest: int = site.memory.get(memory, 0)
    if signed and payload["exp"] > time.time():
        site.memory[memory] = max(newest, serial)
    return _Published(
        signed=signed,
        old=serial < newest,
        expired=payload["exp"] <= time.time(),
        subjects=frozenset(one["sub"] for one in payload["banned"]),
    )


def _is_signed(document: dict[str, Any], key: str) -> bool:
    public = load_pem_public_key(key.encode())
    if not isinstance(public, Ed25519PublicKey):
        raise TypeError("the publisher's key is no Ed25519 key")
    signed = f"{document['protected']}.{document['payload']}".encode()
    try:
        public.verify(_decoded(document["signature"]), signed)
    except InvalidSignature:
        return False
    return True


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
