"""Handshakes of TLS, as the command `openssl` at a user's workstation makes them.

OpenSSL offers whatever it was built with; what it cannot offer is not tested (`CANNOT`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from cryptography import x509

from harness.answer import Answer
from harness.clients.workstations import Workstation
from harness.errors import Unreachable, Unusable
from harness.shell import Completed

_ANY = "-cipher ALL:@SECLEVEL=0"
"""All that has encryption, however weak: so a refusal is the server's, not the client's."""


class Offer(Enum):
    """What a client offers a server in a handshake."""

    USUAL = ""
    """What OpenSSL offers of itself."""
    TLS_1_0 = f"-tls1 {_ANY}"
    TLS_1_1 = f"-tls1_1 {_ANY}"
    TLS_1_2 = "-tls1_2"
    NO_ENCRYPTION = "-tls1_2 -cipher eNULL:@SECLEVEL=0"
    """Cipher suites that leave the data in the clear."""
    STATIC_RSA = "-tls1_2 -cipher kRSA:!eNULL:@SECLEVEL=0"
    """Cipher suites without forward secrecy: who gets the server's key reads what was recorded before."""


_ESTABLISHED = "CONNECTION ESTABLISHED"
_REFUSED = re.compile(r"SSL alert number (?:40|70|71)\b")
"""handshake_failure, protocol_version, insufficient_security (RFC 8446, section 6)."""
_CLOSED = re.compile(r"unexpected eof while reading|errno=104|Connection reset")
"""Some servers close the connection in place of an alert."""
_SPOKEN = re.compile(r"^Protocol version: (\S+)", re.M)
_CANNOT = re.compile(r"no ciphers available|no protocols available|no cipher match|Unknown option")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)


@dataclass(frozen=True)
class SecureEndpoint:
    """Host and port of a service that speaks TLS, seen from a user's workstation."""

    address: str
    """URL of the service."""
    workstation: Workstation

    @property
    def _target(self) -> str:
        parts = urlsplit(self.address)
        return f"-connect {parts.hostname}:{parts.port or 443} -servername {parts.hostname}"

    def offer(self, offer: Offer) -> Answer:
        """Begin a connection with what is offered; `ok` where the server agrees, `denied` where it refuses.

        Raises
        ------
        Unreachable
            where no connection can be made at all.
        Unusable
            where the workstation's OpenSSL cannot offer it.
        """
        done = self._s_client(f"-brief {offer.value}".strip())
        said = f"{done.stdout}\n{done.stderr}"
        if _CANNOT.search(said):
            raise Unusable(
                f"OpenSSL at {self.workstation.host.name} cannot offer {offer.name}: "
                f"{said.strip()[-200:]}. Install one that can."
            )
        agreed, refused = _ESTABLISHED in said, bool(_REFUSED.search(said) or _CLOSED.search(said))
        if not (agreed or refused):
            raise Unreachable(
                f"no TLS: {said.strip()[-300:]}", urlsplit(self.address).hostname or ""
            )
        spoken = _SPOKEN.search(said)
        return Answer(
            what=f"handshake with {self.address} ({offer.name})",
            status=done.code,
            ok=agreed,
            denied=refused and not agreed,
            body=(spoken[1] if spoken else said).encode(),
            duration=done.duration,
        )

    def certificates(self) -> Sequence[x509.Certificate]:
        """Return the certificates that the server shows, its own first.

        Raises
        ------
        AssertionError
            where it shows none.
        """
        done = self._s_client("-showcerts")
        found = [
            x509.load_pem_x509_certificate(text.encode())
            for text in _CERTIFICATE.findall(done.stdout)
        ]
        assert found, f"{self.address} shows no certificate: {done.stderr.strip()[-300:]}"
        return found

    def authorities(self) -> Sequence[x509.Certificate]:
        """Return the authorities that the workstation trusts, by the layout of IGTF's distribution."""
        done = self.workstation.run("cat /etc/grid-security/certificates/*.pem")
        return [
            x509.load_pem_x509_certificate(text.encode())
            for text in _CERTIFICATE.findall(done.stdout)
        ]

    def _s_client(self, options: str) -> Completed:
        return self.workstation.run(f"openssl s_client {self._target} {options} </dev/null")


def path(
    shown: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """Return a server's certificate and those above it, up to the authority that is trusted.

    Raises
    ------
    AssertionError
        where nobody known has signed one of them.
    """
    found = [shown[0]]
    while found[-1].issuer != found[-1].subject:
        above = [one for one in (*shown[1:], *trusted) if one.subject == found[-1].issuer]
        assert above, f"no authority is trusted that signed {found[-1].subject.rfc4514_string()}"
        found.append(above[0])
    return found


def ends(certificate: x509.Certificate) -> dt.datetime:
    """Return the time from which on a certificate is no longer valid."""
    return certificate.not_valid_after_utc
