"""Messages with usage records, as a site signs them, and such as no honest site signs."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from harness import names

HEADER = "APEL-individual-job-message: v0.3"
TEST = "test"
"""Infrastructure type of a record that a scenario hands in: nobody has used what it reports."""
_AN_HOUR = 3600


@dataclass(frozen=True)
class Message:
    """A message about one job that never ran: it counts as any, and says that it is a test."""

    record: Mapping[str, str]
    data: str
    """The record, signed (S/MIME)."""

    @property
    def job(self) -> str:
        """The id of the job."""
        return self.record["LocalJobId"]

    @property
    def body(self) -> dict[str, Any]:
        """The message in AMS's form."""
        encoded = base64.b64encode(self.data.encode()).decode()
        return {"messages": [{"attributes": {}, "data": encoded}]}

    def tampered(self) -> Message:
        """Return the same with another wall time, and the signature that it had."""
        return Message(self.record, self.data.replace("WallDuration: 60", "WallDuration: 66"))


def record(site: str, **changes: str) -> dict[str, str]:
    """Return a record of a job that a site might have run, with changes: APEL's names and values."""
    ended = int(time.time()) - _AN_HOUR
    return {
        "Site": site,
        "SubmitHost": "testbed.invalid",
        "LocalJobId": names.fresh(),
        "LocalUserId": "nobody",
        "WallDuration": "60",
        "CpuDuration": "30",
        "Processors": "1",
        "NodeCount": "1",
        "StartTime": str(ended - 60),
        "EndTime": str(ended),
        "InfrastructureDescription": "testbed",
        "InfrastructureType": TEST,
        "ServiceLevelType": "HEPscore23",
        "ServiceLevel": "10.0",
    } | changes


def signed(fields: Mapping[str, str], *, certificate: Path, key: Path) -> Message:
    """Return a message with one record, signed with the key of a host.

    Raises
    ------
    OSError
        where certificate or key cannot be read.
    """
    lines = "".join(f"{name}: {value}\n" for name, value in fields.items())
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError(f"{key}: is neither an RSA nor an EC key")
    data = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(f"{HEADER}\n{lines}%%\n".encode())
        .add_signer(
            x509.load_pem_x509_certificate(certificate.read_bytes()), private, hashes.SHA256()
        )
        .sign(
            serialization.Encoding.SMIME,
            [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Text],
        )
    )
    return Message(fields, data.decode())
