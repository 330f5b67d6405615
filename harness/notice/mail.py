"""Notices by mail: SMTP (RFC 5321), with TLS (RFC 3207, RFC 8314) and a log-in (RFC 4954)."""

from __future__ import annotations

import datetime as dt
import smtplib
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from harness.clients import trust
from harness.notice.delivery import Away, Undelivered
from harness.notice.messages import Message
from harness.notice.settings import Secrets, Server
from harness.printable import printable

_PATIENCE = 30.0
"""Seconds that the server gets for each answer."""


class Mailer:
    """A connection to the mail server, made when the first message goes out."""

    def __init__(self, server: Server, secrets: Secrets) -> None:
        self._server, self._secrets = server, secrets
        self._connection: smtplib.SMTP | None = None

    def send(
        self, message: Message, *, id_: str, answers: str, to: Sequence[tuple[str, str]]
    ) -> None:
        """Send one mail.

        Parameters
        ----------
        id_
            identifies the message; the same for each attempt, so that a reader's program shows it once.
        answers
            id of the message that this one follows; empty where there is none.
        to
            name and address of those who get it.

        Raises
        ------
        Undelivered
            naming server and addresses, and what was answered.
        SettingsError
            where the password is missing.
        """
        made = self._made(message, id_=id_, answers=answers, to=to)
        addresses = [address for _, address in to]
        with self._told(addresses):
            connection = self._connected()
            refused = connection.send_message(made, self._server.sender, addresses)
        if refused:
            raise self._refused(refused, addresses)

    def close(self) -> None:
        """Take leave of the server."""
        if self._connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._connection.quit()
            self._connection = None

    @property
    def _where(self) -> str:
        return f"mail server {self._server.server}:{self._server.port}"

    def _made(
        self, message: Message, *, id_: str, answers: str, to: Sequence[tuple[str, str]]
    ) -> EmailMessage:
        made = EmailMessage()
        made["Subject"] = message.subject
        made["From"] = Address("Interoperability testbed", addr_spec=self._server.sender)
        made["To"] = [self._addressed(name, address) for name, address in to]
        made["Date"] = format_datetime(dt.datetime.now(dt.UTC))
        made["Message-ID"] = self._id(id_)
        if answers:
            made["In-Reply-To"] = made["References"] = self._id(answers)
        # A program that answers mails by itself leaves these alone (RFC 3834).
        made["Auto-Submitted"] = "auto-generated"
        made.set_content(message.text)
        return made

    def _addressed(self, name: str, address: str) -> Address:
        try:
            return Address(printable(name), addr_spec=address)
        except Exception as error:  # the library's parser raises IndexError and others, too
            raise Undelivered(
                f"{address!r} is not an e-mail address. Correct it in agreement.yaml.", lasting=True
            ) from error

    def _id(self, word: str) -> str:
        return f"<{word}@{self._server.sender.rpartition('@')[2]}>"

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection = self._opened()
        return self._connection

    def _opened(self) -> smtplib.SMTP:
        server, tls = self._server, trust.context(None)
        password = self._secrets.password() if server.login else ""
        made: smtplib.SMTP
        if server.tls == "tls":
            made = smtplib.SMTP_SSL(server.server, server.port, timeout=_PATIENCE, context=tls)
        else:
            made = smtplib.SMTP(server.server, server.port, timeout=_PATIENCE)
        try:
            if server.tls == "starttls":
                made.starttls(context=tls)
            if server.login:
                made.login(server.login, password)
        except BaseException:
            made.close()
            raise
        return made

    @contextmanager
    def _told(self, addresses: Sequence[str]) -> Iterator[None]:
        """Turn what the library raises into words."""
        try:
            yield
        except smtplib.SMTPRecipientsRefused as error:
            raise self._refused(error.recipients, addresses) from error
        except smtplib.SMTPAuthenticationError as error:
            raise self._answered(
                error,
                f"refused the log-in of {self._server.login}",
                "Check `mail.login` in notify.yaml and its password.",
            ) from error
        except smtplib.SMTPSenderRefused as error:
            raise self._answered(
                error,
                f"refused the sender {self._server.sender}",
                "Check `mail.from` in notify.yaml.",
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Undelivered(
                f"{self._where}: {error}\n  Check `mail.tls`, `mail.login` and the addresses: the server "
                "does not offer what they ask for.",
                lasting=True,
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise Undelivered(
                f"{self._where}: its certificate is not trusted: {error.verify_message}\n  Check "
                "`mail.server`, or name the authority's file by SSL_CERT_FILE.",
                lasting=True,
            ) from error
        except (smtplib.SMTPDataError, smtplib.SMTPHeloError) as error:
            self.close()
            raise self._answered(error, "refused the message", "") from error
        except (smtplib.SMTPException, OSError) as error:
            if self._connection is not None:
                self._connection.close()  # without a farewell, for which one would wait again
                self._connection = None
            raise Away(
                f"{self._where} does not answer: {_said(error)}\n  Check `mail.server`, `mail.port` and "
                "`mail.tls` in notify.yaml, and that the server can be reached from here."
            ) from error

    def _answered(
        self, error: smtplib.SMTPResponseException, what: str, remedy: str
    ) -> Undelivered:
        said = _text(error.smtp_error)
        advice = f"\n  {remedy}" if remedy else ""
        return Undelivered(
            f"{self._where} {what}: {error.smtp_code} {said}{advice}",
            lasting=_lasts(error.smtp_code),
        )

    def _refused(
        self, refused: dict[str, tuple[int, bytes]], addresses: Iterable[str]
    ) -> Undelivered:
        told = "; ".join(
            f"{address}: {code} {_text(said)}" for address, (code, said) in refused.items()
        )
        return Undelivered(
            f"{self._where} refused an address: {told}\n  Correct it in agreement.yaml or notify.yaml.",
            lasting=any(_lasts(code) for code, _ in refused.values()),
            arrived=[address for address in addresses if address not in refused],
        )


def _lasts(code: int) -> bool:
    """Tell whether an answer stands (5yz), or may be another one later (RFC 5321, section 4.2.1)."""
    return code >= 500


def _text(said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return printable(" ".join(text.split()))


def _said(error: Exception) -> str:
    return _text(str(error) or type(error).__name__)
