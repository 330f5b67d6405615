"""HTTP from a user's workstation, each request a step with evidence."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from harness.answer import Answer, Fields
from harness.clients import bodies, limits, socks, trust
from harness.clients.agent import user_agent
from harness.clients.outages import PATIENCE, origin, outages
from harness.clients.patience import patiently
from harness.clients.proxies import OfEnvironment
from harness.errors import NotAllowed, Unreachable
from harness.evidence import step

_SHOWN = frozenset(
    "allow content-length content-type credential depth destination digest etag expect location "
    "overwrite range source transferheaderauthorization want-digest www-authenticate".split()
)
"""Headers that evidence shows; the others say nothing of interoperability, or are secret."""

_CREDENTIALS = ("authorization", "transferheaderauthorization")
"""Headers with credentials: the client's own, and that for the other end of a copy."""

CONNECT = 10.0
"""Seconds in which a small request has a connection: the kernel makes it, however busy the service is, and
asks four times in these."""

_READ = 2**18
"""Bytes of a body that are made a text for the evidence, which shows fewer."""

_REPEATABLE = frozenset("GET HEAD OPTIONS PROPFIND PUT DELETE MKCOL COPY MOVE".split())
"""Methods that do the same when sent twice (RFC 9110, section 9.2.2; RFC 4918, section 9)."""


class Http:
    """An HTTP client that stands at a user's workstation.

    Parameters
    ----------
    proxy
        SOCKS5 proxy of the workstation: requests start there, cross the WAN from there, and names are
        looked up there. None where the harness itself runs on the workstation: then the environment's
        proxies are heeded (`harness.clients.proxies`), as users' tools there heed them.
    ca_bundle
        authorities that the workstation trusts; None for those of this machine (`harness.clients.trust`).
    alone
        whether it trusts no others than those of `ca_bundle`; else this machine's, too.
    contact
        whom an administrator of a site asks about the requests.
    """

    def __init__(
        self,
        *,
        proxy: str | None,
        ca_bundle: Path | None,
        alone: bool = True,
        timeout: float = 60,
        contact: str = "",
    ) -> None:
        self.proxy, self.ca_bundle = proxy, ca_bundle
        self.context = trust.context(ca_bundle, alone=alone)
        self.agent = user_agent(contact)
        self._client = bodies.Client(
            transport=(
                socks.Transport(httpx.Proxy(proxy), self.context)
                if proxy
                else OfEnvironment(self.context)
            ),
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": self.agent},
        )

    def request(
        self,
        method: str,
        url: str,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        note: str = "",
        **rest: Any,
    ) -> Answer:
        """Send a request; `token` is sent as bearer. Redirects are answers, not followed.

        A server that is busy and says for how long is asked once more (`harness.clients.patience`).
        `rest` goes to httpx: `content`, `data`, `json`, `params`, `auth`, `timeout`.

        Raises
        ------
        Unreachable
            where no answer came: no connection, TLS failure, time-out.
        AssertionError
            where the URL is none, as one that a service named may be, or where the answer's body is not
            encoded as its header says, or has no end (`harness.clients.bodies`).
        """
        return patiently(
            lambda: self._once(method, url, token=token, headers=headers, note=note, **rest)
        )

    def _once(
        self,
        method: str,
        url: str,
        *,
        token: str | None,
        headers: Mapping[str, str] | None,
        note: str,
        **rest: Any,
    ) -> Answer:
        """Send a request, once."""
        sent = httpx.Headers(headers)
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        with step(f"{method} {url}{f' ({note})' if note else ''}") as record:
            self.require(url)
            try:
                request = self._client.build_request(method, url, headers=sent, **_buildable(rest))
            except (httpx.InvalidURL, UnicodeError) as error:
                raise AssertionError(f"{method} {url}: this is not a URL: {error}") from error
            record.send(_describe(request), carrying=_secrets(request))
            try:
                answer = self._send(request, **_sendable(rest))
            except httpx.DecodingError as error:
                raise AssertionError(
                    f"{method} {url}: the answer's body cannot be decoded: {error}"
                ) from error
            except httpx.TransportError as error:
                said = f"{method} {url}: {type(error).__name__}: {error}"
                # Who is told to wait less than usual has not found out that nobody is there.
                if isinstance(error, httpx.TimeoutException) and self._usual(rest.get("timeout")):
                    self.note(url, said)
                raise Unreachable(said, urlsplit(url).hostname or url) from error
            shown = {k: v for k, v in answer.headers.items() if k in _SHOWN}
            record.receive(
                f"HTTP {answer.status_code} in {answer.elapsed.total_seconds():.3f} s\n"
                + "".join(f"{k}: {v}\n" for k, v in shown.items())
                + f"\n{_readable(answer.headers.get('content-type', ''), answer.content)}"
            )
            return Answer(
                what=f"{method} {url}",
                status=answer.status_code,
                ok=answer.is_success,
                denied=answer.status_code in (401, 403),
                body=answer.content,
                headers=Fields(dict(answer.headers), of=f"the header of {method} {url}"),
                duration=answer.elapsed.total_seconds(),
            )

    def _usual(self, timeout: object) -> bool:
        """Tell whether a request waits as long as usual, or longer; None is the client's own time."""
        own = self._client.timeout.read or 0
        return timeout is None or (isinstance(timeout, int | float) and timeout >= own)

    def require(self, url: str) -> None:
        """Go on unless the origin of a URL has timed out in this run, and still gives no answer.

        Raises
        ------
        Unreachable
            with the first failure (`harness.clients.outages`).
        """
        outages.require(url, lambda: not self.silence(url), via=self.proxy or "")

    def note(self, url: str, why: str) -> None:
        """Note that the origin of a URL does not answer from here."""
        outages.note(url, why, via=self.proxy or "")

    def silence(self, url: str, *, patience: float = PATIENCE) -> str:
        """Return why nothing comes back from a URL's origin in so many seconds; empty where it does."""
        waiting = httpx.Timeout(patience, connect=min(patience, CONNECT))
        request = self._client.build_request("HEAD", f"{origin(url)}/", timeout=waiting)
        try:
            self._allowed(request)
        except httpx.TransportError as error:
            return f"HEAD {request.url}: {type(error).__name__}: {error}"
        except NotAllowed:
            pass  # nothing is known of it
        except (httpx.DecodingError, AssertionError):
            pass  # somebody answered
        return ""

    def hang_up(
        self,
        method: str,
        url: str,
        *,
        after: float,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        **rest: Any,
    ) -> str | None:
        """Send a request, and close the connection when for `after` seconds nothing has come.

        Return None; where the server sends on to another address instead, return that.

        Raises
        ------
        AssertionError
            where all of the answer was there before.
        Unreachable
            where there was no connection to close.
        """
        sent = httpx.Headers(headers)
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        with step(f"{method} {url} (the client disconnects)") as record:
            request = self._client.build_request(
                method, url, headers=sent, timeout=httpx.Timeout(20, read=after), **rest
            )
            record.send(_describe(request))
            try:
                answer = self._allowed(request)
            except httpx.ReadTimeout:
                record.receive(f"nothing more for {after:g} s: the connection is closed")
                return None
            except httpx.TransportError as error:
                raise Unreachable(
                    f"{method} {url}: {type(error).__name__}: {error}",
                    urlsplit(url).hostname or url,
                ) from error
            shown = _readable(answer.headers.get("content-type", ""), answer.content)
            record.receive(f"HTTP {answer.status_code}\n\n{shown}")
            if answer.has_redirect_location:
                return str(answer.headers["location"])
            raise AssertionError(
                f"{method} {url} ended before the client could disconnect: {answer.status_code}"
            )

    def _send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send, and once more where the server had closed the idle connection meanwhile.

        What may be repeated is repeated by every client of users (RFC 9110, section 9.2.2).
        """
        try:
            return self._allowed(request, **options)
        except httpx.RemoteProtocolError as error:
            if request.method not in _REPEATABLE or "without sending a response" not in str(error):
                raise
            return self._allowed(request, **options)

    def _allowed(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request within the limits of its site (`harness.clients.limits`)."""
        url = str(request.url)
        limits.before(request.method, url, limits.size_of(request.headers))
        answer = self._client.send(request, **options)
        limits.used(url, len(answer.content))
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _secrets(request: httpx.Request) -> list[str]:
    """Return the credentials in the header of a request."""
    return [request.headers[name] for name in _CREDENTIALS if name in request.headers]


def _buildable(rest: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in rest.items() if k != "auth"}


def _sendable(rest: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in rest.items() if k == "auth"}


def _describe(request: httpx.Request) -> str:
    shown = {k: v for k, v in request.headers.items() if k in _SHOWN or k == "authorization"}
    try:
        body = _readable(request.headers.get("content-type", ""), request.content)
    except httpx.RequestNotRead:
        body = "[a stream]"
    return (
        f"{request.method} {request.url}\n"
        + "".join(f"{k}: {v}\n" for k, v in shown.items())
        + f"\n{body}"
    )


def _readable(content_type: str, body: bytes) -> str:
    if any(word in content_type for word in ("json", "text", "xml", "urlencoded", "rsl")) or (
        len(body) < 512 and body.isascii()
    ):
        cut = f"\n[{len(body)} bytes in all]" if len(body) > _READ else ""
        return body[:_READ].decode(errors="replace") + cut
    return f"[{len(body)} bytes of {content_type or 'unnamed type'}]"
