"""Any program that prints an access token."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Hashable
from contextlib import suppress
from typing import Annotated

from pydantic import Field, field_validator

from harness.evidence import step
from harness.redaction import redactor
from harness.services.issuer.sources import base, validity
from harness.services.issuer.sources.base import Given, Source
from harness.services.issuer.sources.holding import Ability
from harness.services.issuer.tokens import Token

_CHOICES = {Ability.AUDIENCE: "{audience}", Ability.SCOPE: "{scope}"}
"""What the program can be asked for -> the word that stands for it."""


class Settings(base.Settings):
    """The program."""

    command: tuple[str, ...] = Field(min_length=1)
    """Its words, or one line as for a shell, but no shell reads it."""
    timeout: Annotated[float, Field(gt=0, le=600)] = 30
    """Seconds."""

    @field_validator("command", mode="before")
    @classmethod
    def _a_line_is_its_words(cls, given: object) -> object:
        return tuple(shlex.split(given)) if isinstance(given, str) else given

    def names(self, word: str) -> bool:
        """Tell whether a word is put into the command: `{audience}`."""
        return any(word in one for one in self.command)

    @property
    def holder(self) -> Hashable:
        """A program prints one user's tokens, where it is not told of which."""
        return None if self.names("{member}") else self.command


class Command(Source):
    """Runs the program on the machine on which `testbed` runs."""

    name = "command"
    can = frozenset({Ability.TOKEN, Ability.AUDIENCE, Ability.SCOPE, Ability.REFRESH})
    keys = Settings
    settings: Settings

    @classmethod
    def told(cls, settings: base.Settings) -> frozenset[Ability]:
        """Return what it can do: without a word for it, the program cannot know what is asked for."""
        able = super().told(settings)
        if isinstance(settings, Settings):
            able -= {one for one, word in _CHOICES.items() if not settings.names(word)}
        return able

    def give(self, audience: str | None, scope: str) -> Given:
        """Return what the program prints."""
        words = [self._filled(word, audience, scope) for word in self.settings.command]
        with step(f"$ {words[0]} (the tokens of {self.place.member.name})") as record:
            record.send(shlex.join(words))
            code, out, err = self._run(words)
            value = redactor.remember(out.strip())
            record.receive(f"exit code {code}\n\n{err}")
        if code:
            said = " ".join(err.split())[-300:] or "nothing on standard error"
            raise self.failed(f"{words[0]} ended with exit code {code}: {said}")
        try:
            return Given(Token(validity.written(value)))
        except ValueError as error:
            raise self.failed(f"{words[0]} {error}") from None

    def _filled(self, word: str, audience: str | None, scope: str) -> str:
        for name, value in (
            ("{audience}", audience or self.place.any_audience),
            ("{scope}", scope),
            ("{issuer}", self.place.infrastructure.issuer),
            ("{member}", self.place.member.name),
        ):
            word = word.replace(name, value)
        return word

    def _run(self, words: list[str]) -> tuple[int, str, str]:
        try:
            process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                start_new_session=True,  # what it starts ends with it
            )
        except OSError as error:
            raise self.failed(f"{words[0]} cannot be started: {error.strerror}") from None
        with process:
            try:
                out, err = process.communicate(timeout=self.settings.timeout)
            except BaseException as error:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                if not isinstance(error, subprocess.TimeoutExpired):
                    raise
                raise self.failed(
                    f"{words[0]} did not end within {self.settings.timeout:g} s (`timeout`)"
                ) from None
        return process.returncode, out, err


SOURCE = Command
