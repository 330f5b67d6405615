"""WebDAV with third-party copy.

One class serves every implementation of endpoint: what differs between them is theirs to answer for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, urlsplit

from harness.answer import Answer
from harness.clients.data import Data
from harness.clients.http import Http
from harness.clients.random_data import BLOCK
from harness.model import Service
from harness.services.issuer.tokens import Token
from harness.services.storage import kind, redirects
from harness.services.storage.answers import parse_result
from harness.services.storage.kind import StorageSettings
from harness.services.storage.redirects import Request
from harness.services.storage.refusals import is_remote_refusal

FULL_SCOPE = kind.FULL_SCOPE
"""What a user's token permits who may do everything with data."""

_COPY_TIMEOUT = 180
"""Seconds without a byte of the answer after which a third-party copy is given up."""


def _judge_copy(answer: Answer) -> Answer:
    """Return the answer to a COPY, judged by its result line."""
    success, line = parse_result(answer.text)
    return replace(
        answer,
        ok=answer.ok and success,
        denied=answer.denied or (not success and is_remote_refusal(line)),
    )


def _for_the_remote(headers: Mapping[str, str], remote: Token | None) -> dict[str, str]:
    """Return the headers of a copy with the credential for the other end.

    The client's own token goes to the endpoint asked; the other end's travels along with it.
    """
    authorization = (
        {"TransferHeaderAuthorization": f"Bearer {remote.value}"} if remote is not None else {}
    )
    return {**headers, "Credential": "none", **authorization}


def _typed(body: bytes) -> dict[str, str]:
    """Return the header that says that a body is XML (RFC 4918, section 8.2); none where there is none."""
    return {"Content-Type": 'application/xml; charset="utf-8"'} if body else {}


class WebDav:
    """A WebDAV endpoint, as a user's tool reaches it. Paths are relative to the endpoint.

    Where the endpoint sends the bytes of a file elsewhere, that is followed (`redirects`).
    """

    def __init__(self, service: Service, http: Http) -> None:
        self.service = service
        self._http = http

    def url(self, path: str) -> str:
        """Return the URL of a path, percent-encoded (RFC 3986, section 2.1)."""
        return f"{self.service.endpoint.rstrip('/')}/{quote(path.lstrip('/'))}"

    def scope_path(self, path: str) -> str:
        """Return the path as a scope has it: the path of the URL, relative to the issuer's prefix.

        WLCG Token Profile 1.3, section 2.2.3.
        """
        whole = urlsplit(self.url(path)).path
        return whole.removeprefix(StorageSettings.of(self.service).scope_prefix) or "/"

    def put(
        self,
        path: str,
        data: Data,
        *,
        token: Token | None,
        conditions: Mapping[str, str] | None = None,
    ) -> Answer:
        """Upload. If there is content, `Expect: 100-continue` is sent, so that a refusal comes
        before the content.

        RFC 9110, section 10.1.1. `conditions` are headers such as `If-None-Match` (section 13.1).
        """
        large = data.size > BLOCK
        expect = {"Expect": "100-continue"} if data.size else {}
        return self._send(
            "PUT",
            path,
            token,
            headers={**expect, "Content-Length": str(data.size), **(conditions or {})},
            content=data if large else data.content,
            timeout=_COPY_TIMEOUT,
        )

    def get(
        self, path: str, *, token: Token | None, byte_range: str = "", scheme: str = ""
    ) -> Answer:
        """Download a file, or a range of its bytes: `0-99` (RFC 9110, section 14.1.2).

        `scheme` spells the word before the token in another way than `Bearer` (RFC 9110, section 11.1).
        """
        headers = {"Range": f"bytes={byte_range}"} if byte_range else {}
        if scheme and token is not None:
            headers["Authorization"], token = f"{scheme} {token.value}", None
        return self._send("GET", path, token, headers=headers)

    def head(self, path: str, *, token: Token | None, want_digest: str = "") -> Answer:
        """Ask for the header fields of a file, and for a checksum if `want_digest` names one (RFC
        3230).
        """
        return self._send(
            "HEAD", path, token, headers={"Want-Digest": want_digest} if want_digest else {}
        )

    def delete(self, path: str, *, token: Token | None) -> Answer:
        """Delete a file, or a collection and everything in it (RFC 4918, section 9.6)."""
        return self._send("DELETE", path, token)

    def mkcol(self, path: str, *, token: Token | None, body: bytes = b"") -> Answer:
        """Make a collection; no extension is known to us that gives the request a body."""
        return self._send("MKCOL", path, token, headers=_typed(body), content=body or None)

    def options(self, path: str, *, token: Token | None) -> Answer:
        """Ask which methods and classes of WebDAV there are (RFC 4918, section 10.1)."""
        return self._send("OPTIONS", path, token)

    def proppatch(self, path: str, body: bytes, *, token: Token | None) -> Answer:
        """Set or remove properties (RFC 4918, section 9.2)."""
        return self._send("PROPPATCH", path, token, headers=_typed(body), content=body)

    def lock(self, path: str, body: bytes, *, token: Token | None) -> Answer:
        """Lock a file for five minutes at most (RFC 4918, section 9.10)."""
        headers = {**_typed(body), "Depth": "0", "Timeout": "Second-300"}
        return self._send("LOCK", path, token, headers=headers, content=body)

    def unlock(self, path: str, lock: str, *, token: Token | None) -> Answer:
        """Take a lock away (RFC 4918, section 9.11); `lock` is its token: `<urn:uuid:...>`."""
        return self._send("UNLOCK", path, token, headers={"Lock-Token": lock})

    def move(self, path: str, to: str, *, token: Token | None, overwrite: bool = True) -> Answer:
        """Rename (RFC 4918, section 9.9)."""
        headers = {"Destination": self.url(to), "Overwrite": "T" if overwrite else "F"}
        return self._send("MOVE", path, token, headers=headers)

    def duplicate(
        self, path: str, to: str, *, token: Token | None, overwrite: bool = True
    ) -> Answer:
        """Copy within this endpoint (RFC 4918, section 9.8)."""
        headers = {"Destination": self.url(to), "Overwrite": "T" if overwrite else "F"}
        return self._send("COPY", path, token, headers=headers)

    def propfind(
        self, path: str, *, token: Token | None, depth: int = 0, body: bytes = b""
    ) -> Answer:
        """List properties (RFC 4918, section 9.1); without a body, all that the server likes to tell."""
        headers = {"Depth": str(depth), **_typed(body)}
        return self._send("PROPFIND", path, token, headers=headers, content=body or None)

    def pull(
        self,
        path: str,
        source: str,
        *,
        token: Token | None,
        source_token: Token | None,
        overwrite: bool = True,
        destination: str | None = None,
        passed_on: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask this endpoint to fetch the URL `source`. The last line of the answer decides whether
        it succeeded.

        No client may name a `destination` too (HTTP-TPC, request): only to see it refused. `passed_on`
        are headers for the source, beside the token for it.
        """
        headers = {"Source": source, "Overwrite": "T" if overwrite else "F"}
        if destination is not None:
            headers["Destination"] = destination
        return self._copy(path, headers, token, source_token, passed_on)

    def abandon_pull(
        self,
        path: str,
        source: str,
        *,
        token: Token | None,
        source_token: Token | None,
        after: float,
    ) -> None:
        """Ask this endpoint to fetch the URL `source`, and close the connection after `after`
        seconds without an answer.
        """
        headers = _for_the_remote({"Source": source, "Overwrite": "T"}, source_token)
        redirects.hang_up(self._http, self._request("COPY", path, token, headers), after=after)

    def push(
        self,
        path: str,
        destination: str,
        *,
        token: Token | None,
        destination_token: Token | None,
        overwrite: bool = True,
        passed_on: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask this endpoint to send a file to the URL `destination`. The last line of the answer
        decides whether it succeeded.

        `passed_on` are headers for the destination, beside the token for it.
        """
        headers = {"Destination": destination, "Overwrite": "T" if overwrite else "F"}
        return self._copy(path, headers, token, destination_token, passed_on)

    def _copy(
        self,
        path: str,
        headers: dict[str, str],
        token: Token | None,
        remote: Token | None,
        passed_on: Mapping[str, str] | None,
    ) -> Answer:
        headers |= {f"TransferHeader{name}": value for name, value in (passed_on or {}).items()}
        sent = _for_the_remote(headers, remote)
        return _judge_copy(self._send("COPY", path, token, headers=sent, timeout=_COPY_TIMEOUT))

    def _send(
        self,
        method: str,
        path: str,
        token: Token | None,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | Data | None = None,
        timeout: float = 60,
    ) -> Answer:
        request = self._request(method, path, token, headers or {})
        return redirects.send(self._http, replace(request, content=content, timeout=timeout))

    def _request(
        self, method: str, path: str, token: Token | None, headers: Mapping[str, str]
    ) -> Request:
        return Request(method, self.url(path), token.value if token else None, headers)
