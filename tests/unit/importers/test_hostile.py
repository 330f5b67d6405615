"""What is no export ends with a sentence and code 2, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.unit.hostile import hostile_site
from tests.unit.importers import exports
from tests.unit.importers.exports import results, service, site, written
from tests.unit.serving import Asked, serving

Import = Callable[..., CompletedProcess[str]]

GOOD = results(service(1, site="A", host="se.a.example", type_="webdav"))
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE results [<!ENTITY a0 "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]><results>&a9;</results>"
)
"""A thousand million letters (`billion laughs`)."""
FILE_ENTITY = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><results>&x;</results>'
HTML = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>log in</body></html>"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (BOMB.encode(), "declares a document type or entities"),
        (FILE_ENTITY.encode(), "declares a document type or entities"),
        (HTML.encode(), "is a page of HTML"),
        (b"\xef\xbb\xbf<!-- x --><HTML lang=en>", "is a page of HTML"),
        (GOOD[:200].encode(), "is not XML"),
        (GOOD.replace("se.a", "s\xe9.a").encode("latin-1"), "encoding"),
        (GOOD.replace("UTF-8", "klingon").encode(), "encoding"),
        (GOOD.encode("utf-16").replace(b"U\0T\0F\0-\08\0", b"U\0T\0F\0-\09\0"), "encoding"),
        (b"\0\1\2\3" * 40, "is not XML"),
        (b'{"catalog": []}', "is not XML"),
        (b"<results></results>", "without any entry"),
        (b"<results><SITE/>" + b"<a>" * 100 + b"</a>" * 100 + b"</results>", "levels deep"),
        (results(site("A")).encode(), "is an export of sites (get_site)"),
        (b"<results><SITE NAME='A'><CONTACT/></SITE></results>", "get_site_contacts"),
        (b"<results><SERVICE_GROUP/></results>", "is an export of <SERVICE_GROUP>"),
        (b"<results><SERVICE_TYPE/></results>", "is an export of <SERVICE_TYPE>"),
        (b"<error>Invalid 'page' parameter</error>", "answered an error: Invalid 'page'"),
        (b"<rss><channel/></rss>", "begins with <rss>"),
    ],
)
def test_no_export_of_the_gocdb(
    imports: Import, into: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "s.xml"
    file.write_bytes(content)
    done = imports("gocdb", file, ends=2)
    assert done.stderr.startswith(f"error: {file}")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "root:" not in done.stderr
    assert not into.exists()


@pytest.mark.parametrize("source", ["cric", "keystone"])
@pytest.mark.parametrize(
    "case",
    [
        (b"", "is empty"),
        (HTML.encode(), "is a page of HTML"),
        (b'{"a": {"protocols": {', "is not JSON"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"a": NaN}', "is not JSON: it has NaN"),
        (b'{"a": "\xff"}', "is not written in UTF-8"),
        (b"<results/>", "is not JSON"),
        (b"7", "Give"),
        (
            b'{"error": {"code": 401, "message": "The request you have made requires auth"}}',
            "error",
        ),
    ],
)
def test_no_export_in_json(
    imports: Import, into: Path, tmp_path: Path, source: str, case: tuple[bytes, str]
) -> None:
    content, said = case
    file = tmp_path / "s.json"
    file.write_bytes(content)
    done = imports(source, file, *(["--site", "A"] if source == "keystone" else []), ends=2)
    assert done.stderr.startswith(f"error: {file}")
    assert said in done.stderr
    assert not into.exists()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "answered 404 Not Found"),
        (500, "answered 500"),
        (403, "answered 403: it requires a certificate or a token"),
        (401, "answered 401: it requires a certificate or a token"),
        (204, "is empty"),
    ],
)
def test_an_answer_that_is_an_error(imports: Import, into: Path, status: int, said: str) -> None:
    with serving(lambda _: (status, {}, b"")) as server:
        done = imports("gocdb", f"{server.url}/?method=get_service", ends=2)
    assert said in done.stderr
    assert not into.exists()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/redirect-file", "not safe to follow"),
        ("/redirect-round", "more than 5 redirects"),
        ("/bomb", "is longer than"),
        ("/no-gzip", "does not answer"),
        ("/words", "answered 500"),
    ],
)
def test_an_address_that_hurts(
    imports: Import, into: Path, monkeypatch: pytest.MonkeyPatch, path: str, said: str
) -> None:
    monkeypatch.setattr("harness.importers.fetching.MOST", 2**20)
    with hostile_site() as server:
        done = imports("gocdb", server.url + path, ends=2)
    assert said in done.stderr
    assert "\x1b" not in done.stderr
    assert not into.exists()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("nowhere.xml", "cannot be read"),
        (".", "is a folder"),
        ("ftp://goc.example/x.xml", "an address begins with https://"),
        ("https://", "does not answer"),
        ("http://user:hunter22@127.0.0.1:1/x", "contains a user or a password"),
        ("http://127.0.0.1:1/x", "does not answer"),
        ("http://[::1/x", "is not an address"),
    ],
)
def test_no_such_source(imports: Import, into: Path, source: str, said: str) -> None:
    done = imports("gocdb", source, ends=2)
    assert said in done.stderr
    assert "hunter22" not in done.stderr
    assert not into.exists()


def test_the_next_page_of_another_server_is_not_asked(imports: Import, into: Path) -> None:
    def reply(_: Asked) -> tuple[int, dict[str, str], bytes]:
        meta = '<meta><link rel="next" href="http://elsewhere.example/"/></meta>'
        entry = service(1, site="A", host="se.a.example", type_="webdav")
        return 200, {}, results(entry, meta=meta).encode()

    with serving(reply) as server:
        done = imports("gocdb", server.url, ends=2)
    assert "its next page is at another server" in done.stderr


@pytest.mark.parametrize("name", ["EGI", "a-b", "", "../x", "{{x}}", "9", "x" * 64])
def test_no_name_of_an_infrastructure(
    imports: Import, into: Path, tmp_path: Path, name: str
) -> None:
    done = imports("gocdb", written(tmp_path / "s.xml", GOOD), "--infrastructure", name, ends=2)
    assert "cannot name a group of Ansible" in done.stderr
    assert not into.exists()


def test_texts_of_others_reach_no_template_and_no_terminal(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    evil = "{{ lookup('pipe', 'touch /tmp/owned') }}"
    entries = [
        service(1, site=evil, host="se.a.example", type_="webdav"),
        service(2, site="A", host=evil, type_="webdav", url="https://se.b.example/vo"),
        service(3, site="A", host="se.c.example", type_=f"\u202e{evil}"),
    ]
    done = imports("gocdb", written(tmp_path / "s.xml", results(*entries)))
    exports.filled_in(into)
    for file in into.rglob("*.yml"):
        assert "lookup('pipe'" not in file.read_text()
    assert "\u202e" not in done.stdout
