"""Signs a message with the host's key, and hands it to a repository."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class Outbox:
    """Remembers which records a repository has taken."""

    def __init__(self, folder: Path, repository: str) -> None:
        self._path = folder / f"{urlsplit(repository).hostname}.sent"
        self.sent = (
            frozenset(self._path.read_text().split("\n")) if self._path.exists() else frozenset()
        )

    def note(self, names: Iterable[str]) -> None:
        """Remember records that were sent."""
        with self._path.open("a") as file:
            file.writelines(f"{name}\n" for name in names)


def send(text: str, *, topic: str, repository: str, settings: Mapping[str, Any]) -> None:
    """Send a text, signed as APEL's SSM signs it (S/MIME).

    Raises
    ------
    Exception
        of the library's, where the repository does not take it.
    """
    # Only who has something to send waits for the library to load.
    from argo_ams_library import AmsMessage, ArgoMessagingService  # noqa: PLC0415

    certificate, key = settings["certificate"], settings["key"]
    signed = subprocess.run(
        ["openssl", "smime", "-sign", "-text", "-signer", certificate, "-inkey", key],
        input=text.encode(), capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    parts = urlsplit(repository)
    service = ArgoMessagingService(
        endpoint=parts.netloc,
        authn_port=settings["token_port"],
        project="accounting",
        cert=certificate,
        key=key,
    )
    now = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    message = AmsMessage(data=signed, attributes={"empaid": f"{now[:8]}/{now}"})
    service.publish(topic, message)
