"""Each broken storage misreads the scopes that it is named for, and no others."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from gateway.exchange import Request, Response
from gateway.faults import FAULTS, scopes
from gateway.settings import Endpoint, Home, Settings
from gateway.tokens import FULL_SCOPE, Token, Tokens
from joserfc.jwk import ECKey
from multidict import CIMultiDict

STORAGE = Endpoint(host="se.a.test", port=443, type="webdav", audience="https://se.a.test")


def home(name: str) -> Home:
    key = ECKey.generate_key("P-256", {"alg": "ES256"}, auto_kid=True).as_dict(private=True)
    return Home(
        name=name,
        issuer=f"https://aai.{name}.test",
        key=key,
        subject=f"member@{name}",
        subject_scope=name,
        entitlement=f"urn:{name}:role=member",
    )


class Behind:
    """A storage that does whatever it is asked, and keeps it."""

    def __init__(self) -> None:
        self.settings = Settings(
            certificate="",
            key="",
            authorities="",
            any_audience="https://any.test",
            infrastructure="a",
            homes={"a": home("a"), "b": home("b")},
            endpoints={},
        )
        self.tokens = Tokens(self.settings)
        self.asked: list[Request] = []

    async def send(self, request: Request) -> Response:
        self.asked.append(request)
        return Response.of(200)

    def serve(
        self, name: str, method: str, scope: str | None, at: Endpoint = STORAGE, **claims: Any
    ) -> Request:
        """Ask for a file with a token of this scope, and return what the real storage sees."""
        request = Request(
            headers=CIMultiDict(),
            body=b"",
            method=method,
            path="/data/results?a=b",
            endpoint=at,
        )
        if scope is not None:
            request.bearer = self.tokens.of_member(
                STORAGE.audience, sub="someone@b", **{"scope": scope, **claims}
            )
        asyncio.run(FAULTS[name](request, self))  # type: ignore[arg-type]
        return self.asked[-1]


@pytest.fixture
def site() -> Behind:
    return Behind()


FULL = "storage.read:/ storage.create:/ storage.modify:/"


@pytest.mark.parametrize(
    ("name", "method", "scope", "taken"),
    [
        ("ignores-scopes", "GET", "openid compute.read", f"openid compute.read {FULL}"),
        (
            "ignores-paths-of-scopes",
            "GET",
            "openid storage.read:/a storage.read",
            "openid storage.read:/ storage.read",
        ),
        ("takes-no-path-for-all-paths", "GET", "storage.read", "storage.read:/"),
        ("takes-no-path-for-all-paths", "GET", "storage.read:/a", "storage.read:/a"),
        (
            "compares-paths-by-letters",
            "GET",
            "storage.read:/data/result",
            "storage.read:/data/results",
        ),
        ("compares-paths-by-letters", "GET", "storage.read:/date", "storage.read:/date"),
        ("compares-paths-by-letters", "GET", "storage.read", "storage.read"),
        (
            "honours-one-path-of-a-scope",
            "GET",
            "storage.read:/a storage.read:/b storage.create:/b",
            "storage.create:/b storage.read:/a",
        ),
        ("reads-with-a-scope-to-write", "GET", "storage.modify:/a", "storage.read:/a"),
        ("reads-with-a-scope-to-write", "PUT", "storage.modify:/a", "storage.modify:/a"),
        ("writes-with-a-scope-to-read", "PUT", "storage.read:/a", "storage.create:/a"),
        ("writes-with-a-scope-to-read", "DELETE", "storage.read:/a", "storage.read:/a"),
        ("overwrites-with-a-scope-to-create", "PUT", "storage.create:/a", "storage.modify:/a"),
        ("deletes-with-a-scope-to-read", "DELETE", "storage.read:/a", "storage.modify:/a"),
        ("deletes-with-a-scope-to-read", "DELETE", "storage.create:/a", "storage.create:/a"),
        ("deletes-with-a-scope-to-create", "DELETE", "storage.create:/a", "storage.modify:/a"),
        ("hides-sizes-from-readers", "HEAD", "openid storage.read:/a", "openid"),
        ("hides-sizes-from-creators", "HEAD", "openid storage.create:/a", "openid"),
        ("hides-sizes-from-modifiers", "HEAD", "openid storage.modify:/a", "openid"),
        ("hides-sizes-from-readers", "GET", "storage.read:/a", "storage.read:/a"),
        ("hides-sizes-from-stagers", "HEAD", "openid storage.stage:/a", "openid"),
        (
            "ignores-slashes-at-the-end",
            "PUT",
            "storage.create:/a/ storage.read:/",
            "storage.create:/a storage.read:/",
        ),
        ("renames-with-a-scope-to-read", "MOVE", "storage.read:/a", "storage.modify:/a"),
        ("renames-over-with-a-scope-to-create", "MOVE", "storage.create:/a", "storage.modify:/a"),
        ("copies-over-with-a-scope-to-create", "COPY", "storage.create:/a", "storage.modify:/a"),
        ("reads-with-a-scope-to-stage", "GET", "storage.stage:/a", "storage.read:/a"),
        ("reads-with-a-scope-to-poll", "GET", "storage.poll:/a", "storage.read:/a"),
        ("reads-with-a-scope-to-compute", "GET", "openid compute.read", FULL_SCOPE),
        (
            "reads-with-a-scope-to-compute",
            "GET",
            "openid storage.read:/a",
            "openid storage.read:/a",
        ),
    ],
)
def test_scopes_are_taken_for_others(site, name, method, scope, taken):
    seen = Token.parse(site.serve(name, method, scope).bearer)

    assert seen is not None
    assert sorted(seen.scopes) == sorted(taken.split())
    assert seen.claims["sub"] == "someone@b"
    assert not site.tokens.faults(seen, STORAGE.audience)


@pytest.mark.parametrize(
    ("name", "scope", "taken"),
    [
        # The path that is asked for is /data/results; the storage maps /data to its issuers.
        ("compares-paths-by-letters", "storage.read:/res", "storage.read:/results"),
        ("compares-paths-by-letters", "storage.read:/data/res", "storage.read:/data/res"),
        (
            "takes-paths-of-urls-for-scopes",
            "storage.read:/data/a storage.read:/b storage.create",
            "storage.read:/data/a storage.read:/a storage.read:/b storage.create",
        ),
        ("takes-paths-of-urls-for-scopes", "storage.read:/", "storage.read:/"),
    ],
)
def test_paths_of_scopes_begin_at_the_issuers_prefix(site, name, scope, taken):
    endpoint = replace(STORAGE, scope_prefix="/data")
    seen = Token.parse(site.serve(name, "GET", scope, at=endpoint).bearer)

    assert seen is not None
    assert sorted(seen.scopes) == sorted(taken.split())


@pytest.mark.parametrize(("groups", "taken"), [(["urn:vo"], FULL_SCOPE), ([], "storage.read:/a")])
def test_groups_are_let_in(site, groups, taken):
    request = site.serve("lets-groups-in", "GET", "storage.read:/a", eduperson_entitlement=groups)
    seen = Token.parse(request.bearer)

    assert seen is not None
    assert sorted(seen.scopes) == sorted(taken.split())


@pytest.mark.parametrize(
    ("prefix", "asked", "sent", "scope"),
    [
        ("", "/a/../b/file", "/b/file", "storage.read:/b/file"),
        ("", "/a/%2e%2e/b/file", "/b/file", "storage.read:/b/file"),
        ("", "/c/../b/file", "/b/file", ""),
        ("", "/a/file", "/a/file", "storage.read:/a"),
        ("/data", "/data/a/../b", "/data/b", "storage.read:/b"),
    ],
)
def test_dots_are_followed_after_looking(site, prefix, asked, sent, scope):
    endpoint = replace(STORAGE, scope_prefix=prefix)
    request = Request(headers=CIMultiDict(), body=b"", method="GET", path=asked, endpoint=endpoint)
    request.bearer = site.tokens.of_member(STORAGE.audience, scope="storage.read:/a")
    asyncio.run(FAULTS["follows-dots-after-looking"](request, site))
    seen = Token.parse(site.asked[-1].bearer)

    assert seen is not None
    assert (site.asked[-1].path, " ".join(seen.scopes)) == (sent, scope)


@pytest.mark.parametrize("name", ["pulls-with-its-own-token", "open"])
def test_a_pull_is_made_with_another_token(site, name):
    request = Request(
        headers=CIMultiDict(TransferHeaderAuthorization="Bearer users"),
        body=b"",
        method="COPY",
        path="/data/results",
        endpoint=STORAGE,
    )
    asyncio.run(FAULTS[name](request, site))
    sent = request.headers["TransferHeaderAuthorization"].removeprefix("Bearer ")

    assert site.tokens.good(sent, "https://any.test")


MISREAD = [
    name
    for name, serve in FAULTS.items()
    if serve.__module__ == scopes.__name__ and name not in scopes.UNGUARDED
]


@pytest.mark.parametrize("name", [*MISREAD, *scopes.UNGUARDED])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PROPFIND"])
def test_a_token_with_a_fault_of_its_own_is_not_touched(site, name, method):
    bad = site.tokens.of_member("https://another.test", scope="storage.read storage.modify:/data")
    request = Request(
        headers=CIMultiDict(), body=b"", method=method, path="/data/results", endpoint=STORAGE
    )
    request.bearer = bad
    asyncio.run(FAULTS[name](request, site))

    assert request.bearer == bad


@pytest.mark.parametrize("name", MISREAD)
def test_who_comes_without_a_token_stays_without(site, name):
    assert site.serve(name, "GET", None).bearer is None


@pytest.mark.parametrize(("name", "method"), scopes.UNGUARDED.items())
def test_a_stranger_is_let_in_for_one_method(site, name, method):
    others = [other for other in scopes.UNGUARDED.values() if other != method]

    assert site.tokens.good(site.serve(name, method, None).bearer, STORAGE.audience)
    assert all(site.serve(name, other, None).bearer is None for other in others)
