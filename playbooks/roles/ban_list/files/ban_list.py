#!/usr/bin/python3
"""The list of users whom an infrastructure suspends everywhere: keeps it, signs it, publishes it.

    ban-list ban <issuer> <subject> <reason>
    ban-list lift <issuer> <subject>
    ban-list renew

Each prints the serial of the list that it has published. The list is a JSON Web Signature in the flattened
form (RFC 7515, section 7.2.2) by an Ed25519 key (RFC 9864). Its payload names the publisher, a serial that
only grows, when the list was signed and until when it may be taken, and each suspended user by issuer and
subject. `openssl` makes the signature, so the host needs nothing more.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SETTINGS = Path("/etc/ban-list/publisher.json")
KEPT = Path("/var/lib/ban-list/list.json")
TYPE = "ban-list+json"


def encoded(content: bytes) -> str:
    """Return bytes in base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def signed(payload: dict[str, Any], *, key: str, kid: str) -> dict[str, str]:
    """Return a payload as a signed document."""
    head = encoded(json.dumps({"alg": "Ed25519", "typ": TYPE, "kid": kid}).encode())
    body = encoded(json.dumps(payload).encode())
    with tempfile.NamedTemporaryFile() as file:
        file.write(f"{head}.{body}".encode())
        file.flush()
        words = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", file.name]
        signature = subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout
    return {"protected": head, "payload": body, "signature": encoded(signature)}


def replace(path: Path, document: Any) -> None:
    """Write a document of JSON, never half of it."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    new.chmod(0o644)
    new.replace(path)


def changed(banned: list[dict[str, Any]], words: list[str]) -> list[dict[str, Any]]:
    """Return the suspended users after a command.

    Raises
    ------
    ValueError
        where there is no such command.
    """
    match words:
        case ["ban", issuer, subject, reason]:
            since = int(time.time())
            new = {"iss": issuer, "sub": subject, "reason": reason, "since": since}
            return [*without(banned, issuer, subject), new]
        case ["lift", issuer, subject]:
            return without(banned, issuer, subject)
        case ["renew"]:
            return banned
    raise ValueError("ban <issuer> <subject> <reason>, lift <issuer> <subject>, or renew")


def without(banned: list[dict[str, Any]], issuer: str, subject: str) -> list[dict[str, Any]]:
    """Return the suspended users but for one."""
    return [one for one in banned if (one["iss"], one["sub"]) != (issuer, subject)]


def publish(words: list[str], *, settings: Path = SETTINGS, kept: Path = KEPT) -> int:
    """Carry out a command and publish what comes of it; return the serial.

    A serial is the time in seconds, so that it grows also where the host was made anew.
    """
    known = json.loads(settings.read_text(encoding="utf-8"))
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        former = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
        now = int(time.time())
        serial: int = max(now, former.get("serial", 0) + 1)
        banned = changed(former.get("banned", []), words)
        payload = {
            "publisher": known["publisher"],
            "serial": serial,
            "iat": now,
            "exp": now + known["life"],
            "banned": banned,
        }
        document = signed(payload, key=known["key"], kid=known["publisher"])
        replace(kept, {"serial": serial, "banned": banned})
        replace(Path(known["published"]), document)
    return serial


if __name__ == "__main__":
    os.umask(0o022)
    try:
        print(publish(sys.argv[1:]))
    except ValueError as error:
        sys.exit(f"ban-list: {error}")
