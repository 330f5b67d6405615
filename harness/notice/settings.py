"""`notify.yaml` beside an inventory's `hosts.yml`: by which ways notices go out.

It holds no secret. Passwords and the addresses of webhooks, which give access by themselves, stand in
the environment or in the testbed's `vault.json`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from email.headerregistry import Address
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from harness.conformance import beside, document
from harness.errors import BadInput
from harness.model import Record
from harness.provision import vault

FILE = beside.NOTICES
KEY = "notify"

Form = Literal["json", "slack", "mattermost", "dingtalk"]


class SettingsError(BadInput):
    """The file is broken, or a secret that it needs is missing; says where, and what to do."""


def _mailbox(text: str) -> str:
    """Refuse what is not an e-mail address (RFC 5322, section 3.4.1)."""
    try:
        found = Address(addr_spec=text)
    except Exception as error:  # the library's parser raises IndexError and others, too
        raise ValueError(f"{text!r} is not an e-mail address") from error
    if not (found.username and found.domain):
        raise ValueError(f"{text!r} is not an e-mail address")
    return text


Mailbox = Annotated[str, AfterValidator(_mailbox)]


def _web(text: str) -> str:
    """Refuse what is no address of HTTP."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(char.isspace() for char in text):
        raise ValueError("an address that begins with https:// or http:// is expected")
    return text


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]


class Server(Record):
    """The mail server that takes our messages."""

    model_config = ConfigDict(populate_by_name=True)

    server: str = Field(min_length=1, pattern=r"^\S+$")
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """`starttls` insists on it; `tls` is TLS from the first byte (RFC 8314, port 465)."""
    sender: Mailbox = Field(alias="from")
    login: str = ""
    """User; nobody logs in where it is empty. The password is a secret."""
    contacts: bool = True
    """Whether the contacts of the agreement are told."""

    @model_validator(mode="after")
    def _keeps_the_password(self) -> Server:
        if self.tls == "none" and self.login and not _here(self.server):
            raise ValueError(
                "`login` without TLS would send the password unencrypted: set `tls: starttls` or `tls: tls`"
            )
        return self


class _Way(Record):
    """Where notices go beside the contacts."""

    name: Name
    parties: tuple[str, ...] = ()
    """Sites and infrastructures; what concerns others is not sent there. All where empty."""
    closed: bool = False
    """Whether only those read it who may know of findings that are not disclosed."""


class Webhook(_Way):
    """A receiver of JSON by HTTP."""

    form: Form = "json"
    url: Annotated[str, AfterValidator(_web)] = ""
    """Where it is no secret; else it stands in the environment or in the vault."""


class Ticket(_Way):
    """The mail address of a ticket system: what recovers is sent as an answer to what had failed."""

    email: Mailbox


class Settings(Record):
    """What the file says."""

    mail: Server | None = None
    webhooks: tuple[Webhook, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    templates: str = ""
    """Folder of templates that replace ours, relative to the file."""
    at_most: int = Field(default=20, ge=1)
    """Causes of a night that are told one by one; more are told in one message."""
    overdue: int = Field(default=36, ge=1)
    """Hours after the beginning of the last night from which on the missing night is told."""
    folder: Path = Field(default=Path(), exclude=True)
    """Where the file stands; the loader says so."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Settings:
        if not (self.mail or self.webhooks):
            raise ValueError("nobody would be notified: add `mail` or `webhooks`")
        if self.tickets and not self.mail:
            raise ValueError("`tickets` are sent by mail: add `mail`")
        if self.mail and not (self.mail.contacts or self.tickets):
            raise ValueError("nobody would get mail: add `tickets`, or remove `contacts: false`")
        names = [way.name for way in self.ways]
        for name in names:
            if names.count(name) > 1 or name == CONTACTS:
                raise ValueError(
                    f"the name {name!r} is taken; give each webhook and ticket its own"
                )
        return self

    @property
    def ways(self) -> tuple[Webhook | Ticket, ...]:
        """All ways beside the contacts."""
        return (*self.webhooks, *self.tickets)

    @property
    def template_folder(self) -> Path | None:
        """The folder of templates that replace ours; None where there is none."""
        return self.folder / self.templates if self.templates else None


CONTACTS = "contacts"
"""Name of the way to the agreement's contacts."""


class _File(Record):
    notify: Settings


def load(path: Path, *, parties: Collection[str]) -> Settings:
    """Read the settings.

    Parameters
    ----------
    parties
        the sites and infrastructures that there are.

    Raises
    ------
    SettingsError
        naming file and line of each fault; also where there is no such file.
    """
    if not document.is_there(path):
        raise SettingsError(
            f"{path}: there is no such file, and it says who is notified. docs/operations.md "
            "(Notices) has an example."
        )
    content = document.read(path, SettingsError)
    found = content.validated(_File, SettingsError).notify
    found = found.model_copy(update={"folder": path.parent})
    faults = [
        f"{content.place(KEY, kind, number)}: {document.unknown('party', name, parties)}"
        for kind, ways in (("webhooks", found.webhooks), ("tickets", found.tickets))
        for number, way in enumerate(ways)
        for name in way.parties
        if name not in parties
    ]
    if (folder := found.template_folder) and not folder.is_dir():
        faults.append(f"{content.place(KEY, 'templates')}: {folder} is no folder.")
    if faults:
        raise SettingsError("\n".join(faults))
    return found


class Secrets:
    """The secrets of notices: of the environment, or else of `vault.json`."""

    def __init__(self, held: vault.Vault, environ: Mapping[str, str] = os.environ) -> None:
        self._held, self._environ = held.get(vault.OF_NOTICES, {}), environ

    def all(self) -> Iterator[str]:
        """Yield what must stand in no message."""
        yield from self._held.values()
        yield from (v for k, v in self._environ.items() if k.startswith(_PREFIX) and v)

    def password(self) -> str:
        """Return the password of the mail server's user.

        Raises
        ------
        SettingsError
            where it is missing.
        """
        return self._needed("smtp_password", "the password of `mail.login`")

    def url(self, webhook: Webhook) -> str:
        """Return a webhook's address.

        Raises
        ------
        SettingsError
            where it is missing, or is none; the address itself is not told.
        """
        if webhook.url:
            return webhook.url
        name = vault.key(f"webhook_{webhook.name}")
        found = self._needed(name, f"the address of the webhook {webhook.name}")
        try:
            return _web(found)
        except ValueError as error:
            raise SettingsError(f"{variable(name)} (or {_place(name)}): {error}.") from error

    def signing_key(self, webhook: Webhook) -> str:
        """Return the key by which a DingTalk robot wants requests signed; empty where it has none."""
        return self._found(vault.key(f"webhook_{webhook.name}_secret"))

    def _found(self, name: str) -> str:
        return self._environ.get(variable(name), "") or self._held.get(name, "")

    def _needed(self, name: str, what: str) -> str:
        found = self._found(name)
        if not found:
            raise SettingsError(
                f"{FILE}: {what} is missing. Set {variable(name)}, or write it to vault.json as "
                f"{_place(name)}."
            )
        return found


_PREFIX = "TESTBED_NOTIFY_"


def variable(name: str) -> str:
    """Return the variable of the environment that holds a secret of notices."""
    return _PREFIX + name.upper()


def _place(name: str) -> str:
    return f'{{"vault": {{"{vault.OF_NOTICES}": {{"{name}": "..."}}}}}}'


def _here(host: str) -> bool:
    """Tell whether a server is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
