"""Where an export comes from: a file, or a registry's address."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from harness import reading
from harness.clients import bodies, trust
from harness.clients.addresses import origin
from harness.clients.agent import user_agent
from harness.clients.proxies import OfEnvironment
from harness.errors import BadInput

MOST = 256 * 2**20
"""Bytes of an export; all services of the GOCDB are a few MiB."""

_MOST_REDIRECTS = 5
_SECONDS = 120.0


@dataclass(frozen=True)
class Content:
    """What a file or an address holds."""

    source: str
    """As messages name it."""
    data: bytes


def is_address(source: str) -> bool:
    """Tell whether a source is no file.

    Raises
    ------
    BadInput
        where it is an address of which only a program of its own could read.
    """
    scheme, separator, _ = source.partition("://")
    if not separator:
        return False
    if scheme.lower() not in ("https", "http"):
        raise BadInput(
            f"{source}: an address begins with https:// or http://. Save the export, and give the file."
        )
    return True


def read(source: str, *, headers: Mapping[str, str] | None = None) -> Content:
    """Return what a file or an address holds.

    Parameters
    ----------
    headers
        are sent with the request, as long as it stays at the same server.

    Raises
    ------
    BadInput
        naming the source, and what to do: there is no such file, no answer, an answer that is an error.
    """
    if is_address(source):
        return Content(source, _fetched(source, dict(headers or {})))
    path = Path(source)
    if reading.sort(path) != stat.S_IFREG:
        raise BadInput(f"{path}: is a folder, but a file or an address is expected.")
    if path.stat().st_size > MOST:
        raise BadInput(
            f"{path}: is larger than {MOST} bytes, so it is not an export. Name another file."
        )
    return Content(source, reading.content(path))


def files(source: str, *endings: str) -> list[Path]:
    """Return a file, or the files of a folder that have one of these endings.

    Raises
    ------
    BadInput
        where there is none.
    """
    path = Path(source)
    if reading.sort(path) == stat.S_IFREG:
        return [path]
    try:
        found = sorted(
            p for p in path.iterdir() if p.suffix in endings and not p.name.startswith(".")
        )
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {os.strerror(error.errno or 0)}.") from error
    if not found:
        raise BadInput(
            f"{path}: has no file that ends in {' or '.join(endings)}. Name another folder."
        )
    return found


def _fetched(url: str, headers: dict[str, str]) -> bytes:
    """Ask a registry, and follow where it sends on to."""
    context = trust.context(None)
    sent = {"User-Agent": user_agent(), **headers}
    with bodies.Client(
        transport=OfEnvironment(context),
        timeout=_SECONDS,
        patience=_SECONDS,
        trust_env=False,
        most=MOST,
    ) as client:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = _asked(client, url, sent)
            location = answer.headers.get("location")
            if location is None or not 300 <= answer.status_code < 400:
                break
            url, sent = _onward(url, location, sent)
        else:
            raise BadInput(f"{url}: more than {_MOST_REDIRECTS} redirects. Give the last address.")
    _require_ok(url, answer)
    return answer.content


def _asked(client: bodies.Client, url: str, headers: Mapping[str, str]) -> httpx.Response:
    try:
        if urlsplit(url).username or urlsplit(url).password:
            raise BadInput(
                f"{urlsplit(url).hostname}: the address contains a user or a password, which "
                "would appear in the list of processes. Save the export, and give the file."
            )
        return client.get(url, headers=dict(headers))
    except (httpx.InvalidURL, ValueError) as error:
        raise BadInput(f"{url}: is not an address: {error}.") from error
    except AssertionError as error:
        raise BadInput(f"{error}. Give the address of an export.") from error
    except httpx.HTTPError as error:
        raise BadInput(
            f"{url}: does not answer: {type(error).__name__}: {error}. Try again later, or save the export "
            "with a client that reaches it, and give the file."
        ) from error


def _onward(url: str, location: str, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    try:
        onward = urljoin(url, location)
        here, there = origin(url), origin(onward)
    except ValueError as error:
        raise BadInput(f"{url}: leads to {location!r}, which is not an address.") from error
    if there[0] not in ("https", "http") or (here[0], there[0]) == ("https", "http"):
        raise BadInput(f"{url}: leads to {onward}, which is not safe to follow. Save the export.")
    return onward, headers if here == there else {"User-Agent": headers["User-Agent"]}


def _require_ok(url: str, answer: httpx.Response) -> None:
    status = answer.status_code
    if status in (401, 403):
        raise BadInput(
            f"{url}: answered {status}: it requires a certificate or a token. Save the export "
            "with a client "
            "that has it (`curl --cert`, `openstack catalog list -f json`), and give the file."
        )
    if not answer.is_success:
        raise BadInput(
            f"{url}: answered {status} {answer.reason_phrase}. Check the address in a browser, "
            "and correct it or try again later."
        )
