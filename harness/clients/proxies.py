"""The way out of a workstation whose environment names proxies: HTTPS_PROXY, HTTP_PROXY, NO_PROXY."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

import httpx

from harness.clients import socks
from harness.clients.addresses import origin
from harness.errors import BadInput
from harness.redaction import redactor


def proxy_for(url: str) -> str | None:
    """Return the proxy by which this machine's environment sends a request; None for none.

    It is read as curl reads it: a host of NO_PROXY means its subdomains too, `10.0.0.0/8` its addresses,
    `*` everything.
    """
    proxies = getproxies_environment()
    try:
        scheme, host, port = origin(url)
    except ValueError:
        return None
    found = proxies.get(scheme) or proxies.get("all")
    if not found or _bypassed(host, port, proxies):
        return None
    return found if "://" in found else f"http://{found}"


def _bypassed(host: str, port: int | None, proxies: Mapping[str, str]) -> bool:
    # Where no port is written, urllib compares with entries that have none.
    spelled = f"[{host}]" if ":" in host else host
    names = (spelled, host, f"{spelled}:{port}")
    return any(proxy_bypass(one, proxies) for one in names) or _in_network(
        host, proxies.get("no", "")
    )


def _in_network(host: str, entries: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    for entry in entries.split(","):
        try:
            network = ipaddress.ip_network(entry.strip(), strict=False)
        except ValueError:
            continue
        if address in network:
            return True
    return False


class _ToTheLetter(httpx.URL):
    """A URL whose path and query are sent as they were written."""

    def __init__(self, url: httpx.URL, target: bytes) -> None:
        super().__init__(url)
        self._target = target

    @property
    def raw_path(self) -> bytes:
        return self._target


def _by_proxy(request: httpx.Request) -> httpx.Request:
    """Return a request that a proxy can pass on.

    The extension `target` would be sent to the proxy itself, in the place of the whole URL or of the host
    to which a tunnel shall lead.
    """
    target = request.extensions.get("target")
    if target is None:
        return request
    on = httpx.Request(
        request.method,
        request.url,
        headers=request.headers,
        stream=request.stream,
        extensions={k: v for k, v in request.extensions.items() if k != "target"},
    )
    on.url = _ToTheLetter(request.url, target)
    return on


class OfEnvironment(httpx.BaseTransport):
    """Sends each request as this machine's environment has it: through a proxy, or straight."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._ways: dict[str | None, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises
        ------
        BadInput
            where the environment names a proxy that is no URL of one.
        """
        proxy = proxy_for(str(request.url))
        if proxy not in self._ways:
            self._ways[proxy] = self._way(proxy)
        return self._ways[proxy].handle_request(request if proxy is None else _by_proxy(request))

    def close(self) -> None:
        """Close the connections."""
        for way in self._ways.values():
            way.close()

    def _way(self, proxy: str | None) -> httpx.HTTPTransport:
        if proxy is None:
            return httpx.HTTPTransport(verify=self._context, trust_env=False)
        try:
            if password := urlsplit(proxy).password:
                redactor.remember(password)
                redactor.remember(unquote(password))
            way = httpx.Proxy(proxy)
            if way.url.scheme in socks.SCHEMES:
                return socks.Transport(way, self._context)
            return httpx.HTTPTransport(verify=self._context, trust_env=False, proxy=way)
        except (ValueError, httpx.InvalidURL) as error:
            raise BadInput(
                f"the environment names a proxy that cannot be used: {redactor.redact(proxy)} ({error}). "
                "Set HTTPS_PROXY and HTTP_PROXY to a URL such as http://proxy.example:3128."
            ) from error
