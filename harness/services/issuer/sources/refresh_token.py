"""A refresh token (RFC 6749, section 6): what a person gets once, by a log-in with a browser."""

from __future__ import annotations

from pydantic import model_validator

from harness.services.issuer.answers import IssuerAnswer
from harness.services.issuer.client import SCOPE, Issuer
from harness.services.issuer.sources import base
from harness.services.issuer.sources.base import TOO_MUCH, Given, Source, issued
from harness.services.issuer.sources.holding import Ability

OVER = "invalid_grant"
"""Error of a refresh token that is over, revoked, or another client's (RFC 6749, section 5.2)."""


class Settings(base.Settings):
    """The client to which the refresh token belongs."""

    client_id: str = ""
    """The testbed's own where empty; its secret is `client_<client_id>` of the vault."""
    public: bool = False
    """The client has no secret (RFC 6749, section 2.1)."""

    @model_validator(mode="after")
    def _a_public_client_is_named(self) -> Settings:
        if self.public and not self.client_id:
            raise ValueError("`public` describes a client: name it with `client_id`")
        return self


class RefreshToken(Source):
    """Renews by the refresh token `refresh_<member>` of the vault, where a new one is kept."""

    name = "refresh-token"
    can = frozenset({Ability.TOKEN, Ability.AUDIENCE, Ability.SCOPE, Ability.REFRESH})
    capability = "refresh"
    keys = Settings
    settings: Settings

    def give(self, audience: str | None, scope: str) -> Given:
        """Return a new token; the refresh token that came with it is in the vault by then."""
        # Without a scope, all is granted that was granted first (RFC 6749, section 6).
        narrowed = None if scope == SCOPE else scope
        answer = self.renewed(audience, narrowed)
        if answer.error == OVER:
            raise self.failed(
                f"was refused: {answer.error}. The refresh token has expired, was used by "
                f"another program, or belongs to a client other than {self.issuer().client_id}. "
                f"{self._remedy}"
            )
        if answer.error in TOO_MUCH and (audience or narrowed):
            raise self.beyond(
                f"was refused {narrowed or 'a token'} for {audience or 'no particular audience'}: "
                f"{answer.error}. Get a refresh token with all scopes and audiences that the scenarios "
                "want, or list under `without` what the issuer does not allow"
            )
        if answer.denied:
            raise self.failed(
                f"was refused: {answer.error or answer.status}. Check the client "
                f"{self.issuer().client_id} and its secret"
            )
        return issued(answer)

    def renewed(self, audience: str | None, scope: str | None) -> IssuerAnswer:
        """Return the issuer's answer to the refresh token; a new one is in the vault by then."""
        kept, issuer = self.place.kept(f"refresh_{self.place.member.name}"), self.issuer()
        if not kept.value:
            raise self.failed(f"has no token: there is no {kept.place}. {self._remedy}")
        issuer.endpoint("token_endpoint")  # found out before anything is held
        with kept.alone():
            value = kept.value  # what another process may have left meanwhile
            answer = issuer.refresh(value, scope=scope, audience=audience)
            new = answer.json.get("refresh_token")
            if answer.ok and isinstance(new, str) and new not in ("", value):
                kept.replace(new)
        return answer

    @property
    def _remedy(self) -> str:
        """What to do where the refresh token is no good."""
        return "Get another at the issuer, and write it there"

    def issuer(self) -> Issuer:
        """Return the issuer as the client sees it to which the refresh token belongs."""
        return self.place.issuer(self.settings.client_id or None, public=self.settings.public)


SOURCE = RefreshToken
