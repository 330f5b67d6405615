"""oidc-agent, which holds a person's log-ins and gives access tokens to the person's programs."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated

from pydantic import Field

from harness.errors import Unreachable
from harness.services.issuer.client import SCOPE
from harness.services.issuer.sources import base, validity
from harness.services.issuer.sources.base import TOO_MUCH, Given, Source
from harness.services.issuer.sources.holding import Ability
from harness.services.issuer.tokens import Token

_TIMEOUT = 60
"""Seconds for an answer of the agent, which asks the issuer."""

_NOT_THERE = 127
"""Exit code of a shell that does not find the command."""


class Settings(base.Settings):
    """The agent's account."""

    account: Annotated[str, Field(pattern=r"^[A-Za-z0-9][^\s]*$")]
    """Its short name, as in `oidc-token ACCOUNT`."""
    socket: str = ""
    """The agent's socket where the environment variable OIDC_SOCK does not name it."""

    @property
    def holder(self) -> Hashable:
        """An account is one user's."""
        return self.account, self.socket


class OidcAgent(Source):
    """Asks the agent at the user's workstation, by `oidc-token`."""

    name = "oidc-agent"
    can = frozenset({Ability.TOKEN, Ability.AUDIENCE, Ability.SCOPE, Ability.REFRESH})
    keys = Settings
    settings: Settings

    def give(self, audience: str | None, scope: str) -> Given:
        """Return a token of the agent, which may have had it before."""
        words = ["oidc-token", "--name=interop-testbed"]
        if audience:
            words.append(f"--aud={audience}")
        if scope != SCOPE:
            words.append(f"--scope={scope}")
        workstation = self.place.workstation()
        env = {"OIDC_SOCK": self.settings.socket} if self.settings.socket else None
        try:
            done = workstation.run(
                [*words, self.settings.account], env=env, timeout=_TIMEOUT, prints_secret=True
            )
        except Unreachable as error:
            raise self.failed(f"gave no answer: {error}") from None
        if done.code == _NOT_THERE:
            raise self.failed(
                f"cannot be used: there is no oidc-token at {workstation.host.name}. Install "
                "oidc-agent-cli there"
            )
        if done.code:
            said = " ".join((done.stderr or done.stdout).split())[-300:]
            if (audience or scope != SCOPE) and any(error in said for error in TOO_MUCH):
                raise self.beyond(
                    f"was refused {'a token' if scope == SCOPE else scope} for "
                    f"{audience or 'no particular audience'}: {said}. Load an account with all scopes and "
                    "audiences that the scenarios want, or list under `without` what the issuer "
                    "does not allow"
                )
            raise self.failed(
                f"gave no token of the account {self.settings.account} at {workstation.host.name}: "
                f"{said or f'exit code {done.code}'}. Start the agent there, and load the account "
                "(oidc-add)"
            )
        try:
            return Given(Token(validity.written(done.stdout)))
        except ValueError as error:
            raise self.failed(str(error)) from None


SOURCE = OidcAgent
