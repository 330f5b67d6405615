"""The way out through a SOCKS proxy, whose answers are waited for no longer than a connection.

The proxy answers once it has a connection to the service. httpcore reads that answer without a limit of
time, so a service that drops packets would be waited for as long as the proxy's kernel tries: two minutes.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
from socksio import ProtocolError, socks5

from harness.errors import Unreachable

SCHEMES = ("socks5", "socks5h")
_MOST = 4096
"""Bytes of an answer of the proxy that are read; it has 262 at most (RFC 1928, section 6)."""


class Transport(httpx.HTTPTransport):
    """Sends requests through a SOCKS proxy.

    Parameters
    ----------
    proxy
        its URL: `socks5h://host:port`, where names are looked up by the proxy.
    context
        by which certificates of services are checked.
    """

    def __init__(self, proxy: httpx.Proxy, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False, proxy=proxy)
        # httpx has no word for the network of its pool.
        self._pool.close()
        self._pool = httpcore.SOCKSProxy(
            str(proxy.url),
            proxy_auth=proxy.raw_auth,
            ssl_context=context,
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5,
            network_backend=_Network(),
        )


class _Network(httpcore.SyncBackend):
    """Connections of which a read without a time of its own has that of connecting."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = super().connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, timeout)


class _Stream(httpcore.NetworkStream):
    """What is said to the proxy; TLS with the service goes on without it."""

    def __init__(self, stream: httpcore.NetworkStream, timeout: float | None) -> None:
        self._stream, self._timeout = stream, timeout

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if timeout is not None:
            return self._stream.read(max_bytes, timeout)
        try:
            return self._stream.read(max_bytes, self._timeout)
        except httpcore.ReadTimeout as error:
            self.close()  # the pool closes none that has not come about
            raise httpcore.ConnectTimeout("the proxy has no connection to it in time") from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return self._stream.start_tls(ssl_context, server_hostname, timeout)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def connect(proxy: str, host: str, port: int, *, patience: float) -> None:
    """Let a proxy connect to a port, and hang up.

    Parameters
    ----------
    proxy
        its URL.
    patience
        seconds until there is a connection.

    Raises
    ------
    Unreachable
        where none comes about.
    """
    at = urlsplit(proxy)
    asking = socks5.SOCKS5Connection()
    try:
        with socket.create_connection((at.hostname or "", at.port or 1080), patience) as stream:
            for request in (
                socks5.SOCKS5AuthMethodsRequest([socks5.SOCKS5AuthMethod.NO_AUTH_REQUIRED]),
                socks5.SOCKS5CommandRequest.from_address(
                    socks5.SOCKS5Command.CONNECT, (host, port)
                ),
            ):
                asking.send(request)
                stream.sendall(asking.data_to_send())
                answer = asking.receive_data(stream.recv(_MOST))
    except (OSError, ProtocolError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}", host) from error
    if isinstance(answer, socks5.SOCKS5Reply) and (
        answer.reply_code is socks5.SOCKS5ReplyCode.SUCCEEDED
    ):
        return
    code = answer.reply_code.name if isinstance(answer, socks5.SOCKS5Reply) else "no answer"
    raise Unreachable(f"the proxy has no connection to it: {code}", host)
