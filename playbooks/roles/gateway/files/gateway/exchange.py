"""A request on its way to a real service and the answer on its way back: what a fault may alter."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from multidict import CIMultiDict

from gateway.settings import Endpoint

Body = bytes | AsyncIterator[bytes]


async def _whole(body: Body) -> bytes:
    return body if isinstance(body, bytes) else b"".join([part async for part in body])


@dataclass
class Message:
    """What a request and an answer have in common."""

    headers: CIMultiDict[str]
    body: Body

    async def read(self) -> bytes:
        """Return the whole body; it stays there for whoever asks next."""
        self.body = await _whole(self.body)
        return self.body

    async def json(self) -> dict[str, Any]:
        """Return the body as an object of JSON; empty where it is none."""
        try:
            parsed = json.loads(await self.read())
        except ValueError:
            return {}
        return parsed if isinstance(parsed, dict) else {}

    def replace(self, body: bytes) -> None:
        """Put another body in the place of this one."""
        self.body = body
        self.headers["Content-Length"] = str(len(body))
        self.headers.pop("Transfer-Encoding", None)

    def replace_json(self, value: Mapping[str, Any]) -> None:
        """Put an object of JSON in the place of the body."""
        self.headers["Content-Type"] = "application/json"
        self.replace(json.dumps(value).encode())


@dataclass
class Request(Message):
    """A request, as the real service will see it."""

    method: str
    path: str
    """Raw path and query."""
    endpoint: Endpoint

    @property
    def bearer(self) -> str | None:
        """The token of the `Authorization` header; None where there is none."""
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        return value.strip() if scheme.lower() == "bearer" and value else None

    @bearer.setter
    def bearer(self, value: str) -> None:
        self.headers["Authorization"] = f"Bearer {value}"

    def another(self, method: str, path: str = "", body: bytes = b"", **headers: str) -> Request:
        """Return a request of the gateway's own to the same service, with the same authorization."""
        kept = {k: v for k, v in self.headers.items() if k.lower() == "authorization"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Request(
            headers=CIMultiDict({**kept, **named, "Content-Length": str(len(body))}),
            body=body,
            method=method,
            path=path or self.path,
            endpoint=self.endpoint,
        )


@dataclass
class Response(Message):
    """An answer, as the client will see it."""

    status: int = 200

    @property
    def ok(self) -> bool:
        """Whether the request was done."""
        return 200 <= self.status < 300

    @property
    def denies(self) -> bool:
        """Whether the service refused for want of a right, by the status of HTTP."""
        return self.status in (401, 403)

    @classmethod
    def of(cls, status: int, body: bytes = b"", **headers: str) -> Response:
        """Make an answer of the gateway's own."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        fields = CIMultiDict({"Content-Type": "text/plain", **named})
        fields["Content-Length"] = str(len(body))
        return cls(headers=fields, body=body, status=status)

    @classmethod
    def of_json(cls, status: int, value: Mapping[str, Any]) -> Response:
        """Make an answer of the gateway's own, an object of JSON."""
        return cls.of(status, json.dumps(value).encode(), Content_Type="application/json")
