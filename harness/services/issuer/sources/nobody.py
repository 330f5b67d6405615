"""No credentials: the user exists, and the testers cannot act as the user."""

from __future__ import annotations

from harness.services.issuer.sources.base import Given, Source


class Nobody(Source):
    """Gives nothing, so that what needs the user is not run, and says why."""

    name = "none"
    can = frozenset()

    def give(self, audience: str | None, scope: str) -> Given:
        """Never called: `get` has refused."""
        raise NotImplementedError(self.name)


SOURCE = Nobody
