"""An authority of the older kind, and servers that it vouches for: without authority key identifiers."""

from __future__ import annotations

import datetime as dt
import ssl
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = dt.datetime.now(dt.UTC)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


class Authority:
    """An authority, and the folder in which its certificate has the name of its hash."""

    def __init__(self, folder: Path, name: str = "Grid CA of the tests") -> None:
        self.folder, self.name = folder, _name(name)
        folder.mkdir(parents=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        made = (
            self._builder(self.name, self._key, days=10)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        words = ["openssl", "x509", "-noout", "-hash", "-in", str(self.file)]
        digest = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
        self.hashed = folder / "certificates"
        self.hashed.mkdir()
        (self.hashed / f"{digest}.0").write_bytes(self.file.read_bytes())

    def server(self, host: str, *, days: int = 5) -> ssl.SSLContext:
        """Return the settings of a server of that name; its time is over where `days` are negative."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = (
            self._builder(_name(host), key, days=days)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        file = self.folder / f"{host}-{days}.pem"
        file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + _pem(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: int
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - dt.timedelta(days=30))
            .not_valid_after(NOW + dt.timedelta(days=days))
        )
