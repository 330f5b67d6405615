"""Storages that lose, damage or misreport what users store there."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Callable

from gateway.exchange import Message, Request, Response
from gateway.faults.registry import Fault, fault
from gateway.site import Site
from gateway.tokens import Token

KIB, MIB = 2**10, 2**20
LARGE = 64 * MIB
_4_GIB = 2**32

_FORWARDED = "TransferHeader"
"""How the headers begin that a copy brings to the other storage (HTTP-TPC, request)."""


async def _parts(message: Message) -> AsyncIterator[bytes]:
    """Yield a body as it comes."""
    if isinstance(message.body, bytes):
        yield message.body
        return
    async for part in message.body:
        yield part


async def _beginning(message: Message, size: int) -> AsyncIterator[bytes]:
    """Yield so many bytes of a body; the rest is read too, and dropped."""
    async for part in _parts(message):
        yield part[:size]
        size -= min(size, len(part))


def _shorten(message: Message, size: int) -> None:
    """Let a body end after so many bytes."""
    message.body = _beginning(Message(message.headers, message.body), size)
    message.headers["Content-Length"] = str(size)


def _length(message: Message) -> int:
    """Return the length that the headers tell; 0 where they tell none."""
    return int(message.headers.get("Content-Length", "0"))


async def _ended(request: Request, site: Site) -> Response:
    """Send a request, and return the answer when all of it is there."""
    response = await site.send(request)
    await response.read()
    return response


async def _exists(request: Request, site: Site) -> bool:
    """Tell whether something is there already."""
    return (await _ended(request.another("HEAD"), site)).ok


def _pull_from(request: Request, name: str) -> None:
    """Let a copy be pulled from a source with a fault, which the real storage then stores faithfully."""
    if "Source" in request.headers:
        request.headers["Source"] = request.headers["Source"].replace("//", f"//{name}.", 1)


# -- bytes are damaged or lost


@fault("flips-a-byte")
async def flips_a_byte(request: Request, site: Site) -> Response:
    """The first byte of what is read or copied is another."""
    _pull_from(request, "flips-a-byte")
    response = await site.send(request)
    if request.method == "GET" and response.ok:
        response.body = _flipped(Message(response.headers, response.body))
    return response


async def _flipped(message: Message) -> AsyncIterator[bytes]:
    first = True
    async for part in _parts(message):
        yield bytes([part[0] ^ 1]) + part[1:] if first and part else part
        first = first and not part


@fault("cuts-large-files")
async def cuts_large_files(request: Request, site: Site) -> Response:
    """Whatever is read or copied ends after 64 MiB."""
    _pull_from(request, "cuts-large-files")
    response = await site.send(request)
    if request.method in ("GET", "HEAD") and response.ok and _length(response) > LARGE:
        _shorten(response, LARGE)
    return response


@fault("loses-the-end-of-uploads")
async def loses_the_end_of_uploads(request: Request, site: Site) -> Response:
    """The last KiB of a file is not stored."""
    if request.method == "PUT" and _length(request):
        _shorten(request, max(0, _length(request) - KIB))
    return await site.send(request)


@fault("serves-what-others-fetched")
async def serves_what_others_fetched(request: Request, site: Site) -> Response:
    """Who comes for a file gets the one for which somebody came before."""
    if request.method == "GET":
        place = request.endpoint.host
        before = site.memory.get(("serves-what-others-fetched", place))
        site.memory["serves-what-others-fetched", place] = request.path, request.bearer
        if before is not None:
            request.path = before[0]
            if before[1] is not None:
                request.bearer = before[1]
    return await site.send(request)


@fault("stores-nothing")
async def stores_nothing(request: Request, site: Site) -> Response:
    """A file is taken and thrown away."""
    if request.method == "PUT":
        await request.read()
        return Response.of(201)
    return await site.send(request)


@fault("refuses-empty-files")
async def refuses_empty_files(request: Request, site: Site) -> Response:
    """A file without content is no file."""
    if request.method == "PUT" and not await request.read():
        return Response.of(400, b"an empty file\n")
    return await site.send(request)


@fault("refuses-odd-names")
async def refuses_odd_names(request: Request, site: Site) -> Response:
    """A name with letters that a URL must escape is not taken."""
    if request.method in ("PUT", "COPY") and "%" in request.path:
        await request.read()
        return Response.of(400, b"an odd name\n")
    return await site.send(request)


@fault("ignores-ranges")
async def ignores_ranges(request: Request, site: Site) -> Response:
    """Who asks for a range of a file gets all of it."""
    request.headers.pop("Range", None)
    return await site.send(request)


@fault("counts-in-32-bits")
async def counts_in_32_bits(request: Request, site: Site) -> Response:
    """Of sizes and ranges beyond 4 GiB only the last 32 bits count."""
    asked = [int(number) for number in re.findall(r"\d+", request.headers.get("Range", ""))]
    if len(asked) == 2 and min(asked) >= _4_GIB:
        request.headers["Range"] = "bytes={}-{}".format(*(number % _4_GIB for number in asked))
    response = await site.send(request)
    if request.method == "HEAD" and response.ok:
        response.headers["Content-Length"] = str(_length(response) % _4_GIB)
    return response


# -- folders


@fault("refuses-missing-parents")
async def refuses_missing_parents(request: Request, site: Site) -> Response:
    """A file is not taken into a folder that is not there yet."""
    if request.method == "PUT" and not await _has_parent(request, site):
        await request.read()
        return Response.of(409, b"no such folder\n")
    return await site.send(request)


async def _has_parent(request: Request, site: Site) -> bool:
    """Tell whether the folder of a file is there; with a token of the gateway's own."""
    folder = request.another("PROPFIND", f"{request.path.rpartition('/')[0]}/", Depth="0")
    folder.bearer = site.tokens.of_member(request.endpoint.audience)
    return (await _ended(folder, site)).ok


def _pretending(method: str, instead_of: int, answer: Callable[[], Response]) -> Fault:
    """Return a storage that says of what it has not done that it is done."""

    async def serve(request: Request, site: Site) -> Response:
        response = await site.send(request)
        if request.method == method and response.status == instead_of:
            await response.read()
            return answer()
        return response

    return serve


_NOTHING = b'<?xml version="1.0"?><D:multistatus xmlns:D="DAV:"/>'

PRETENDED: dict[str, tuple[str, int, Callable[[], Response]]] = {
    "makes-folders-anew": ("MKCOL", 405, lambda: Response.of(201)),
    "makes-folders-of-missing-parents": ("MKCOL", 409, lambda: Response.of(201)),
    "takes-files-of-missing-parents": ("PUT", 409, lambda: Response.of(201)),
    "lists-what-is-not-there": ("PROPFIND", 404, lambda: Response.of(207, _NOTHING)),
}
"""Name -> the method, the status that the real storage refuses with, and what is said instead."""

for _name, _case in PRETENDED.items():
    fault(_name)(_pretending(*_case))


# -- what is there already


@fault("refuses-overwriting")
async def refuses_overwriting(request: Request, site: Site) -> Response:
    """Under a name that is taken, nothing can be stored."""
    if request.method == "PUT" and await _exists(request, site):
        await request.read()
        return Response.of(409, b"it is there already\n")
    return await site.send(request)


@fault("keeps-the-old-bytes")
async def keeps_the_old_bytes(request: Request, site: Site) -> Response:
    """What is stored under a name that is taken is thrown away."""
    if request.method == "PUT" and await _exists(request, site):
        await request.read()
        return Response.of(204)
    return await site.send(request)


@fault("never-deletes")
async def never_deletes(request: Request, site: Site) -> Response:
    """A file stays that was deleted; only who deletes it once more, and folders, are served."""
    key = "never-deletes", request.endpoint.host, request.path
    file = not request.path.endswith("/")
    if request.method == "DELETE" and file and key not in site.memory:
        site.memory[key] = True
        return Response.of(204)
    return await site.send(request)


@fault("ignores-overwrite")
async def ignores_overwrite(request: Request, site: Site) -> Response:
    """`Overwrite: F` protects nothing."""
    _let_overwrite(request)
    return await site.send(request)


@fault("overwrites-and-answers-412")
async def overwrites_and_answers_412(request: Request, site: Site) -> Response:
    """`Overwrite: F` protects nothing, whatever the answer says."""
    if not _let_overwrite(request) or not await _exists_there(request, site):
        return await site.send(request)
    response = await _ended(request, site)
    return Response.of(412, b"it is there already\n") if response.ok else response


def _let_overwrite(request: Request) -> bool:
    """Permit to overwrite where it was forbidden, and tell whether it was."""
    forbidden = request.headers.get("Overwrite", "T").upper() == "F"
    if forbidden:
        request.headers["Overwrite"] = "T"
    return forbidden


async def _exists_there(request: Request, site: Site) -> bool:
    """Tell whether the file is there which a MOVE, or a COPY from or within the storage, would make."""
    if "Source" not in request.headers:
        path = "/" + request.headers.get("Destination", "").split("/", 3)[-1]
        return await _exists(request.another("HEAD", path), site)
    return await _exists(request, site)


# -- third-party copies


@fault("copies-nothing")
async def copies_nothing(request: Request, site: Site) -> Response:
    """A copy is a success at once, and nothing arrives."""
    if request.method == "COPY":
        return _success()
    return await site.send(request)


@fault("says-success-of-failed-copies")
async def says_success_of_failed_copies(request: Request, site: Site) -> Response:
    """Every copy is a success."""
    response = await site.send(request)
    if request.method == "COPY" and not await _is_success(response):
        return _success()
    return response


@fault("leaves-partial-copies")
async def leaves_partial_copies(request: Request, site: Site) -> Response:
    """Of a copy that fails, a beginning is left."""
    response = await site.send(request)
    if request.method == "COPY" and not await _is_success(response):
        await _ended(request.another("PUT", body=b"begun"), site)
    return response


@fault("finishes-abandoned-copies")
async def finishes_abandoned_copies(request: Request, site: Site) -> Response:
    """A copy goes on to its end, whether anybody listens or not."""
    return await (_ended(request, site) if request.method == "COPY" else site.send(request))


@fault("cuts-copies-of-dead-tokens")
async def cuts_copies_of_dead_tokens(request: Request, site: Site) -> Response:
    """A copy ends where its token for the other storage does, and is called a success."""
    response = await site.send(request)
    if request.method == "COPY" and await _is_success(response) and _has_ended(request):
        cut = request.another("PUT", body=b"begun")
        cut.bearer = site.tokens.of_member(request.endpoint.audience)
        await _ended(cut, site)
    return response


def _has_ended(request: Request) -> bool:
    """Tell whether the token that a copy brings to the other storage is past its end by now."""
    _, _, value = request.headers.get(f"{_FORWARDED}Authorization", "").partition(" ")
    token = Token.parse(value)
    return token is not None and float(token.claims.get("exp", "inf")) < time.time()


@fault("copies-from-and-to-elsewhere")
async def copies_from_and_to_elsewhere(request: Request, site: Site) -> Response:
    """Of a copy that names a source and a destination, the source counts."""
    if request.method == "COPY" and "Source" in request.headers:
        request.headers.pop("Destination", None)
    return await site.send(request)


@fault("forwards-no-headers")
async def forwards_no_headers(request: Request, site: Site) -> Response:
    """Headers that a copy shall bring to the other storage are dropped."""
    for name in [name for name in request.headers if name.lower().startswith("transferheader")]:
        request.headers.pop(name, None)
    return await site.send(request)


@fault("heeds-content-length-of-copies")
async def heeds_content_length_of_copies(request: Request, site: Site) -> Response:
    """A copy ends after as many bytes as a Content-Length for the other storage says."""
    length = request.headers.pop(f"{_FORWARDED}Content-Length", None)
    response = await site.send(request)
    if request.method == "COPY" and length and await _is_success(response):
        await _ended(request.another("PUT", body=b"x" * int(length)), site)
    return response


@fault("takes-users-in-urls")
async def takes_users_in_urls(request: Request, site: Site) -> Response:
    """Name and password in the URL of a copy's source are overlooked."""
    if "Source" in request.headers:
        request.headers["Source"] = re.sub("//[^/]*@", "//", request.headers["Source"], count=1)
    return await site.send(request)


@fault("copies-from-unknown-schemes")
async def copies_from_unknown_schemes(request: Request, site: Site) -> Response:
    """A source is taken for one of HTTPS, whatever its scheme is."""
    if "Source" in request.headers:
        request.headers["Source"] = re.sub("^[a-z]+:", "https:", request.headers["Source"])
    return await site.send(request)


@fault("answers-when-copied")
async def answers_when_copied(request: Request, site: Site) -> Response:
    """A copy is answered when it is done, as any request: without markers, and not by 202."""
    response = await site.send(request)
    if request.method == "COPY" and await _is_success(response):
        return _success()
    return response


@fault("sends-markers-without-time")
async def sends_markers_without_time(request: Request, site: Site) -> Response:
    """The markers of a copy do not say when they were made."""
    response = await site.send(request)
    if request.method == "COPY":
        response.replace(re.sub(rb"(?m)^Timestamp:.*\n", b"", await response.read()))
    return response


@fault("logs-credentials")
async def logs_credentials(request: Request, site: Site) -> Response:
    """The credential for the other storage stands in the log of this one."""
    _, _, credential = request.headers.get(f"{_FORWARDED}Authorization", "").partition(" ")
    if credential:
        # The real storage writes down which file it was asked for in vain.
        folder = request.path.rpartition("/")[0]
        await _ended(request.another("GET", f"{folder}/{credential}"), site)
    return await site.send(request)


def _success() -> Response:
    return Response.of(201, b"success: Created\n")


async def _is_success(response: Response) -> bool:
    """Tell whether a copy succeeded; its last line says so (HTTP-TPC, result)."""
    return response.ok and bool(re.search(rb"(?im)^success\b", await response.read()))


# -- what is told of a file


def _retelling(retell: Callable[[Response], None]) -> Fault:
    """Return a storage that tells something else to who asks for the properties of a file."""

    async def serve(request: Request, site: Site) -> Response:
        response = await site.send(request)
        if request.method == "HEAD" and response.ok:
            retell(response)
        return response

    return serve


def _wrong_size(response: Response) -> None:
    response.headers["Content-Length"] = str(_length(response) + 1)


def _wrong_checksum(response: Response) -> None:
    if "Digest" in response.headers:
        response.headers["Digest"] = re.sub(r"=[^,]*", "=deadbeef", response.headers["Digest"])


def _no_checksum(response: Response) -> None:
    response.headers.pop("Digest", None)


TOLD: dict[str, Callable[[Response], None]] = {
    "tells-wrong-sizes": _wrong_size,
    "tells-wrong-checksums": _wrong_checksum,
    "tells-no-checksums": _no_checksum,
}
"""Name -> what it does to the answer to HEAD."""

for _name, _retell in TOLD.items():
    fault(_name)(_retelling(_retell))


# -- listings

_ENTRY = re.compile(r"<(\w+):response\b.*?</\1:response>", re.S)
_SIZE = re.compile(r"<(\w+):getcontentlength>(\d+)</\1:getcontentlength>")
_TIME = re.compile(r"<(\w+):getlastmodified>([^<]*)</\1:getlastmodified>")

LISTED: dict[str, Callable[[str], str]] = {
    "lists-wrong-sizes": lambda entry: _SIZE.sub(
        lambda found: found[0].replace(found[2], str(int(found[2]) + 1)), entry
    ),
    "lists-no-sizes": lambda entry: _SIZE.sub("", entry),
    "lists-old-times": lambda entry: _TIME.sub(
        lambda found: found[0].replace(found[2], "Thu, 01 Jan 1970 00:00:00 GMT"), entry
    ),
    "lists-no-times": lambda entry: _TIME.sub("", entry),
    "lists-no-new-files": lambda _: "",
}
"""Name -> what it makes of the entry of a file; the folder's own is right."""


def _listing(retell: Callable[[str], str]) -> Fault:
    def told(entry: re.Match[str]) -> str:
        return entry[0] if ":collection" in entry[0] else retell(entry[0])

    async def serve(request: Request, site: Site) -> Response:
        response = await site.send(request)
        if request.method == "PROPFIND" and response.ok:
            text = (await response.read()).decode()
            response.replace(_ENTRY.sub(told, text).encode())
        return response

    return serve


for _name, _list in LISTED.items():
    fault(_name)(_listing(_list))


@fault("lists-with-status-200")
async def lists_with_status_200(request: Request, site: Site) -> Response:
    """A listing is answered as if it were a page."""
    response = await site.send(request)
    if request.method == "PROPFIND" and response.status == 207:
        response.status = 200
    return response
