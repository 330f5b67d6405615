"""An infrastructure's list of banned users: what its security team publishes, and when sites act on it.

The team works at the host that publishes the list. A banned user stands there by the issuer and the subject
of the user's tokens; the sites of all infrastructures fetch the list and apply it (role `bans`).
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from harness.engine.measure import Measure
from harness.engine.not_shown import NotRun
from harness.errors import Unreachable
from harness.evidence import step
from harness.journal import Entry, Journal
from harness.model import Host, Service
from harness.services.issuer.tokens import Token
from harness.shell import Completed, Shell

AGREED = 150.0
"""Seconds in which a site must act on a new list, in this testbed.

The testbed's own figure. Tokens live for longer than this here, so that a token's end is never taken for a
suspension.
"""

BANNED, LIFTED = "time from publication to refusal", "time from lifting to admission"
"""What the figures are called in reports."""

_PROGRAM = "/usr/local/sbin/ban-list"
_PUBLISHED = "/srv/ban-list/bans.json"
_STATUS = "/var/lib/bans/status.json"
_RENEW = f"{_PROGRAM} renew"
_POLL = 1.0
_PATIENCE = 600.0
"""Seconds to wait until no other scenario changes the list."""


@dataclass(frozen=True)
class Forgery:
    """A list that must change nothing at any site."""

    flaw: str
    document: bytes

    @property
    def digest(self) -> str:
        """By which a site tells that it has looked at it."""
        return hashlib.sha256(self.document).hexdigest()


class BanList:
    """The list of one infrastructure.

    Parameters
    ----------
    host
        where it is published.
    find
        returns the host of that name.
    sites
        hosts that take the list.
    publisher
        name of the infrastructure.
    key
        file with the private key that signs it.
    lock
        file by which scenarios share the list: many may have users on it, one alone may replace it.
    """

    def __init__(
        self,
        host: Host,
        *,
        find: Callable[[str], Host],
        sites: Sequence[Host] = (),
        publisher: str,
        key: Path,
        lock: Path,
        journal: Journal,
        measure: Measure,
    ) -> None:
        self._host, self._find, self._sites = host, find, sites
        self._named: set[tuple[str, str]] = set()
        self._publisher, self._key = publisher, key
        self._lock, self._journal, self._measure = lock, journal, measure
        self._since = 0.0

    @contextmanager
    def naming(self, token: Token) -> Iterator[None]:
        """Have the user of a token on the list while the block lasts; lift the ban at its end.

        Raises
        ------
        Unreachable
            where the list cannot be changed.
        """
        whom = str(token.claims["iss"]), str(token.claims["sub"])
        lift = Entry(self._host.name, f"{whom[1]} is banned", shlex.join([_PROGRAM, "lift", *whom]))
        self._named.add(whom)
        with self._held(fcntl.LOCK_SH):
            self._journal.note(lift)
            try:
                self._run("ban a member", shlex.join([_PROGRAM, "ban", *whom, "a drill"]))
                self._since = time.time()
                yield
            finally:
                self._journal.undo(lift, self._host)
                self._since = time.time()

    def settle(self) -> None:
        """Wait until no host applies a ban of this list any more, so that the members can be used again.

        Raises
        ------
        Unreachable
            where one goes on for longer than was agreed.
        """
        for host in self._sites if self._named else ():
            try:
                Retrying(
                    retry=retry_if_result(lambda applied: bool(applied & self._named)),
                    wait=wait_fixed(_POLL),
                    stop=stop_after_delay(AGREED),
                )(self._applied_by, host)
            except RetryError:
                raise Unreachable(
                    f"{host.name} goes on refusing a user whose ban was lifted {AGREED:g} s ago",
                    host.name,
                ) from None

    def _applied_by(self, host: Host) -> set[tuple[str, str]]:
        """Return whom a host refuses now, by issuer and subject."""
        done = Shell(host).run(["cat", _STATUS])
        try:
            return {(issuer, subject) for issuer, subject in _status(done)["applied"]["users"]}
        except KeyError:
            return set()

    def takes_hold(
        self, service: Service, refuses: Callable[[], bool], *, detail: str = ""
    ) -> None:
        """Wait until a service acts on the list, and note how long that took since its publication.

        Raises
        ------
        AssertionError
            where it does not within the time agreed.
        """
        self._await(service, refuses, BANNED, "still admits the banned user", detail)

    def lets_go(self, service: Service, admits: Callable[[], bool]) -> None:
        """Wait until a service admits a user whose ban was lifted, and note how long that took.

        Raises
        ------
        AssertionError
            where it does not within the time agreed.
        """
        self._await(service, admits, LIFTED, "still refuses the user", "")

    def _await(
        self, service: Service, look: Callable[[], bool], what: str, otherwise: str, detail: str
    ) -> None:
        end = self._since + AGREED
        try:
            Retrying(
                retry=retry_if_result(lambda done: not done),
                wait=wait_fixed(_POLL),
                stop=stop_after_delay(max(end - time.time(), 0)),
            )(look)
        except RetryError:
            self._measure(what, service, AGREED, detail=detail, at_least=True)
            raise AssertionError(
                f"{AGREED:g} s after the list was published, {service.endpoint} {otherwise}"
            ) from None
        self._measure(what, service, time.time() - self._since, detail=detail)

    def forgeries(self, token: Token, *, seen_by: Service) -> Iterator[Forgery]:
        """Yield lists that ban the user of a token and must change nothing: each has one flaw.

        It waits until the host of a service has the newest true list: before, an older one may still be new
        to it.
        """
        content = self._run("read the list of banned users", f"cat {_PUBLISHED}")
        self._await_look(self._find(seen_by.host), hashlib.sha256(content.encode()).hexdigest())
        current = json.loads(_decoded(json.loads(content)["payload"]))
        banned = {"iss": token.claims["iss"], "sub": token.claims["sub"], "reason": "", "since": 0}
        now = int(time.time())
        good = {
            **current,
            "serial": max(now, current["serial"] + 1),
            "iat": now,
            "exp": now + 3600,
            "banned": [*current["banned"], banned],
        }
        own = load_pem_private_key(self._key.read_bytes(), None)
        assert isinstance(own, Ed25519PrivateKey), f"{self._key} is no Ed25519 key"
        older = {**good, "serial": current["serial"] - 1}
        over = {**good, "iat": now - 7200, "exp": now - 3600}
        for flaw, payload, key in (
            ("signed by somebody else", good, Ed25519PrivateKey.generate()),
            ("older than the last one", older, own),
            ("expired", over, own),
        ):
            yield Forgery(flaw, signed(payload, key=key, kid=self._publisher))

    @contextmanager
    def replaced(self) -> Iterator[Callable[[Forgery, Service], None]]:
        """Let the block publish forgeries, and publish the true list again at its end.

        What the block is given publishes one and waits until the host of a service has looked at it.
        """
        restored = Entry(self._host.name, "its list of banned users is forged", _RENEW)
        with self._held(fcntl.LOCK_EX):
            self._journal.note(restored)
            try:
                yield self._publish
            finally:
                self._journal.undo(restored, self._host)

    def _publish(self, forgery: Forgery, seen_by: Service) -> None:
        script = f'printf %s "$LIST" > {_PUBLISHED}.new && mv {_PUBLISHED}.new {_PUBLISHED}'
        self._run(f"publish a list that is {forgery.flaw}", script, LIST=forgery.document.decode())
        self._await_look(self._find(seen_by.host), forgery.digest)

    def _await_look(self, at: Host, digest: str) -> None:
        """Wait until a host has looked at a document."""
        try:
            Retrying(
                retry=retry_if_result(lambda seen: seen != digest),
                wait=wait_fixed(_POLL),
                stop=stop_after_delay(AGREED),
            )(lambda: self._seen_by(at))
        except RetryError:
            raise Unreachable(
                f"{at.name} did not look at the list of {self._publisher} for {AGREED:g} s",
                at.name,
            ) from None

    def _seen_by(self, host: Host) -> str:
        """Return the digest of the list that a site's host has looked at last."""
        if "bans" not in host.roles:
            raise NotRun(f"{host.name} takes no lists of banned users (role `bans`).")
        done = Shell(host).run(["cat", _STATUS])
        try:
            return str(_status(done)["lists"][self._publisher]["digest"])
        except KeyError:
            return ""

    def _run(self, what: str, script: str, **env: str) -> str:
        with step(f"{self._host.name}: {what}") as record:
            done = Shell(self._host).run(script, env=env)
            record.receive(done.stdout + done.stderr)
            if done.code:
                raise Unreachable(f"{what}: {done.stderr.strip()[-200:]}", self._host.name)
        return done.stdout

    @contextmanager
    def _held(self, how: int) -> Iterator[None]:
        """Hold the list, with others or alone."""

        def taken() -> bool:
            try:
                fcntl.flock(file, how | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        with self._lock.open("a") as file:
            try:
                Retrying(
                    retry=retry_if_result(lambda done: not done),
                    wait=wait_fixed(_POLL),
                    stop=stop_after_delay(_PATIENCE),
                )(taken)
            except RetryError:
                raise Unreachable(
                    f"other scenarios used the list of {self._publisher} for {_PATIENCE:g} s", ""
                ) from None
            yield


def _status(done: Completed) -> dict[str, Any]:
    """Return what a host tells of its lists; nothing before its first look."""
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {}
    return found


def signed(payload: Mapping[str, Any], *, key: Ed25519PrivateKey, kid: str) -> bytes:
    """Return a list as its publisher serves it (RFC 7515, section 7.2.2; RFC 9864)."""
    head = _encoded(json.dumps({"alg": "Ed25519", "typ": "ban-list+json", "kid": kid}).encode())
    body = _encoded(json.dumps(payload).encode())
    signature = _encoded(key.sign(f"{head}.{body}".encode()))
    return json.dumps({"protected": head, "payload": body, "signature": signature}).encode()


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
