"""mytoken, a service that keeps a person's refresh token and gives access tokens for a token of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.answer import Answer
from harness.errors import Unreachable
from harness.model import WebAddress
from harness.services.issuer.answers import judged
from harness.services.issuer.client import SCOPE
from harness.services.issuer.sources import base
from harness.services.issuer.sources.base import TOO_MUCH, Given, Source, issued
from harness.services.issuer.sources.holding import Ability

_WELL_KNOWN = "/.well-known/mytoken-configuration"


class Settings(base.Settings):
    """The server."""

    url: WebAddress
    """Such as https://mytok.eu."""


class Mytoken(Source):
    """Asks a mytoken server with `mytoken_<member>` of the vault, where a new one is kept."""

    name = "mytoken"
    can = frozenset({Ability.TOKEN, Ability.AUDIENCE, Ability.SCOPE, Ability.REFRESH})
    keys = Settings
    settings: Settings

    def give(self, audience: str | None, scope: str) -> Given:
        """Return a new token; the mytoken that came with it is in the vault by then."""
        asked = {"grant_type": "mytoken", "oidc_issuer": self.place.infrastructure.issuer}
        if audience:
            asked["audience"] = audience
        if scope != SCOPE:
            asked["scope"] = scope
        answer = judged(self._answer(asked))
        if not answer.ok:
            said = answer.json.get("error_description") or answer.error or f"HTTP {answer.status}"
            why = f"was refused by {self.settings.url}: {str(said)[:300]}"
            if answer.error in TOO_MUCH and (audience or scope != SCOPE):
                raise self.beyond(f"{why}. List under `without` what the issuer does not allow")
            raise self.failed(why)
        try:
            return issued(answer)
        except AssertionError as error:
            raise self.failed(f"got no token: {error}") from None

    def _answer(self, asked: Mapping[str, str]) -> Answer:
        kept = self.place.kept(f"mytoken_{self.place.member.name}")
        if not kept.value:
            raise self.failed(
                f"has no token: there is no {kept.place}. Get one, and write it there"
            )
        try:
            endpoint = self._endpoint()
            with kept.alone():
                value = kept.value  # what another process may have left meanwhile
                answer = self._request("POST", endpoint, json={**asked, "mytoken": value})
                update = answer.json.get("token_update")
                new = update.get("mytoken") if isinstance(update, Mapping) else None
                if isinstance(new, str) and new not in ("", value):
                    kept.replace(new)
        except (Unreachable, AssertionError) as error:
            raise self.failed(f"cannot be reached: {error}") from None
        return answer

    def _endpoint(self) -> str:
        """Return where access tokens are given, as the server's own metadata say."""
        answer = self._request("GET", f"{self.settings.url.rstrip('/')}{_WELL_KNOWN}")
        endpoint = answer.expect_ok().json.get("access_token_endpoint")
        if not isinstance(endpoint, str):
            raise AssertionError(f"{answer.what} names no `access_token_endpoint`")  # noqa: TRY004
        return endpoint

    def _request(self, method: str, url: str, **rest: Any) -> Answer:
        answer: Answer = self.place.http().request(method, url, **rest)
        return answer


SOURCE = Mytoken
