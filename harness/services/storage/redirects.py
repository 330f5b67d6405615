"""Storages that send their clients on to a data server, and how far a user's tool follows.

Each request is a step of its own. A refusal is final, and so is a redirect that no careful client follows:
it is the answer, and says why nobody went there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, urldefrag, urljoin, urlsplit

import httpx

from harness.answer import Answer
from harness.clients.addresses import origin
from harness.clients.data import Data
from harness.clients.http import Http

MOST = 10
"""Redirects that are followed, one after the other."""

FOLLOWED = frozenset({"GET", "HEAD", "PUT", "COPY"})
"""Methods by which data move; what only names files (DELETE, MOVE, ...) is the door's own to do."""

_STATUSES = frozenset({301, 302, 303, 307, 308})
_SEE_OTHER = 303

_CREDENTIALS = frozenset(
    "authorization cookie proxy-authorization transferheaderauthorization transferheadercookie "
    "x-auth-token".split()
)
"""Headers that are for the origin to which the user sent them, and for no other."""


class NotFollowed(Exception):
    """A redirect that no careful client follows; says why."""


@dataclass(frozen=True)
class Request:
    """What a user's tool asks of a storage."""

    method: str
    url: str
    token: str | None
    headers: Mapping[str, str]
    content: bytes | Data | None = None
    timeout: float = 60

    @property
    def target(self) -> bytes:
        """Path and query to the letter: no library shall tidy up a path before the storage sees it."""
        parts = urlsplit(self.url)
        return f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}".encode()

    def sent_on(self, status: int, location: str) -> Request:
        """Return the request that follows a redirect, with method and body (RFC 9110, section 15.4).

        To another origin (RFC 6454) no credential goes along.

        Raises
        ------
        NotFollowed
            where it leads to no address of the web, or from TLS to none.
        """
        url = _address(self.url, location)
        if origin(self.url)[0] == "https" and origin(url)[0] == "http":
            raise NotFollowed(f"{url} is without TLS")
        on = replace(self, url=url)
        if origin(url) != origin(self.url):
            kept = {k: v for k, v in on.headers.items() if k.lower() not in _CREDENTIALS}
            on = replace(on, token=None, headers=kept)
        if status == _SEE_OTHER and on.method != "HEAD":
            about = ("content-", "expect")
            kept = {k: v for k, v in on.headers.items() if not k.lower().startswith(about)}
            on = replace(on, method="GET", content=None, headers=kept)
        return on


def send(http: Http, request: Request) -> Answer:
    """Send a request, follow where the storage sends it, and return the answer at which that ended."""
    door, answer = request.url, _send(http, request)
    for number in range(1, MOST + 1):
        location = _location(request, answer)
        if location is None:
            return answer
        try:
            request = request.sent_on(answer.status, location)
        except NotFollowed as why:
            return replace(answer, what=f"{answer.what} (a redirect that is not followed: {why})")
        # The title names the door as well: it answers for where it sends its users.
        note = f"redirect {number}, from {door} by HTTP {answer.status}"
        answer = _send(http, request, note=note)
    if _location(request, answer) is None:
        return answer
    return replace(answer, what=f"{answer.what} (after {MOST} redirects from {door} )")


def hang_up(http: Http, request: Request, *, after: float) -> None:
    """Send a request, follow where the storage sends it, and hang up after so many seconds of silence.

    Raises
    ------
    AssertionError
        where all of the answer was there before, or a redirect is not followed.
    """
    for _ in range(MOST + 1):
        location = http.hang_up(
            request.method,
            request.url,
            token=request.token,
            headers=request.headers,
            after=after,
            extensions={"target": request.target},
        )
        if location is None:
            return
        try:
            request = request.sent_on(307, location)
        except NotFollowed as why:
            raise AssertionError(
                f"{request.method} {request.url}: a redirect that is not followed: {why}"
            ) from why
    raise AssertionError(f"{request.method} {request.url}: more than {MOST} redirects")


def _send(http: Http, request: Request, *, note: str = "") -> Answer:
    return http.request(
        request.method,
        request.url,
        token=request.token,
        headers=request.headers,
        content=request.content,
        timeout=request.timeout,
        extensions={"target": request.target},
        **({"note": note} if note else {}),
    )


def _location(request: Request, answer: Answer) -> str | None:
    """Return where an answer sends the client; None where it sends it nowhere."""
    if request.method not in FOLLOWED or answer.status not in _STATUSES:
        return None
    return answer.headers.get("location") or None


def _address(url: str, location: str) -> str:
    """Return a `Location`, which may be relative (RFC 9110, section 10.2.2), as a URL in ASCII.

    Raises
    ------
    NotFollowed
        where it is not a web URL, or names a user, for whom a client would log in.
    """
    shown = repr(location[:200])
    try:
        found = urldefrag(urljoin(url, location.strip())).url
        scheme, host, _ = origin(found)
        named = urlsplit(found).username is not None
        httpx.URL(found)  # it knows more of what no host may be called
    except (ValueError, httpx.InvalidURL) as error:
        raise NotFollowed(f"{shown} is no URL: {error}") from error
    if scheme not in ("http", "https") or not host:
        raise NotFollowed(f"{shown} is not a web URL")
    if named:
        raise NotFollowed(f"{shown} names a user")
    # What is percent-encoded stays so; what may not stand in a URL is encoded.
    parts = urlsplit(found)
    rest = f"{parts.path}{f'?{parts.query}' if parts.query else ''}"
    place = f"{scheme}://{httpx.URL(found).netloc.decode()}"
    return place + quote(rest, safe="%/:?#[]@!$&'()*+,;=~|^`{}<>\\\"")
