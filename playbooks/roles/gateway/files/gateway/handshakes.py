"""TLS as the gateway speaks it: as it should be, or with the fault that the name asks for.

A client names the host in the handshake (SNI), before the cipher suites are chosen, and the settings of
that name take the place of the general ones. Only the least version of TLS is settled by then, so a name
without a fault keeps old versions out by its cipher suites, none of which they know.
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Mapping

from gateway import names
from gateway.settings import Settings

_STRONG = "ECDHE+AESGCM:ECDHE+CHACHA20"

_WEAK: Mapping[str, str] = {
    "speaks-old-tls": "DEFAULT:!kRSA:@SECLEVEL=0",
    "speaks-tls-in-the-clear": f"{_STRONG}:ECDHE+eNULL:@SECLEVEL=0",
    "takes-keys-by-static-rsa": f"{_STRONG}:kRSA+AESGCM",
}
"""Name of the fault -> the cipher suites that are spoken."""

ENDING = "shows-an-ending-certificate"

HANDSHAKE_FAULTS = frozenset({*_WEAK, ENDING})
"""Faults of the handshake alone: the requests that follow are served without one."""


def context(settings: Settings) -> ssl.SSLContext:
    """Return the settings of TLS, which depend on the name that a client asks for."""
    strict = _context(settings.certificate, settings.key, _STRONG)
    faulty = {
        name: _context(settings.certificate, settings.key, ciphers)
        for name, ciphers in _WEAK.items()
    }
    if settings.ending_certificate:
        faulty[ENDING] = _context(settings.ending_certificate, settings.ending_key, _STRONG)

    def choose(connection: ssl.SSLObject, asked: str | None, _: ssl.SSLContext) -> None:
        fault, _host = names.split(asked or "")
        connection.context = faulty.get(fault, strict)

    general = _context(settings.certificate, settings.key, "DEFAULT:@SECLEVEL=0")
    general.sni_callback = choose
    return general


def _context(certificate: str, key: str, ciphers: str) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(certificate, key)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what this is about
        made.minimum_version = ssl.TLSVersion.TLSv1
    made.set_ciphers(ciphers)
    return made
