"""What a scenario did and saw: steps, each with a request or command and its answer, redacted.

Clients open a step for everything that they do over the wire; the scenario's author opens none. Steps
are collected for the test that runs (`collect`) and shown in Allure as they happen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

import allure

from harness.printable import storable
from harness.redaction import redactor

LIMIT = 4_096
"""Characters of a request or an answer that are kept; more is cut, and the cut is said."""


_LOOKED_AT = 16 * LIMIT
"""Characters of a text that are looked at for secrets before it is cut."""


@dataclass
class Step:
    """One thing done: its title, what was sent, what came back, and how long it took (seconds)."""

    title: str
    start: float
    stop: float = 0.0
    status: str = "passed"
    sent: str = ""
    answer: str = ""
    steps: list[Step] = field(default_factory=list)
    whole_title: str = field(default="", repr=False)
    """The title before secrets were cut out of it: for programs, and never shown."""
    whole_sent: str = field(default="", repr=False)
    """So is this what was sent: a secret may be the same word as the name of a host."""
    whole_answer: str = field(default="", repr=False)
    """So is this what came back."""
    whole_carried: tuple[str, ...] = field(default=(), repr=False)
    """Secrets that went along, and of which no text tells: what a command has in its environment."""

    def __post_init__(self) -> None:
        self.whole_title = self.whole_title or self.title
        self.whole_sent = self.whole_sent or self.sent

    def send(self, text: str, *, carrying: Iterable[str] = ()) -> None:
        """Record what is sent, before it goes out; `carrying` are secrets that go along unseen."""
        self.sent, self.whole_sent = _fit(text), text[: 2 * LIMIT]
        self.whole_carried = tuple(carrying)
        if (observer := _observer.get()) is not None:
            observer.sends(self, tuple(one for one in _ancestors.get() if one is not self))

    def receive(self, text: str) -> None:
        """Record what came back."""
        self.answer, self.whole_answer = _fit(text), text[: 2 * LIMIT]

    @property
    def duration(self) -> float:
        """Seconds between start and stop."""
        return self.stop - self.start

    def as_dict(self) -> dict[str, Any]:
        """Return the step and its sub-steps as plain data, without what is never shown."""
        shown = {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if not one.name.startswith("whole")
        }
        return shown | {"steps": [step.as_dict() for step in self.steps]}


class Observer(Protocol):
    """Hears of steps as they happen, in the process that makes them.

    `within` are the steps around, outermost first. Nothing goes on meanwhile, so it may take its time; what
    it raises ends what the step does.
    """

    def opened(self, step: Step, within: tuple[Step, ...]) -> None:
        """A step begins."""

    def sends(self, step: Step, within: tuple[Step, ...]) -> None:
        """What it sends is known, and has not gone out yet."""

    def closed(self, step: Step, within: tuple[Step, ...]) -> None:
        """It has ended."""

    def exhibited(self, name: str, content: bytes) -> None:
        """Something was made that people look at."""


EARLIER = "seen earlier in this session"
"""What is said beside a step that was made for another test."""

_open: ContextVar[list[Step] | None] = ContextVar("open_steps", default=None)
_collection: ContextVar[object] = ContextVar("collection", default=None)
"""Stands for the test that runs: one object for each `collect`."""
_observer: ContextVar[Observer | None] = ContextVar("observer", default=None)
_ancestors: ContextVar[tuple[Step, ...]] = ContextVar("ancestors", default=())


@contextmanager
def observed(by: Observer | None) -> Iterator[None]:
    """Let somebody hear of what happens within; None lets nobody hear."""
    token = _observer.set(by)
    try:
        yield
    finally:
        _observer.reset(token)


@contextmanager
def collect() -> Iterator[list[Step]]:
    """Collect the steps that are made within."""
    steps: list[Step] = []
    token, test = _open.set(steps), _collection.set(object())
    try:
        yield steps
    finally:
        _open.reset(token)
        _collection.reset(test)


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Open a step; what is raised within marks it as failed and goes on its way."""
    record = Step(title=redactor.redact(title), start=time.time(), whole_title=title)
    siblings = _open.get()
    if siblings is not None:
        siblings.append(record)
    token = _open.set(record.steps)
    observer, within = _observer.get(), _ancestors.get()
    inner = _ancestors.set((*within, record))
    try:
        if observer is not None:
            observer.opened(record, within)
        with allure.step(record.title.replace("{", "{{").replace("}", "}}")):
            try:
                yield record
            except BaseException as error:
                record.status = "failed"
                if not record.answer:
                    record.receive(f"{type(error).__name__}: {error}")
                raise
            finally:
                record.stop = time.time()
                _attach(record)
                if observer is not None:
                    observer.closed(record, within)
    finally:
        _ancestors.reset(inner)
        _open.reset(token)


def exhibit(name: str, make: Callable[[], bytes]) -> None:
    """Show an observer something that people look at, such as `wave.png`; for nobody, it is not made."""
    if (observer := _observer.get()) is not None:
        observer.exhibited(name, make())


class Remembered:
    """Steps that made something which later tests use too, and which each of them is shown once."""

    def __init__(self) -> None:
        self.steps: tuple[Step, ...] = ()
        self._shown_to = _collection.get()

    def show(self) -> None:
        """Show the steps to the test that runs, unless it made them or has seen them."""
        test = _collection.get()
        if test is not self._shown_to:
            self._shown_to = test
            replay(self.steps, note=EARLIER)


@contextmanager
def remember() -> Iterator[Remembered]:
    """Keep the steps that are made within, beside the test that makes them."""
    steps = _open.get()
    kept = Remembered()
    before = 0 if steps is None else len(steps)
    yield kept
    kept.steps = () if steps is None else tuple(steps[before:])


def replay(steps: Iterable[Step], *, note: str) -> None:
    """Show once more what was done before, for another test; observers have heard of it."""
    for seen in steps:
        with observed(None), step(f"{seen.whole_title} ({note})") as again:
            again.send(seen.whole_sent)
            replay(seen.steps, note=note)
            again.receive(seen.answer)


def _attach(record: Step) -> None:
    """Attach both in one: a report of hundreds of scenarios has tens of thousands of steps."""
    parts = [("sent", record.sent), ("answered", record.answer)]
    text = "\n\n".join(f"--- {name} ---\n{text}" for name, text in parts if text)
    if text:
        allure.attach(text, name="evidence", attachment_type=allure.attachment_type.TEXT)


def _fit(text: str) -> str:
    beyond = max(0, len(text) - _LOOKED_AT)
    shown = storable(redactor.redact(text[:_LOOKED_AT]))
    if beyond:
        # At its end there may be half a secret.
        kept = shown[: max(0, len(shown) - 2 * LIMIT)]
        beyond, shown = beyond + len(shown) - len(kept), kept
    if beyond + len(shown) <= LIMIT:
        return shown
    return f"{shown[:LIMIT]}\n[cut: {max(0, len(shown) - LIMIT) + beyond} more characters]"
