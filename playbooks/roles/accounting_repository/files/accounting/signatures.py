"""Who signed a message (S/MIME, as SSM of APEL signs)."""

from __future__ import annotations

import re
import subprocess
import tempfile
from dataclasses import dataclass

_COMMON_NAME = re.compile(r"CN\s*=\s*([\w.-]+)\s*$")


class Refused(ValueError):
    """A message or record that does not count, and the rule that says so."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule


@dataclass(frozen=True)
class Signed:
    """A message whose signature holds."""

    text: str
    signer: str
    """The name of the host in the certificate that signed."""


def verify(message: str, *, authorities: str) -> Signed:
    """Return the text of a signed message, and who signed it.

    Raises
    ------
    Refused
        where it is not signed, was changed since, or no trusted authority vouches for the signer.
    """
    with tempfile.NamedTemporaryFile(suffix=".pem") as signer:
        done = subprocess.run(
            ["openssl", "smime", "-verify", "-text", "-CApath", authorities, "-purpose", "any",
             "-signer", signer.name],
            input=message.encode(), capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise Refused("signature", f"the signature does not hold: {said[-1] if said else ''}")
        subject = subprocess.run(
            ["openssl", "x509", "-in", signer.name, "-noout", "-subject"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
    named = _COMMON_NAME.search(subject.strip())
    if named is None:
        raise Refused("signature", f"the signer's certificate names no host: {subject.strip()}")
    text = done.stdout.decode(errors="replace").replace("\r\n", "\n").strip()
    return Signed(text=text, signer=named[1])
