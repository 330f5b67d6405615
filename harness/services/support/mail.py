"""Mail of users, sent from their workstation by SMTP over TLS."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime, make_msgid

from harness.answer import Answer
from harness.clients.workstations import Workstation

_REFUSED = re.compile(r"^5[0-9]{2}$")
_SEND = (
    'printf %s "$MAIL" | curl -sS --ssl-reqd --max-time 60 --mail-from "$SENDER" --mail-rcpt "$RECIPIENT"'
    " --upload-file - --write-out '%{{response_code}}' smtp://{server}:25/$(hostname)"
)


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail or a message."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Mail:
    """A mail to a helpdesk; the envelope has the header's `sender`, unless it has another."""

    sender: str
    to: str
    subject: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    envelope: str = ""

    def __str__(self) -> str:
        """The mail as it is sent (RFC 5322)."""
        message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
        message["From"], message["To"] = self.sender, self.to
        message["Subject"], message["Date"] = self.subject, format_datetime(localtime())
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        message.set_content(self.text)
        for one in self.attachments:
            message.add_attachment(
                one.content,
                maintype="application",
                subtype="octet-stream",
                filename=one.name,
            )
        return message.as_bytes().decode("ascii")


def send(mail: Mail, workstation: Workstation, *, server: str) -> Answer:
    """Hand a mail to a mail server, by TLS.

    The status is SMTP's own; the answer is `denied` where the server refuses for good (RFC 5321, section
    4.2.1: 5yz).
    """
    began = time.monotonic()
    done = workstation.run(
        _SEND.format(server=server),
        env={
            "MAIL": str(mail),
            "SENDER": mail.envelope or mail.sender,
            "RECIPIENT": mail.to,
        },
        note=f"from {mail.envelope or mail.sender} to {mail.to}",
        writes=True,
    )
    code = done.stdout.strip()[-3:]
    return Answer(
        what=f"mail from {mail.envelope or mail.sender} to {mail.to} by smtp://{server}",
        status=int(code) if code.isdecimal() else done.code,
        ok=done.code == 0,
        denied=done.code != 0 and bool(_REFUSED.match(code)),
        body=done.stderr.encode(),
        duration=time.monotonic() - began,
    )
