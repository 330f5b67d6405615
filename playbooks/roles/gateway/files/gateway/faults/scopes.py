"""Storages that misunderstand what the scopes of a token permit, or ask for no token at all.

What a storage takes a scope for is put into the token, signed anew, before the real one sees it; a token
with a fault of its own goes to it as it came.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from gateway.exchange import Request, Response
from gateway.faults.registry import Fault, fault
from gateway.site import Site
from gateway.tokens import FULL_SCOPE, Token

_REMOTE = "TransferHeaderAuthorization"
"""Header with the authorization of a third-party copy at the other storage (HTTP-TPC)."""

READ, CREATE, MODIFY = "storage.read", "storage.create", "storage.modify"
STAGE = "storage.stage"


class Grant(NamedTuple):
    """A scope for data, taken apart: `storage.read:/data`."""

    action: str
    path: str
    """Empty where the scope has none."""

    def __str__(self) -> str:
        return f"{self.action}:{self.path}" if self.path else self.action

    def taken_for(self, action: str) -> Grant:
        """Return the right to another action at the same path."""
        return Grant(action, self.path)

    def at(self, path: str) -> Grant:
        """Return the right to the same action at another path."""
        return Grant(self.action, path)


Reading = Callable[[list[Grant], Request], Iterable[Grant]]
"""From what a token grants to what the storage takes that for, when it gets a request."""


def misread(name: str) -> Callable[[Reading], Reading]:
    """Enter a storage that takes what a good token grants for something else."""

    def enter(read: Reading) -> Reading:
        fault(name)(_serving(read))
        return read

    return enter


def _serving(read: Reading) -> Fault:
    async def serve(request: Request, site: Site) -> Response:
        audience = request.endpoint.audience
        token = site.tokens.good(request.bearer, audience)
        if token is not None:
            data = grants(token.scopes)
            taken = list(read(data, request))
            if taken != data:
                others = [scope for scope in token.scopes if not _is_for_data(scope)]
                scope = " ".join([*others, *map(str, taken)])
                request.bearer = site.tokens.renewed(token, audience, scope=scope)
        return await site.send(request)

    return serve


def grants(scopes: Iterable[str]) -> list[Grant]:
    """Return the scopes for data."""
    parted = (scope.partition(":") for scope in scopes if _is_for_data(scope))
    return [Grant(action, path) for action, _, path in parted]


def _is_for_data(scope: str) -> bool:
    return scope.startswith("storage.")


def path_of(request: Request) -> str:
    """Return the path that is asked for, as scopes name it, without a query."""
    return urlsplit(request.path).path.removeprefix(request.endpoint.scope_prefix)


# -- what is asked for is compared wrongly with what is granted


@misread("ignores-scopes")
def ignores_scopes(_granted: list[Grant], _: Request) -> Iterable[Grant]:
    """Whoever has a good token may do anything."""
    return grants(FULL_SCOPE.split())


@misread("ignores-paths-of-scopes")
def ignores_paths_of_scopes(granted: list[Grant], _: Request) -> Iterable[Grant]:
    """A scope for one path is one for every path."""
    return [grant.at("/") if grant.path else grant for grant in granted]


@misread("takes-paths-of-urls-for-scopes")
def takes_paths_of_urls_for_scopes(granted: list[Grant], request: Request) -> Iterable[Grant]:
    """A scope opens the URL of its path too, and not only what lies there below the issuer's prefix."""
    prefix = request.endpoint.scope_prefix
    whole = [grant.at(grant.path.removeprefix(prefix)) for grant in granted]
    return [*granted, *(grant for grant in whole if grant.path and grant not in granted)]


@misread("takes-no-path-for-all-paths")
def takes_no_path_for_all_paths(granted: list[Grant], _: Request) -> Iterable[Grant]:
    """A scope without a path is one for every path."""
    return [grant if grant.path else grant.at("/") for grant in granted]


@misread("compares-paths-by-letters")
def compares_paths_by_letters(granted: list[Grant], request: Request) -> Iterable[Grant]:
    """A scope for `/a` opens `/ab`."""
    path = path_of(request)
    return [
        grant.at(path) if grant.path and path.startswith(grant.path) else grant for grant in granted
    ]


@misread("ignores-slashes-at-the-end")
def ignores_slashes_at_the_end(granted: list[Grant], _: Request) -> Iterable[Grant]:
    """A scope for the folder `/a/` opens a file `/a`."""
    return [grant.at(grant.path.rstrip("/") or "/") if grant.path else grant for grant in granted]


@fault("follows-dots-after-looking")
async def follows_dots_after_looking(request: Request, site: Site) -> Response:
    """A scope for `/a` opens `/a/../b`: the dots are followed when all has been looked at."""
    asked = unquote(path_of(request))
    meant = posixpath.normpath(asked)
    request.path = quote(f"{request.endpoint.scope_prefix}{meant}")
    audience = request.endpoint.audience
    token = site.tokens.good(request.bearer, audience)
    if token is not None and meant != asked:
        # What was asked for begins with what is granted; so is what comes of it taken for granted.
        taken = [g.at(meant) for g in grants(token.scopes) if asked.startswith(f"{g.path}/")]
        request.bearer = site.tokens.renewed(token, audience, scope=" ".join(map(str, taken)))
    return await site.send(request)


@misread("honours-one-path-of-a-scope")
def honours_one_path_of_a_scope(granted: list[Grant], _: Request) -> Iterable[Grant]:
    """Of several paths of an action, the first one counts."""
    return {grant.action: grant for grant in reversed(granted)}.values()


# -- one action is taken for another

LENIENT = {
    "reads-with-a-scope-to-write": ("GET", MODIFY, READ),
    "writes-with-a-scope-to-read": ("PUT", READ, CREATE),
    "overwrites-with-a-scope-to-create": ("PUT", CREATE, MODIFY),
    "deletes-with-a-scope-to-read": ("DELETE", READ, MODIFY),
    "deletes-with-a-scope-to-create": ("DELETE", CREATE, MODIFY),
    "renames-with-a-scope-to-read": ("MOVE", READ, MODIFY),
    "renames-over-with-a-scope-to-create": ("MOVE", CREATE, MODIFY),
    "copies-over-with-a-scope-to-create": ("COPY", CREATE, MODIFY),
    "reads-with-a-scope-to-create": ("GET", CREATE, READ),
    "reads-with-a-scope-to-stage": ("GET", STAGE, READ),
    "reads-with-a-scope-to-poll": ("GET", "storage.poll", READ),
}
"""Name -> for which method which action is taken for which."""


def _lenient(method: str, held: str, taken_for: str) -> Reading:
    def read(granted: list[Grant], request: Request) -> Iterable[Grant]:
        if request.method != method:
            return granted
        return [g.taken_for(taken_for) if g.action == held else g for g in granted]

    return read


for _name, _case in LENIENT.items():
    misread(_name)(_lenient(*_case))

HIDING = {
    "hides-sizes-from-readers": READ,
    "hides-sizes-from-creators": CREATE,
    "hides-sizes-from-modifiers": MODIFY,
    "hides-sizes-from-stagers": STAGE,
}
"""Name -> the action that is not taken for the right to ask for a size."""


def _hiding(action: str) -> Reading:
    def read(granted: list[Grant], request: Request) -> Iterable[Grant]:
        if request.method != "HEAD":
            return granted
        return [grant for grant in granted if grant.action != action]

    return read


for _name, _action in HIDING.items():
    misread(_name)(_hiding(_action))


# -- what is no right to data is taken for one

HONOURED: dict[str, Callable[[Token], bool]] = {
    "reads-with-a-scope-to-compute": lambda token: any(
        scope.startswith("compute.") for scope in token.scopes
    ),
    "lets-groups-in": lambda token: bool(token.claims.get("eduperson_entitlement")),
}
"""Name -> whom it lets do anything with data, whatever else the token grants."""


def _honouring(honoured: Callable[[Token], bool]) -> Fault:
    async def serve(request: Request, site: Site) -> Response:
        audience = request.endpoint.audience
        token = site.tokens.good(request.bearer, audience)
        if token is not None and honoured(token):
            request.bearer = site.tokens.renewed(token, audience, scope=FULL_SCOPE)
        return await site.send(request)

    return serve


for _name, _honoured in HONOURED.items():
    fault(_name)(_honouring(_honoured))


# -- whose right counts


@fault("pulls-with-its-own-token")
async def pulls_with_its_own_token(request: Request, site: Site) -> Response:
    """A file is pulled by the storage's right to read it, not by the user's."""
    lend(request, site)
    return await site.send(request)


def lend(request: Request, site: Site) -> None:
    """Let a third-party copy reach the other storage with a token of this one's own."""
    if request.method == "COPY":
        request.headers[_REMOTE] = f"Bearer {site.tokens.of_member(site.settings.any_audience)}"


# -- no token is asked for

UNGUARDED = {
    "lets-strangers-read": "GET",
    "lets-strangers-ask-for-sizes": "HEAD",
    "lets-strangers-write": "PUT",
    "lets-strangers-make-folders": "MKCOL",
    "lets-strangers-list": "PROPFIND",
    "lets-strangers-move": "MOVE",
    "lets-strangers-delete": "DELETE",
    "lets-strangers-copy": "COPY",
}
"""Name -> the method for which it asks no token."""


def _unguarded(method: str) -> Fault:
    async def serve(request: Request, site: Site) -> Response:
        if request.method == method and "Authorization" not in request.headers:
            request.bearer = site.tokens.of_member(request.endpoint.audience)
        return await site.send(request)

    return serve


for _name, _method in UNGUARDED.items():
    fault(_name)(_unguarded(_method))
