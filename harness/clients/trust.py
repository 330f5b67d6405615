"""Whom a workstation trusts: the authorities by which its clients know servers."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from harness.errors import BadInput

GRID_AUTHORITIES = Path("/etc/grid-security/certificates")
"""Where the authorities of IGTF stand, unless X509_CERT_DIR names another folder."""

_NAMING = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "X509_CERT_DIR")
"""Variables by which users' tools are told of authorities, beside those that OpenSSL heeds by itself
(SSL_CERT_FILE, SSL_CERT_DIR)."""


def context(ca_bundle: Path | None, *, alone: bool = True) -> ssl.SSLContext:
    """Return the settings of TLS for clients of a workstation.

    Parameters
    ----------
    ca_bundle
        the authorities that it trusts. None means this machine's: its own store, what the variables of its
        environment name, and the authorities of IGTF.
    alone
        whether it trusts no others than those of `ca_bundle`; else this machine's, too.

    Raises
    ------
    BadInput
        where a variable names what is not there, or holds no certificates.
    """
    machine = ca_bundle is None or not alone
    made = ssl.create_default_context(cafile=None if machine else ca_bundle)
    # Python 3.13 sets both flags otherwise than 3.11. Users' tools (curl, davix) are not strict, and
    # trust any authority of their store, whether or not it signs itself.
    made.verify_flags &= ~ssl.VERIFY_X509_STRICT
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if machine:
        if ca_bundle is not None:
            made.load_verify_locations(cafile=ca_bundle)
        for name in _NAMING:
            if place := os.environ.get(name):
                _trust(made, name, Path(place))
        if not os.environ.get("X509_CERT_DIR") and GRID_AUTHORITIES.is_dir():
            made.load_verify_locations(capath=GRID_AUTHORITIES)
    return made


def _trust(made: ssl.SSLContext, name: str, place: Path) -> None:
    """Trust the authorities of a file, or of a folder whose files have the names of their hashes."""
    try:
        if place.is_dir():
            made.load_verify_locations(capath=place)
        else:
            made.load_verify_locations(cafile=place)
    except OSError as error:  # SSLError is one, where there is no certificate in it
        raise BadInput(
            f"{name}: {place} cannot be read as certificates of authorities: {error}. "
            "Set it to such a file or folder, or unset it."
        ) from error
