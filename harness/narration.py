"""What a step of the evidence means to somebody who looks on, in one sentence.

A kind of service tells this of the requests and commands that its services get (`Kind.story`). Sentences
are translated by what the caller gives as `tr` (`harness.translation`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

Translate = Callable[[str], str]
"""Returns a text in the reader's language."""

_REQUEST = re.compile(r"(?P<method>[A-Z]{3,9}) (?P<url>\S+://\S+)(?: \((?P<note>.*)\))?", re.S)
_COMMAND = re.compile(r"(?P<host>[\w.-]+)\$ (?P<command>.*)", re.S)


class Flow(StrEnum):
    """Which way something goes between the user's workstation and a service."""

    ASK = "ask"
    """A question, or an order: nothing that the user has or gets."""
    PUT = "put"
    """Data, or a job, go to the service."""
    GET = "get"
    """Data, or a token, come from it."""


@dataclass(frozen=True)
class Action:
    """A request or a command, as a step names it; or, by its title alone, a step that waits."""

    title: str = ""
    method: str = ""
    url: str = ""
    command: str = ""
    sent: str = ""
    """What is sent, without secrets."""

    @property
    def path(self) -> str:
        """The path of the URL."""
        return urlsplit(self.url).path

    @property
    def name(self) -> str:
        """The last part of the path: a file's name."""
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def program(self) -> str:
        """The first word of the command that is the name of a program of users."""
        found = re.search(
            r"\b(?:condor_\w+|arc[a-z]+|oidc-\w+|xrdcp|curl|davix-\w+|gfal-\w+)\b", self.command
        )
        return found.group() if found else ""


def action(title: str, sent: str = "") -> Action | None:
    """Return the action that a step's title names; None of a step that only holds others together."""
    if found := _REQUEST.fullmatch(title):
        return Action(title, method=found["method"], url=found["url"], sent=sent)
    if found := _COMMAND.fullmatch(title):
        return Action(title, command=found["command"], sent=sent)
    return None


@dataclass(frozen=True)
class Told:
    """What an action means."""

    text: str
    """A sentence, in the reader's language."""
    flow: Flow = Flow.ASK
    other: str = ""
    """URL of the other end of a copy between services: data come from there (GET), or go there (PUT)."""
    minor: bool = False
    """Nobody needs to hear of it, such as the tenth question whether a job has ended."""


Story = Callable[[Action, Translate], Told | None]
"""Tells an action at a service of a kind; None where the kind has no word for it."""
