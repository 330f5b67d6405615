"""A mail server on this machine: real SMTP, with TLS and a log-in where a test wants them."""

from __future__ import annotations

import datetime as dt
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "interop", "pass-of-the-mail-server"


@dataclass
class Mailbox:
    """A server, and what it took."""

    port: int = 0
    certificate: Path | None = None
    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Address -> answer to who writes to it."""
    answer: str = "250 OK"
    """To a message."""


class _Handler:
    def __init__(self, box: Mailbox) -> None:
        self._box = box

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _: Any
    ) -> str:
        if answer := self._box.refused.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self._box.answer.startswith("250"):
            self._box.taken.append(message_from_bytes(envelope.content, policy=policy.default))
            self._box.recipients.append(list(envelope.rcpt_tos))
        return self._box.answer


class _Controller(Controller):
    """Listens at a port that the kernel chooses."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(
    folder: Path, *, starttls: bool = False, tls: bool = False, login: bool = False
) -> Iterator[Mailbox]:
    """Serve SMTP at a free port of this machine."""
    box = Mailbox()
    context = None
    if starttls or tls:
        box.certificate, key = _certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(box.certificate, key)

    def authenticate(
        _server: Any, _session: Any, _envelope: Any, _how: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        box.logins.append(data.login)
        good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    controller = _Controller(
        _Handler(box),
        hostname="127.0.0.1",
        port=0,
        ssl_context=context if tls else None,
        tls_context=context if starttls else None,
        require_starttls=starttls,
        authenticator=authenticate if login else None,
        # The library does not know that TLS from the first byte is TLS, and warns.
        auth_required=login and not tls,
        auth_require_tls=not tls,
        server_hostname="mail.test",
    )
    controller.start()
    try:
        box.port = controller.port
        yield box
    finally:
        controller.stop()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate of 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail server of a test")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "mail.pem", folder / "mail.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, secret
