"""Storages that do with folders, conditions, bodies and locks what RFC 4918 and RFC 9110 forbid."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from gateway.exchange import Request, Response
from gateway.faults.registry import Fault, fault
from gateway.site import Site

_NOT_ALLOWED = b"no such method here\n"


def _is_folder(request: Request) -> bool:
    return urlsplit(request.path).path.endswith("/")


async def _ended(request: Request, site: Site) -> Response:
    """Send a request, and return the answer when all of it is there."""
    response = await site.send(request)
    await response.read()
    return response


# -- addresses in listings

_HREF = re.compile(r"(<(\w+):href>)([^<]*)(</\2:href>)")


@fault("lists-names-unescaped")
async def lists_names_unescaped(request: Request, site: Site) -> Response:
    """A listing has names as they are on the disk, not as a URL must write them."""
    response = await site.send(request)
    if request.method == "PROPFIND" and response.status == 207:
        text = (await response.read()).decode()
        response.replace(_HREF.sub(lambda m: f"{m[1]}{unquote(m[3])}{m[4]}", text).encode())
    return response


# -- folders and what is in them


@fault("deletes-empty-folders-only")
async def deletes_empty_folders_only(request: Request, site: Site) -> Response:
    """A folder in which something is cannot be deleted."""
    if request.method == "DELETE" and _is_folder(request):
        listing = await _ended(request.another("PROPFIND", Depth="1"), site)
        if len(_HREF.findall((await listing.read()).decode())) > 1:
            return Response.of(409, b"the folder is not empty\n")
    return await site.send(request)


@fault("copies-folders-without-content")
async def copies_folders_without_content(request: Request, site: Site) -> Response:
    """Of a folder that is copied, the folder alone is made."""
    if request.method == "COPY" and _is_folder(request):
        request.headers["Depth"] = "0"
    return await site.send(request)


@fault("moves-folders-without-content")
async def moves_folders_without_content(request: Request, site: Site) -> Response:
    """Of a folder that is moved, the folder alone arrives; what was in it is lost."""
    if request.method != "MOVE" or not _is_folder(request):
        return await site.send(request)
    there = "/" + request.headers.get("Destination", "").split("/", 3)[-1]
    made = await _ended(request.another("MKCOL", there), site)
    if made.ok:
        await _ended(request.another("DELETE"), site)
    return made


# -- what a request says is not heeded


def _without(*headers: str, method: str) -> Fault:
    """Return a storage that does not look at some headers of a method."""

    async def serve(request: Request, site: Site) -> Response:
        if request.method == method:
            for name in headers:
                request.headers.pop(name, None)
        return await site.send(request)

    return serve


fault("ignores-conditions")(_without("If-Match", "If-None-Match", method="PUT"))


def _without_body(method: str) -> Fault:
    """Return a storage that does not look at the body of a method."""

    async def serve(request: Request, site: Site) -> Response:
        if request.method == method:
            await request.read()
            request.replace(b"")
            request.headers.pop("Content-Type", None)
        return await site.send(request)

    return serve


fault("ignores-bodies-of-listings")(_without_body("PROPFIND"))
fault("ignores-bodies-of-new-folders")(_without_body("MKCOL"))


# -- what is advertised is not there


def _lacking(method: str) -> Fault:
    async def serve(request: Request, site: Site) -> Response:
        if request.method == method:
            await request.read()
            return Response.of(405, _NOT_ALLOWED)
        return await site.send(request)

    return serve


LACKING = {"sets-no-properties": "PROPPATCH", "locks-nothing": "LOCK"}
"""Name -> the method that it has not, whatever it says of itself."""

for _name, _method in LACKING.items():
    fault(_name)(_lacking(_method))


@fault("ignores-locks")
async def ignores_locks(request: Request, site: Site) -> Response:
    """A file that is locked is overwritten by whoever may write: the lock is shown in their place."""
    key = "ignores-locks", request.endpoint.host, request.path
    if request.method == "PUT" and (lock := site.memory.get(key)):
        request.headers.setdefault("If", f"({lock})")
    response = await site.send(request)
    if request.method == "LOCK" and response.ok:
        site.memory[key] = response.headers.get("Lock-Token", "")
    return response


# -- what is asked for is withheld

_CREDENTIALS = re.compile(r"/v3/users/[^/]+/(?:application_credentials|credentials/OS-EC2)")


@fault("keeps-credentials-from-users")
async def keeps_credentials_from_users(request: Request, site: Site) -> Response:
    """Nobody makes credentials at a cloud."""
    if request.method == "POST" and _CREDENTIALS.fullmatch(urlsplit(request.path).path):
        await request.read()
        return Response.of_json(403, {"error": {"code": 403, "title": "Forbidden"}})
    return await site.send(request)


# -- the word before a token


@fault("compares-schemes-by-letters")
async def compares_schemes_by_letters(request: Request, site: Site) -> Response:
    """`bearer` is not `Bearer`: the token behind it is not looked at."""
    scheme = request.headers.get("Authorization", "").partition(" ")[0]
    if scheme.lower() == "bearer" and scheme != "Bearer":
        request.headers.pop("Authorization", None)
    return await site.send(request)
