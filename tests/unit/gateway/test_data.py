"""Each broken storage damages what it is named for, and passes everything else on."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from gateway.exchange import Request, Response
from gateway.faults import FAULTS, data
from gateway.settings import Endpoint
from multidict import CIMultiDict

STORAGE = Endpoint(host="se.a.test", port=443, type="webdav", audience="https://se.a.test")
SOURCE = "https://se.b.test/data/file"
BYTES = bytes(range(256)) * 8
GOOD_COPY = b"Perf Marker\nTimestamp: 1\nEnd\nsuccess: Created\n"
BAD_COPY = b"failure: the source answered 403\n"
LISTING = b"""<D:multistatus xmlns:D="DAV:"><D:response xmlns:l="DAV:"><D:href>/data</D:href>
<l:getcontentlength>4096</l:getcontentlength>
<l:getlastmodified>Sun, 22 Nov 2026 14:13:07 GMT</l:getlastmodified>
<l:resourcetype><D:collection/></l:resourcetype></D:response>
<D:response xmlns:l="DAV:"><D:href>/data/file</D:href>
<l:getcontentlength>3072</l:getcontentlength>
<l:getlastmodified>Sun, 22 Nov 2026 14:13:08 GMT</l:getlastmodified>
</D:response></D:multistatus>"""


class Behind:
    """A storage that gives prepared answers by method, and keeps what it was asked."""

    def __init__(self, **answers: Response) -> None:
        self.answers = answers
        self.asked: list[Request] = []
        self.memory: dict[Any, Any] = {}

    async def send(self, request: Request) -> Response:
        await request.read()
        self.asked.append(request)
        return self.answers.get(request.method) or Response.of(200)

    @property
    def methods(self) -> list[str]:
        return [request.method for request in self.asked]


def ask(method: str, path: str = "/data/file", body: bytes = b"", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(
        headers=CIMultiDict(
            {"Authorization": "Bearer x", "Content-Length": str(len(body)), **named}
        ),
        body=body,
        method=method,
        path=path,
        endpoint=STORAGE,
    )


def serve(name: str, request: Request, site: Behind) -> Response:
    async def served() -> Response:
        response = await FAULTS[name](request, site)  # type: ignore[arg-type]
        await response.read()
        return response

    return asyncio.run(served())


async def in_parts(content: bytes, size: int = 700) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


def streamed(content: bytes) -> Response:
    answer = Response.of(200, content)
    answer.body = in_parts(content)
    return answer


def test_a_byte_is_flipped_in_what_is_read():
    response = serve("flips-a-byte", ask("GET"), Behind(GET=streamed(BYTES)))

    assert response.body == b"\x01" + BYTES[1:]


def test_an_empty_file_has_no_byte_to_flip():
    assert serve("flips-a-byte", ask("GET"), Behind(GET=Response.of(200))).body == b""


@pytest.mark.parametrize("name", ["flips-a-byte", "cuts-large-files"])
def test_a_copy_is_pulled_from_a_source_with_the_same_fault(name):
    site = Behind(COPY=Response.of(201, GOOD_COPY))

    assert serve(name, ask("COPY", Source=SOURCE), site).body == GOOD_COPY
    assert site.asked[0].headers["Source"] == f"https://{name}.se.b.test/data/file"


def test_a_large_file_is_cut_and_a_small_one_is_not(monkeypatch):
    monkeypatch.setattr(data, "LARGE", 1000)
    large = serve("cuts-large-files", ask("GET"), Behind(GET=streamed(BYTES)))
    small = serve("cuts-large-files", ask("GET"), Behind(GET=streamed(BYTES[:1000])))
    told = Response.of(200, Content_Length="2048")
    told.headers["Content-Length"] = "2048"
    size = serve("cuts-large-files", ask("HEAD"), Behind(HEAD=told)).headers["Content-Length"]

    assert (large.body, large.headers["Content-Length"]) == (BYTES[:1000], "1000")
    assert small.body == BYTES[:1000]
    assert size == "1000"


@pytest.mark.parametrize(
    ("sent", "stored"), [(BYTES, BYTES[:-1024]), (b"x", b""), (b"", b"")], ids=len
)
def test_the_end_of_an_upload_is_lost(sent, stored):
    site = Behind()
    serve("loses-the-end-of-uploads", ask("PUT", body=sent), site)

    assert site.asked[0].body == stored
    assert site.asked[0].headers["Content-Length"] == str(len(stored))


def test_files_are_served_to_whom_they_are_not_for():
    site = Behind()
    for path in ("/a", "/b"):
        request = ask("GET")
        request.path = path
        serve("serves-what-others-fetched", request, site)

    assert [asked.path for asked in site.asked] == ["/a", "/a"]


def test_an_upload_is_thrown_away():
    site = Behind()

    assert serve("stores-nothing", ask("PUT", body=BYTES), site).ok
    assert not site.asked


def test_an_empty_file_is_refused_and_another_is_not():
    site = Behind()

    assert serve("refuses-empty-files", ask("PUT"), site).status == 400
    assert serve("refuses-empty-files", ask("PUT", body=b"x"), site).ok
    assert [request.body for request in site.asked] == [b"x"]


@pytest.mark.parametrize(
    ("name", "status"), [("refuses-overwriting", 409), ("keeps-the-old-bytes", 204)]
)
def test_what_is_there_is_not_overwritten(name, status):
    there, free = Behind(), Behind(HEAD=Response.of(404))

    assert serve(name, ask("PUT", body=b"x"), there).status == status
    assert there.methods == ["HEAD"]
    assert serve(name, ask("PUT", body=b"x"), free).ok
    assert free.methods == ["HEAD", "PUT"]


def test_a_file_is_deleted_when_it_is_deleted_twice_and_a_folder_at_once():
    site = Behind()
    for path in ("/data/file", "/data/file", "/data/"):
        assert serve("never-deletes", ask("DELETE", path), site).ok

    assert [request.path for request in site.asked] == ["/data/file", "/data/"]


def test_a_file_of_an_odd_name_is_not_taken():
    site = Behind()

    assert serve("refuses-odd-names", ask("PUT", "/data/a%20b"), site).status == 400
    assert serve("refuses-odd-names", ask("PUT"), site).ok
    assert [request.path for request in site.asked] == ["/data/file"]


def test_a_range_is_ignored():
    site = Behind()
    serve("ignores-ranges", ask("GET", Range="bytes=0-9"), site)

    assert "Range" not in site.asked[0].headers


@pytest.mark.parametrize(
    ("asked", "served"),
    [
        ("bytes=4294967296-4294967307", "bytes=0-11"),
        ("bytes=0-9", "bytes=0-9"),
        ("bytes=4294967290-4294967300", "bytes=4294967290-4294967300"),
        ("bytes=-5", "bytes=-5"),
    ],
)
def test_a_range_is_counted_in_32_bits(asked, served):
    site = Behind()
    serve("counts-in-32-bits", ask("GET", Range=asked), site)

    assert site.asked[0].headers["Range"] == served


@pytest.mark.parametrize(("size", "told"), [(2**32 + 12, "12"), (12, "12"), (0, "0")])
def test_a_size_is_counted_in_32_bits(size, told):
    answer = Response.of(200)
    answer.headers["Content-Length"] = str(size)
    headers = serve("counts-in-32-bits", ask("HEAD"), Behind(HEAD=answer)).headers

    assert headers["Content-Length"] == told


@pytest.mark.parametrize(
    ("name", "method", "refused", "said"),
    [
        ("makes-folders-anew", "MKCOL", 405, 201),
        ("makes-folders-of-missing-parents", "MKCOL", 409, 201),
        ("takes-files-of-missing-parents", "PUT", 409, 201),
        ("lists-what-is-not-there", "PROPFIND", 404, 207),
    ],
)
def test_what_was_refused_is_called_done(name, method, refused, said):
    refusing, denying = (
        Behind(**{method: Response.of(refused)}),
        Behind(**{method: Response.of(403)}),
    )

    assert serve(name, ask(method), refusing).status == said
    assert serve(name, ask(method), denying).status == 403


class Guarded(Behind):
    """A storage behind a gateway that has tokens of its own."""

    class tokens:
        of_member = staticmethod(lambda audience: f"own for {audience}")


def test_a_file_is_not_taken_into_a_missing_folder():
    missing, there = Guarded(PROPFIND=Response.of(404)), Guarded(PROPFIND=Response.of(207))

    assert serve("refuses-missing-parents", ask("PUT"), missing).status == 409
    assert [(r.path, r.bearer) for r in missing.asked] == [("/data/", "own for https://se.a.test")]
    assert serve("refuses-missing-parents", ask("PUT"), there).ok
    assert there.asked[1].bearer == "x"


def with_token(**claims: float) -> Request:
    """Ask for a copy with a token for the other storage."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in ({}, claims)]
    return ask("COPY", TransferHeaderAuthorization=f"Bearer {b'.'.join(parts).decode()}.signature")


@pytest.mark.parametrize(
    ("request_", "answer", "methods"),
    [
        (with_token(exp=1), GOOD_COPY, ["COPY", "PUT"]),
        (with_token(exp=1), BAD_COPY, ["COPY"]),
        (with_token(exp=time.time() + 86400), GOOD_COPY, ["COPY"]),
        (with_token(), GOOD_COPY, ["COPY"]),
        (ask("COPY"), GOOD_COPY, ["COPY"]),
    ],
)
def test_a_copy_is_cut_whose_token_has_ended(request_, answer, methods):
    site = Guarded(COPY=Response.of(201, answer))

    assert serve("cuts-copies-of-dead-tokens", request_, site).body == answer
    assert site.methods == methods
    assert [r.bearer for r in site.asked[1:]] == ["own for https://se.a.test"] * (len(methods) - 1)


def test_a_copy_is_made_before_it_is_answered():
    site = Behind(COPY=streamed(GOOD_COPY))
    response = asyncio.run(FAULTS["finishes-abandoned-copies"](ask("COPY"), site))  # type: ignore[arg-type]

    assert response.body == GOOD_COPY


@pytest.mark.parametrize("method", ["COPY", "MOVE"])
def test_what_is_protected_is_overwritten(method):
    site = Behind()
    serve("ignores-overwrite", ask(method, Overwrite="F"), site)

    assert site.asked[0].headers["Overwrite"] == "T"


@pytest.mark.parametrize(
    ("method", "headers", "there"),
    [
        ("COPY", {"Source": SOURCE}, "/data/file"),
        ("COPY", {"Destination": "https://se.a.test/data/to"}, "/data/to"),
        ("MOVE", {"Destination": "https://se.a.test/data/to"}, "/data/to"),
    ],
)
def test_what_is_protected_is_overwritten_and_412_is_told(method, headers, there):
    site, name = Behind(), "overwrites-and-answers-412"
    response = serve(name, ask(method, Overwrite="F", **headers), site)
    free = serve(name, ask(method, Overwrite="F", **headers), Behind(HEAD=Response.of(404)))

    assert response.status == 412
    assert [(r.method, r.path) for r in site.asked] == [("HEAD", there), (method, "/data/file")]
    assert free.ok


def test_nothing_is_copied():
    site = Behind()

    assert serve("copies-nothing", ask("COPY", Source=SOURCE), site).body == b"success: Created\n"
    assert not site.asked


@pytest.mark.parametrize("failed", [Response.of(201, BAD_COPY), Response.of(403)], ids=str)
def test_a_failed_copy_is_called_a_success(failed):
    response = serve("says-success-of-failed-copies", ask("COPY"), Behind(COPY=failed))

    assert (response.status, response.body) == (201, b"success: Created\n")


def test_a_failed_copy_leaves_a_file():
    site = Behind(COPY=Response.of(201, BAD_COPY))

    assert serve("leaves-partial-copies", ask("COPY"), site).body == BAD_COPY
    assert site.methods == ["COPY", "PUT"]
    assert site.asked[1].bearer == "x"


@pytest.mark.parametrize("name", ["says-success-of-failed-copies", "leaves-partial-copies"])
def test_a_copy_that_succeeds_is_left_alone(name):
    site = Behind(COPY=streamed(GOOD_COPY))

    assert serve(name, ask("COPY"), site).body == GOOD_COPY
    assert site.methods == ["COPY"]


def test_of_source_and_destination_the_source_counts():
    site = Behind()
    request = ask("COPY", Source=SOURCE, Destination="https://se.a.test/data/to")
    serve("copies-from-and-to-elsewhere", request, site)
    serve("copies-from-and-to-elsewhere", ask("COPY", Destination=SOURCE), site)

    assert ["Destination" in request.headers for request in site.asked] == [False, True]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("takes-users-in-urls", SOURCE.replace("//", "//me:secret@")),
        ("copies-from-unknown-schemes", SOURCE.replace("https", "gopher")),
    ],
)
def test_a_source_of_a_bad_url_is_taken(name, source):
    site = Behind()
    serve(name, ask("COPY", Source=source), site)

    assert site.asked[0].headers["Source"] == SOURCE


def test_headers_for_the_other_storage_are_dropped():
    site = Behind()
    serve("forwards-no-headers", ask("COPY", TransferHeaderA="1", Overwrite="F"), site)

    assert set(site.asked[0].headers) == {"Authorization", "Content-Length", "Overwrite"}


def test_a_length_for_the_other_storage_ends_a_copy():
    site = Behind(COPY=Response.of(201, GOOD_COPY))
    request = ask("COPY", **{"TransferHeaderContent-Length": "5"})

    assert serve("heeds-content-length-of-copies", request, site).body == GOOD_COPY
    assert [(r.method, r.body) for r in site.asked] == [("COPY", b""), ("PUT", b"xxxxx")]
    assert "TransferHeaderContent-Length" not in site.asked[0].headers


def test_a_copy_is_answered_when_it_is_done():
    good, bad = (Behind(COPY=Response.of(202, body)) for body in (GOOD_COPY, BAD_COPY))

    assert serve("answers-when-copied", ask("COPY"), good).status == 201
    assert serve("answers-when-copied", ask("COPY"), bad).body == BAD_COPY


def test_markers_do_not_tell_the_time():
    site = Behind(COPY=Response.of(201, GOOD_COPY))
    body = serve("sends-markers-without-time", ask("COPY"), site).body

    assert body == b"Perf Marker\nEnd\nsuccess: Created\n"


def test_a_credential_is_written_into_the_log():
    site = Behind()
    serve("logs-credentials", ask("COPY", TransferHeaderAuthorization="Bearer remote"), site)
    serve("logs-credentials", ask("COPY"), site)

    assert [(r.method, r.path) for r in site.asked] == [
        ("GET", "/data/remote"),
        ("COPY", "/data/file"),
        ("COPY", "/data/file"),
    ]


@pytest.mark.parametrize(
    ("name", "size", "digest"),
    [
        ("tells-wrong-sizes", "1", "adler32=0a1b2c3d"),
        ("tells-wrong-checksums", "0", "adler32=deadbeef"),
        ("tells-no-checksums", "0", None),
    ],
)
def test_what_head_tells_is_another(name, size, digest):
    told = Response.of(200, Digest="adler32=0a1b2c3d")
    headers = serve(name, ask("HEAD"), Behind(HEAD=told)).headers

    assert (headers["Content-Length"], headers.get("Digest")) == (size, digest)


WITHOUT: dict[str, Callable[[bytes], bool]] = {
    "lists-wrong-sizes": lambda text: b">3073<" in text and b">4096<" in text,
    "lists-no-sizes": lambda text: b"3072" not in text and b">4096<" in text,
    "lists-old-times": lambda text: b"1970" in text and b"14:13:07" in text,
    "lists-no-times": lambda text: b"14:13:08" not in text and b"14:13:07" in text,
    "lists-no-new-files": lambda text: b"/data/file" not in text and b"<D:href>/data<" in text,
}


@pytest.mark.parametrize("name", WITHOUT)
def test_a_listing_is_wrong_of_files_and_right_of_the_folder(name):
    response = serve(name, ask("PROPFIND"), Behind(PROPFIND=Response.of(207, LISTING)))

    assert response.status == 207
    assert WITHOUT[name](whole(response))
    assert response.headers["Content-Length"] == str(len(whole(response)))


def whole(response: Response) -> bytes:
    assert isinstance(response.body, bytes)
    return response.body


def test_a_listing_has_another_status():
    told = Response.of(207, LISTING)

    assert serve("lists-with-status-200", ask("PROPFIND"), Behind(PROPFIND=told)).status == 200


MINE = [name for name, serve in FAULTS.items() if serve.__module__ == data.__name__]


@pytest.mark.parametrize("name", MINE)
def test_other_requests_pass_unchanged(name):
    site = Behind()
    request = ask("OPTIONS", body=b"body")
    before = request.headers.copy()

    assert serve(name, request, site).body == b""
    assert site.asked == [request]
    assert (request.headers, request.body, request.path) == (before, b"body", "/data/file")
