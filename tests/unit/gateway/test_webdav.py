"""Each broken storage does what it is named for, and passes everything else on."""

from __future__ import annotations

import pytest
from gateway.exchange import Response

from tests.unit.gateway.test_data import Behind, ask, serve

LISTING = b"""<D:multistatus xmlns:D="DAV:"><D:response><D:href>/data/</D:href></D:response>
<D:response><D:href>/data/a%20b%25</D:href></D:response></D:multistatus>"""
THERE = "https://se.a.test/data/there/"


def test_names_are_listed_as_they_are():
    told = serve(
        "lists-names-unescaped", ask("PROPFIND"), Behind(PROPFIND=Response.of(207, LISTING))
    )

    assert b"<D:href>/data/a b%</D:href>" in told.body
    assert b"<D:href>/data/</D:href>" in told.body


@pytest.mark.parametrize(
    ("path", "listing", "status"),
    [("/data/", LISTING, 409), ("/data/", LISTING.split(b"\n")[0], 200), ("/data/f", LISTING, 200)],
    ids=["full", "empty", "file"],
)
def test_a_folder_that_is_not_empty_stays(path, listing, status):
    site = Behind(PROPFIND=Response.of(207, listing))

    assert serve("deletes-empty-folders-only", ask("DELETE", path), site).status == status


@pytest.mark.parametrize(("path", "depth"), [("/data/", "0"), ("/data/file", None)])
def test_a_copy_of_a_folder_is_empty(path, depth):
    site = Behind()
    serve("copies-folders-without-content", ask("COPY", path, Destination=THERE), site)

    assert site.asked[0].headers.get("Depth") == depth


def test_a_folder_that_is_moved_arrives_empty():
    site = Behind(MKCOL=Response.of(201))
    moved = serve("moves-folders-without-content", ask("MOVE", "/data/", Destination=THERE), site)
    serve("moves-folders-without-content", ask("MOVE", "/data/file", Destination=THERE), site)

    assert moved.status == 201
    assert [(one.method, one.path) for one in site.asked] == [
        ("MKCOL", "/data/there/"),
        ("DELETE", "/data/"),
        ("MOVE", "/data/file"),
    ]


def test_conditions_of_an_upload_are_not_looked_at():
    site = Behind()
    serve("ignores-conditions", ask("PUT", If_Match='"a"', If_None_Match="*"), site)

    assert not {"If-Match", "If-None-Match"} & site.asked[0].headers.keys()


@pytest.mark.parametrize(
    ("name", "method"),
    [("ignores-bodies-of-listings", "PROPFIND"), ("ignores-bodies-of-new-folders", "MKCOL")],
)
def test_a_body_is_not_looked_at(name, method):
    site = Behind()
    serve(name, ask(method, body=b"<x", Content_Type="application/xml"), site)
    serve(name, ask("PUT", body=b"<x"), site)

    assert [one.body for one in site.asked] == [b"", b"<x"]
    assert site.asked[0].headers["Content-Length"] == "0"
    assert "Content-Type" not in site.asked[0].headers


@pytest.mark.parametrize(
    ("name", "method"), [("sets-no-properties", "PROPPATCH"), ("locks-nothing", "LOCK")]
)
def test_a_method_is_missing(name, method):
    assert serve(name, ask(method, body=b"<x/>"), Behind()).status == 405
    assert serve(name, ask("PUT", body=b"x"), Behind()).status == 200


def test_a_lock_keeps_nobody_out():
    site = Behind(LOCK=Response.of(200, Lock_Token="<urn:uuid:1>"))
    serve("ignores-locks", ask("PUT"), site)
    serve("ignores-locks", ask("LOCK"), site)
    serve("ignores-locks", ask("PUT"), site)
    serve("ignores-locks", ask("PUT", "/data/another"), site)

    assert [one.headers.get("If") for one in site.asked] == [None, None, "(<urn:uuid:1>)", None]


@pytest.mark.parametrize(("scheme", "passed"), [("Bearer", True), ("bearer", False)])
def test_a_scheme_in_another_case_is_none(scheme, passed):
    site = Behind()
    request = ask("GET")
    request.headers["Authorization"] = f"{scheme} x"
    serve("compares-schemes-by-letters", request, site)

    assert ("Authorization" in site.asked[0].headers) == passed


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v3/users/1/application_credentials", 403),
        ("/v3/users/1/credentials/OS-EC2", 403),
        ("/v3/auth/tokens", 200),
    ],
)
def test_nobody_makes_credentials(path, status):
    assert serve("keeps-credentials-from-users", ask("POST", path), Behind()).status == status
