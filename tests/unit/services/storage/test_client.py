"""What a WebDAV endpoint is asked, and how its answer to a copy is judged."""

from typing import Any

import pytest

from harness.answer import Answer
from harness.model import Service, Settings
from harness.services.issuer.tokens import Token
from harness.services.storage.client import WebDav

SERVICE = Service(
    type="webdav",
    endpoint="https://se.a.test/vo",
    implementation="xrootd",
    host="se.a.test",
    site="A",
    infrastructure="a",
    token_profile="wlcg",
)
TOKEN = Token("e30.e30.secret")


class Asked:
    """An HTTP client that sends nothing, and gives the answer that it was made with."""

    def __init__(self, status: int = 201, body: str = "") -> None:
        self.status, self.body = status, body
        self.sent: list[tuple[str, str, dict[str, Any]]] = []

    def request(self, method: str, url: str, **rest: Any) -> Answer:
        self.sent.append((method, url, rest))
        return Answer(
            what=f"{method} {url}",
            status=self.status,
            ok=self.status < 300,
            denied=self.status in (401, 403),
            body=self.body.encode(),
        )

    def hang_up(self, method: str, url: str, **rest: Any) -> None:
        self.sent.append((method, url, rest))


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("a/two words", "/vo/a/two%20words"),
        ("a/%20", "/vo/a/%2520"),
        ("a/a#b", "/vo/a/a%23b"),
        ("a/a+b", "/vo/a/a%2Bb"),
        ("a/数据", "/vo/a/%E6%95%B0%E6%8D%AE"),
        ("a/../b", "/vo/a/../b"),
    ],
)
def test_a_path_is_asked_for_to_the_letter(path, target):
    http = Asked()
    WebDav(SERVICE, http).get(path, token=TOKEN)  # type: ignore[arg-type]
    ((_, url, rest),) = http.sent

    assert url == f"https://se.a.test{target}"
    assert rest["extensions"] == {"target": target.encode()}


@pytest.mark.parametrize(
    ("prefix", "path", "named"),
    [
        ("", "a/two words", "/vo/a/two%20words"),
        ("/vo", "a/two words", "/a/two%20words"),
        ("/vo", "", "/"),
    ],
)
def test_a_scope_names_the_path_from_the_issuer_s_prefix_on(prefix, path, named):
    service = SERVICE.model_copy(update={"settings": Settings(scope_prefix=prefix)})
    assert WebDav(service, Asked()).scope_path(path) == named  # type: ignore[arg-type]


@pytest.mark.parametrize("endpoint", ["HTTPS://SE.A.test:443/vo", "https://se.a.test/vo/"])
def test_a_scope_names_a_path_however_the_endpoint_is_spelt(endpoint):
    service = SERVICE.model_copy(update={"endpoint": endpoint})
    assert WebDav(service, Asked()).scope_path("a/b") == "/vo/a/b"  # type: ignore[arg-type]


def test_a_range_is_asked_for():
    http = Asked()
    WebDav(SERVICE, http).get("a", token=TOKEN, byte_range="0-9")  # type: ignore[arg-type]

    assert http.sent[0][2]["headers"] == {"Range": "bytes=0-9"}


@pytest.mark.parametrize("way", ["pull", "push"])
def test_headers_for_the_other_end_of_a_copy_are_named_so(way):
    http = Asked()
    copy = getattr(WebDav(SERVICE, http), way)  # type: ignore[arg-type]
    other = {"source_token": TOKEN} if way == "pull" else {"destination_token": TOKEN}
    copy("a", "https://se.b.test/a", token=TOKEN, passed_on={"Content-Length": "5"}, **other)
    headers = http.sent[0][2]["headers"]

    assert headers["TransferHeaderContent-Length"] == "5"
    assert headers["TransferHeaderAuthorization"] == f"Bearer {TOKEN.value}"


def test_a_pull_that_is_abandoned_is_asked_for_as_any():
    kept, abandoned = Asked(), Asked()
    ask = {"token": TOKEN, "source_token": TOKEN}
    WebDav(SERVICE, kept).pull("a", "https://b", **ask)  # type: ignore[arg-type]
    WebDav(SERVICE, abandoned).abandon_pull("a", "https://b", after=1, **ask)  # type: ignore[arg-type]

    assert abandoned.sent[0][:2] == kept.sent[0][:2]
    assert abandoned.sent[0][2]["headers"] == kept.sent[0][2]["headers"]


@pytest.mark.parametrize(
    ("status", "body", "denied"),
    [
        (500, "failure: Remote side failed with status code 403", True),
        (201, "failure: Remote side failed with status code 403", True),
        (500, "failure: no space", False),
        (201, "success: Created", False),
        (403, "", True),
    ],
)
def test_a_copy_is_denied_where_the_other_end_refuses(status, body, denied):
    webdav = WebDav(SERVICE, Asked(status, body))  # type: ignore[arg-type]

    assert webdav.pull("a", "https://b", token=TOKEN, source_token=None).denied is denied
