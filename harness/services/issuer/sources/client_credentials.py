"""A client of the issuer that acts for itself (RFC 6749, section 4.4), as robots do."""

from __future__ import annotations

from collections.abc import Hashable

from harness.services.issuer.answers import IssuerAnswer
from harness.services.issuer.client import Issuer
from harness.services.issuer.sources import base
from harness.services.issuer.sources.base import FirstHand
from harness.services.issuer.sources.holding import Ability


class Settings(base.Settings):
    """The client, where it does not have the member's name."""

    client_id: str = ""

    @property
    def holder(self) -> Hashable:
        """A client is one user."""
        return self.client_id or None


class ClientCredentials(FirstHand):
    """Asks as a client, with the secret `client_<client_id>` of the vault."""

    name = "client-credentials"
    can = frozenset(Ability) - {Ability.REFRESH_TOKEN, Ability.LOG_IN}
    capability = "client-credentials"
    keys = Settings
    settings: Settings

    def issuer(self) -> Issuer:
        """Return the issuer as the client sees it, which by default has the member's name."""
        return self.place.issuer(self.settings.client_id or self.place.member.name)

    def request(self, audience: str | None, scope: str) -> IssuerAnswer:
        """Ask as the client itself."""
        return self.issuer().client_credentials(audience=audience, scope=scope)


SOURCE = ClientCredentials
