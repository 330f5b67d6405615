"""`testbed notify`: from the newest night to messages, each sent once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness.conformance import history, runs
from harness.conformance.history import History
from harness.conformance.statement import Statement
from harness.errors import BadInput, TestbedError
from harness.inventory import Inventory
from harness.notice import causes, contacts, memory, news, settings
from harness.notice.causes import Cause, Sort
from harness.notice.contacts import People
from harness.notice.delivery import Away, Undelivered
from harness.notice.known import Known
from harness.notice.mail import Mailer
from harness.notice.memory import Memory, Pending
from harness.notice.messages import Message, Writer
from harness.notice.news import Notice
from harness.notice.settings import CONTACTS, Secrets, Settings, Ticket, Webhook
from harness.notice.webhooks import Poster
from harness.printable import storable
from harness.provision import vault
from harness.redaction import Redactor
from harness.report import addresses, findings
from harness.report.site.templating import time
from harness.state import State


@dataclass(frozen=True)
class Desk:
    """All that is needed to tell somebody something."""

    settings: Settings
    people: People | None
    secrets: Secrets
    writer: Writer

    @cached_property
    def mailer(self) -> Mailer:
        """The connection to the mail server."""
        assert self.settings.mail is not None  # noqa: S101, who has no server has no mail to send
        return Mailer(self.settings.mail, self.secrets)

    def close(self) -> None:
        """Close what is open."""
        if "mailer" in self.__dict__:
            self.mailer.close()


def desk(inventory: Inventory) -> Desk:
    """Read all that is needed; nothing is sent.

    Raises
    ------
    BadInput
        where the settings, the agreement or a template cannot be used.
    """
    testbed = inventory.testbed
    state = State(testbed.name)
    parties = [site.name for site in testbed.sites]
    parties += [one.name for one in testbed.infrastructures]
    found = settings.load(inventory.folder / settings.FILE, parties=parties)
    secrets = Secrets(vault.load(state))
    redactor = Redactor((*vault.needles(state), *secrets.all()))
    writer = Writer(own=found.template_folder, address=addresses.published(), redactor=redactor)
    wanted = found.mail and found.mail.contacts
    return Desk(found, contacts.load(inventory) if wanted else None, secrets, writer)


def notify(
    inventory: Inventory,
    *,
    folder: Path | None = None,
    dry_run: bool = False,
    console: Console,
    now: dt.datetime | None = None,
) -> None:
    """Notify those concerned of what has changed.

    Parameters
    ----------
    folder
        of a run, or of a published night; the newest night of the history where None.
    dry_run
        show the messages, send none and keep nothing.

    Raises
    ------
    BadInput
        where settings or the night cannot be used.
    Undelivered
        where a message has not arrived; it is sent the next time.
    """
    prepared = desk(inventory)
    state = State(inventory.testbed.name)
    night = _night(inventory, folder)
    now = now or dt.datetime.now(dt.UTC)
    with memory.held(state):
        kept = memory.load(state)
        _check_order(night, kept)
        found = {one.key: one for one in _causes(night, prepared.settings, now)}
        told, after = news.since_last(kept.told, found, night)
        fresh = news.joined(told, at_most=prepared.settings.at_most)
        kept.pending += [
            Pending(way=way, notice=notice)
            for notice in fresh
            for way in _ways(prepared.settings, notice)
        ]
        kept.night, kept.began, kept.told = night.run.id, night.run.start, after
        if not kept.pending:
            console.print(
                f"Nothing has changed that anybody must be notified of (night of {time(night.run.start)}).",
                highlight=False,
            )
        if dry_run:
            _show(prepared, kept.pending, console)
            return
        memory.keep(state, kept)
        try:
            _deliver(prepared, kept, lambda: memory.keep(state, kept), console)
        finally:
            prepared.close()


def _night(inventory: Inventory, folder: Path | None) -> Statement:
    """Return the statement of the night to tell of."""
    name = inventory.testbed.name
    if folder is None:
        with History.open(runs.RUNS / history.FILE) as store:
            nights = store.nights(name)
            if not nights:
                raise BadInput(
                    f"{store.path}: the history has no night of the testbed {name}. `testbed "
                    "nightly` creates one; a partial run is not a night."
                )
            return store.statement(nights[-1].id)
    found = Statement.read(folder)
    if found.run.testbed != name:
        raise BadInput(
            f"{folder} is a night of the testbed {found.run.testbed}, and the inventory describes {name}: "
            "name the inventory by --inventory."
        )
    if not found.scope.whole:
        raise BadInput(
            f"{folder} is a partial or interrupted run: what it does not show may have recovered "
            "or not, so nobody is notified. `testbed nightly` runs everything."
        )
    return found


def _check_order(night: Statement, kept: Memory) -> None:
    if (night.run.start, night.run.id) < (kept.began, kept.night):
        raise BadInput(
            f"{night.run.id} is older than the last night with notices, {kept.night}: nobody is notified."
        )


def _causes(night: Statement, chosen: Settings, now: dt.datetime) -> Iterator[Cause]:
    known = Known(findings.load(), now.date(), night.services)
    yield from causes.of(night, known).values()
    if now - night.run.began > dt.timedelta(hours=chosen.overdue):
        yield Cause(
            key="no night",
            sort=Sort.NO_NIGHT,
            title=f"No night since {time(night.run.start)}",
            parties=tuple(night.infrastructures),
            reason=f"The last night began at {time(night.run.start)}; one is due every "
            f"{chosen.overdue} hours. Check that the machine is on and that `testbed nightly` succeeds.",
            page="index.html",
        )


def _ways(chosen: Settings, notice: Notice) -> Iterator[str]:
    """Yield the names of the ways that a notice takes."""
    if chosen.mail and chosen.mail.contacts:
        yield CONTACTS
    concerned = {*notice.cause.parties, *notice.cause.sites}
    for way in chosen.ways:
        if not way.parties or concerned.intersection(way.parties):
            yield way.name


def _deliver(prepared: Desk, kept: Memory, keep: Callable[[], None], console: Console) -> None:
    """Send what is pending, in order; go on after a failure, and tell all failures at the end."""
    failures: dict[str, TestbedError] = {}
    away: set[str] = set()
    for item in list(kept.pending):
        server = _server(prepared, item)
        if server in away:
            continue
        try:
            shown = _send(prepared, item)
        except TestbedError as error:
            failures.setdefault(str(error), error)
            if isinstance(error, Away):
                away.add(server)
            if isinstance(error, Undelivered) and error.arrived:
                number = kept.pending.index(item)
                done = (*item.done, *error.arrived)
                kept.pending[number] = item.model_copy(update={"done": done})
                keep()
        else:
            kept.pending.remove(item)
            keep()
            console.print(Text(storable(shown)), soft_wrap=True)
    if failures:
        many = len(kept.pending)
        wait = "1 message waits" if many == 1 else f"{many} messages wait"
        raise Undelivered(
            "\n".join(failures) + f"\n  {wait}: `testbed notify` sends what was not delivered.",
            lasting=any(error.exit_code == BadInput.exit_code for error in failures.values()),
        )


def _server(prepared: Desk, item: Pending) -> str:
    """Return what a message needs to be up: the mail server, or a webhook by its name."""
    hooks = {hook.name for hook in prepared.settings.webhooks}
    return item.way if item.way in hooks else CONTACTS


def _send(prepared: Desk, item: Pending) -> str:
    """Send a message; return what to show of it."""
    way, notice = _way(prepared.settings, item.way), item.notice
    if way is None:
        return f"{item.way}: this target no longer exists; messages waiting for it are dropped"
    message = _message(prepared.writer, way, notice)
    if isinstance(way, Webhook):
        Poster(way, prepared.secrets).send(notice, message, prepared.writer)
        return f"{way.name}: {message.subject}"
    to = [one for one in _recipients(prepared, way, notice) if one[1] not in item.done]
    if to:
        answers = f"{notice.first}.{item.way}" if notice.first else ""
        prepared.mailer.send(message, id_=f"{notice.id}.{item.way}", answers=answers, to=to)
    return f"{', '.join(address for _, address in to)}: {message.subject}"


def _way(chosen: Settings, name: str) -> Webhook | Ticket | str | None:
    """Return a way by its name; `CONTACTS` stands for itself, and None for what is there no more."""
    if name == CONTACTS:
        return CONTACTS if chosen.mail and chosen.mail.contacts else None
    return next((way for way in chosen.ways if way.name == name), None)


def _recipients(prepared: Desk, way: Ticket | str, notice: Notice) -> list[tuple[str, str]]:
    if isinstance(way, Ticket):
        return [(way.name, way.email)]
    assert prepared.people is not None  # noqa: S101, they are read where contacts are told
    return prepared.people.of(notice.cause.parties or notice.cause.sites)


def _message(writer: Writer, way: Webhook | Ticket | str, notice: Notice) -> Message:
    if isinstance(way, str):
        return writer.mail(notice, way=way, closed=True)
    write = writer.chat if isinstance(way, Webhook) else writer.mail
    return write(notice, way=way.name, closed=way.closed)


def _show(prepared: Desk, pending: list[Pending], console: Console) -> None:
    """Show what would be sent."""
    for item in pending:
        way = _way(prepared.settings, item.way)
        if way is None:
            continue
        message = _message(prepared.writer, way, item.notice)
        if isinstance(way, Webhook):
            to = f"webhook {way.name} ({way.form})"
        else:
            try:
                found = _recipients(prepared, way, item.notice)
                to = ", ".join(address for _, address in found if address not in item.done)
            except Undelivered as error:
                to = f"nobody: {error}"
        text = f"To: {to}\nSubject: {message.subject}\n\n{message.text}"
        console.print(Text(storable(text)), soft_wrap=True)
        console.rule()
    if pending:
        many = "1 message" if len(pending) == 1 else f"{len(pending)} messages"
        console.print(f"{many} would be sent; nothing was sent.", highlight=False)
