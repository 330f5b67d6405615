"""A log-in on another device (RFC 8628): asks a person once, and has a refresh token from then on."""

from __future__ import annotations

from contextlib import suppress

from harness.errors import Unreachable
from harness.kinds import registry
from harness.services.issuer.answers import IssuerAnswer
from harness.services.issuer.client import SCOPE
from harness.services.issuer.sources import refresh_token
from harness.services.issuer.sources.base import Ask
from harness.services.issuer.sources.refresh_token import OVER, RefreshToken


class Settings(refresh_token.Settings):
    """The client that asks, and for what."""

    request_scope: str = ""
    """What the person is asked for; where empty, all that scenarios want of a member."""
    request_audience: tuple[str, ...] = ()
    """For whom: some issuers give tokens later for those alone (RFC 8707, section 2.2)."""


class Device(RefreshToken):
    """Shows an address and a code on the terminal; the refresh token that comes is kept in the vault."""

    name = "device"
    capability = "device"
    keys = Settings
    settings: Settings

    def prepare(self, ask: Ask) -> None:
        """Ask the person, where the vault has no refresh token that is still good.

        Raises
        ------
        SourceFailed
            where there is no terminal, the person does not agree in time, or no refresh token comes.
        """
        kept = self.place.kept(f"refresh_{self.place.member.name}")
        if kept.value and self._is_good():
            return
        if not ask.there:
            raise self.failed(f"must ask a person, but there is no terminal. {self._remedy}")
        try:
            answer = self._asked(ask)
        except (Unreachable, AssertionError) as error:
            raise self.failed(f"cannot ask a person: {error}") from None
        if not answer.ok:
            raise self.failed(f"got no token: {answer.error or answer.status}. {self._remedy}")
        new = answer.json.get("refresh_token")
        if not isinstance(new, str) or not new:
            raise self.failed(
                "got no refresh token, although it requested `offline_access`. Allow refresh "
                f"tokens for the client {self.issuer().client_id} at the issuer"
            )
        with kept.alone():
            kept.replace(new)

    def _is_good(self) -> bool:
        """Tell whether the refresh token of the vault works; nobody is asked where the issuer is silent."""
        with suppress(Unreachable, AssertionError):
            audience = next(iter(self.settings.request_audience), None)
            return self.renewed(audience, None).error != OVER
        return True

    def _asked(self, ask: Ask) -> IssuerAnswer:
        """Show address and code, and wait until the person has decided."""
        issuer = self.issuer()
        audiences = self.settings.request_audience
        device = issuer.start_device(
            scope=self.settings.request_scope or everything(), audience=audiences or None
        )
        minutes = round(device.expires_in / 60) or 1
        message = (
            f"{self.place.member.name} of {self.place.infrastructure.title}: within {minutes} min, open "
            f"{device.verification_uri}, log in as this user, and type the code {device.user_code}"
        )
        ask.show(message, url=device.verification_uri)
        return issuer.await_device(device, next(iter(audiences), None))

    @property
    def _remedy(self) -> str:
        home, kind = self.place.infrastructure.name, self.place.member.kind
        return f"Call `testbed token --home {home} --member {kind}` at a terminal"


def everything() -> str:
    """Return the scopes of somebody who may do everything at every kind of service, also while away."""
    scopes = [SCOPE, "offline_access", *(reach.scope for reach in registry().reaches.values())]
    return " ".join(dict.fromkeys(" ".join(scopes).split()))


SOURCE = Device
