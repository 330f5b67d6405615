"""The user's name and password (RFC 6749, section 4.3): what issuers made for tests take."""

from __future__ import annotations

from harness.services.issuer.answers import IssuerAnswer
from harness.services.issuer.sources.base import FirstHand
from harness.services.issuer.sources.holding import Ability


class Password(FirstHand):
    """Asks with the password `password_<member>` of the vault."""

    name = "password"
    can = frozenset(Ability)
    capability = "password"

    @property
    def password(self) -> str:
        """What the user types at a log-in."""
        return self.place.secret(f"password_{self.place.member.name}")

    def request(self, audience: str | None, scope: str) -> IssuerAnswer:
        """Ask as the testbed's client, with the user's name and password."""
        name = self.place.member.name
        return self.issuer().password(name, self.password, audience=audience, scope=scope)


SOURCE = Password
