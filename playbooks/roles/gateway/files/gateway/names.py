"""The names of broken services: `<fault>.<host>` outside, `<host>` inside."""

from __future__ import annotations

import re
from collections.abc import Callable

from multidict import CIMultiDict

from gateway.exchange import Message, Response

_INWARD = ("Destination", "Referer", "Origin")
"""Headers by which a client names the service itself."""

_OUTWARD = ("Location", "Content-Location")
_TEXT = ("application/json", "text/html")
"""Documents in which a service names itself: metadata, catalogues, pages with forms."""

_LARGEST = 2**20


def split(host: str) -> tuple[str, str]:
    """Return fault and real host of a name."""
    fault, _, real = host.partition(".")
    return fault, real


def inward(headers: CIMultiDict[str], fault: str, host: str) -> None:
    """Let a request name the real service."""
    for name in _INWARD:
        if name in headers:
            headers[name] = headers[name].replace(f"//{fault}.{host}", f"//{host}")


async def outward(response: Response, fault: str, host: str) -> None:
    """Let an answer name the broken service wherever the real one gives an address of its own.

    An issuer's name stays as it is: it has no path, and is compared letter by letter, never followed.
    """
    rename = _renamer(fault, host)
    for name in _OUTWARD:
        if name in response.headers:
            response.headers[name] = rename(response.headers[name])
    # An issuer that a browser was sent to sends it back to the real service, which must find its cookies.
    for cookie in response.headers.popall("Set-Cookie", ()):
        is_bound = any(part.strip().lower().startswith("domain=") for part in cookie.split(";"))
        response.headers.add("Set-Cookie", cookie if is_bound else f"{cookie}; Domain={host}")
    if _is_document(response):
        text = (await response.read()).decode(errors="surrogateescape")
        response.replace(rename(text).encode(errors="surrogateescape"))


def _renamer(fault: str, host: str) -> Callable[[str], str]:
    address = re.compile(rf"//{re.escape(host)}(?=[:/?])")
    return lambda text: address.sub(f"//{fault}.{host}", text)


def _is_document(message: Message) -> bool:
    kind = message.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    encoded = "Content-Encoding" in message.headers
    length = message.headers.get("Content-Length", "0")
    return kind in _TEXT and not encoded and length.isdecimal() and int(length) <= _LARGEST
