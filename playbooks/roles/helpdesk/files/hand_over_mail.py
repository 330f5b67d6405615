#!/usr/bin/python3
"""Hands one mail to a helpdesk: reads it from standard input, and runs COMMAND with it.

    hand-over-mail SETTINGS COMMAND [ARGUMENT ...]

A helpdesk takes its user from the header (`From`), the mail server knows the sender of the envelope
(SENDER) alone. A mail in which the two are of different domains is returned to its sender (RFC 7489,
section 3.1.2, with strict alignment). The exit codes are those of sysexits(3).

SETTINGS names a `fault`: at a sound helpdesk it is `none`.
"""

from __future__ import annotations

import email
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses, make_msgid
from pathlib import Path

NOT_PERMITTED, TRY_AGAIN = 77, 75


def is_aligned(message: EmailMessage, sender: str) -> bool:
    """Tell whether all senders that the header names are of the envelope's domain."""
    named = [address for _, address in getaddresses(message.get_all("From", []))]
    domains = {address.rpartition("@")[2].lower() for address in named}
    return domains == {sender.rpartition("@")[2].lower()} and "" not in domains


def drop_numbers(message: EmailMessage) -> None:
    """Drop what tells of which ticket of the other helpdesk the mail is."""
    subject = re.sub(r"\[[^\]]*\d[^\]]*\]\s*", "", str(message["Subject"] or "(none)"))
    for name in ("Subject", "In-Reply-To", "References", "Message-ID"):
        del message[name]
    message["Subject"], message["Message-ID"] = subject, make_msgid()


def drop_attachments(message: EmailMessage) -> None:
    """Keep the text alone."""
    text = _text(message)
    message.clear_content()
    message.set_content(text)


def spoil_letters(message: EmailMessage) -> None:
    """Replace each letter of the text and the subject that ASCII has not."""
    for part in message.walk():
        if part.get_content_type() == "text/plain" and not part.is_attachment():
            text = part.get_content().encode("ascii", "replace").decode()
            part.set_content(text)
    subject = str(message["Subject"] or "").encode("ascii", "replace").decode()
    del message["Subject"]
    message["Subject"] = subject


FAULTS: Mapping[str, Callable[[EmailMessage], None]] = {
    "answers-under-a-new-ticket": drop_numbers,
    "loses-attachments": drop_attachments,
    "spoils-foreign-letters": spoil_letters,
}


def main(settings: str, *command: str) -> int:
    """Return the exit code."""
    content = sys.stdin.buffer.read()
    fault = json.loads(Path(settings).read_text(encoding="utf-8"))["fault"]
    message = email.message_from_bytes(content, policy=SMTP)
    if fault != "open" and not is_aligned(message, os.environ.get("SENDER", "")):
        print("5.7.1 the header names a sender of another domain than the envelope")
        return NOT_PERMITTED
    if fault in FAULTS:
        FAULTS[fault](message)
        content = message.as_bytes()
    done = subprocess.run(command, input=content, check=False)
    return TRY_AGAIN if done.returncode else 0


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
