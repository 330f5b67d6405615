"""A user of an infrastructure, who holds tokens and logs in with a browser."""

from __future__ import annotations

from functools import cached_property
from urllib.parse import parse_qs, urlsplit

from harness.clients.browser import Browser, Page
from harness.errors import Unusable
from harness.model import Infrastructure, Member
from harness.redaction import redactor
from harness.services.issuer.answers import IssuerAnswer
from harness.services.issuer.client import SCOPE, Authorization, DevicePrompt, Issuer
from harness.services.issuer.login_forms import Entries, fill_in
from harness.services.issuer.sources.base import Source
from harness.services.issuer.sources.holding import Ability
from harness.services.issuer.tokens import Token
from harness.services.issuer.wallet import Wallet


class User:
    """A member of an infrastructure, with tokens. A robot is a client of its own.

    Parameters
    ----------
    source
        how the user's access tokens are had.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self._wallet = Wallet(source.get)

    @property
    def member(self) -> Member:
        """The user, as the inventory describes it."""
        return self.source.place.member

    @cached_property
    def issuer(self) -> Issuer:
        """The home issuer, as the user's tools speak to it; for a robot, as the robot itself does."""
        return self.source.issuer()

    @property
    def name(self) -> str:
        """The user name for the log-in."""
        return self.member.name

    @property
    def infrastructure(self) -> Infrastructure:
        """The user's home."""
        return self.source.place.infrastructure

    def token(
        self, audience: str | None = None, scope: str = SCOPE, *, as_given: bool = False
    ) -> Token:
        """Return an access token for an audience. A token from before is used again if it is valid
        long enough.

        `as_given` is for who judges tokens: what the issuer gave is returned, whoever it is for.

        Raises
        ------
        AssertionError
            where the issuer gives none; `ask` returns its answer instead.
        BeyondSource, SourceFailed
            where the source of the user's tokens cannot give such a one, or gives none.
        Unusable
            where it gives one for something else, so that every service would refuse it.
        """
        if as_given:
            self.source.require(Ability.ANSWER)
        token = self._wallet.token(audience, scope)
        if audience and not as_given and not token.is_for(audience):
            home = self.infrastructure
            named = token.claims.get("aud") or "no particular audience"
            if not self.is_first_hand:
                raise self.source.failed(
                    f"was asked for a token for {audience}, and gave one for {named}. If no "
                    "audience can be requested, write `without: [audience]`, and put the "
                    "audience of its tokens into `audience`"
                )
            raise Unusable(
                f"{home.issuer} was asked (by `{'` and `'.join(home.audience_parameter)}`) for a token for "
                f"{audience}, and gave one for {named}, which "
                "the service would refuse. Allow that audience for the client at the issuer, or "
                "name the parameter that the issuer supports: `audience_parameter` of "
                f"{home.name} in the inventory "
                "(docs/sites.md)."
            )
        return token

    def ask(self, *, audience: str | None = None, scope: str = SCOPE) -> IssuerAnswer:
        """Ask the issuer for a new token, and return its answer.

        Raises
        ------
        BeyondSource
            where the testbed does not ask the user's issuer itself.
        """
        if "offline_access" in scope.split():
            self.source.require(Ability.REFRESH_TOKEN)
        return self.source.ask(audience, scope)

    @property
    def is_first_hand(self) -> bool:
        """Whether the tokens come directly from the issuer, so that they show what it does."""
        return Ability.ANSWER in self.source.abilities

    def expect_scopes(self, token: Token, scope: str) -> Token:
        """Return a token that has the whole scope; otherwise fail.

        Raises
        ------
        AssertionError
            where the issuer granted less than was asked.
        SourceFailed
            where a source gave less, of which the issuer may know nothing.
        """
        missing = " ".join(sorted(set(scope.split()) - token.scopes))
        if missing and not self.is_first_hand:
            raise self.source.failed(f"was asked for {scope}, but its token lacks {missing}")
        assert not missing, f"the issuer did not grant {missing}: {token}"
        return token

    def log_in(self, browser: Browser, authorization: Authorization) -> str:
        """Log in with a browser, consent, and return the code that comes back.

        Raises
        ------
        AssertionError
            where the issuer sends no code; says where the browser stands instead.
        """
        page = self.go_through(browser, authorization)
        query = parse_qs(urlsplit(page.url).query)
        if page.answer is not None:
            raise AssertionError(f"no code was returned; the browser is at {page.answer}")
        if query.get("state") != [authorization.state]:
            raise AssertionError("the returned code belongs to another log-in")
        if "code" not in query:
            raise AssertionError(f"no code was returned, only {sorted(query.items())}")
        return redactor.remember(query["code"][0])

    def go_through(self, browser: Browser, authorization: Authorization) -> Page:
        """Log in with a browser and consent, and return the last page.

        Its `answer` is None where the issuer sent the browser on to the client's address.
        """
        address = authorization.redirect_uri
        page = browser.open(authorization.url, until=address)
        return fill_in(browser, page, self._entries(), until=address)

    def sign_in(self, browser: Browser, url: str, *, back_to: str) -> Page:
        """Log in where a service has sent the browser, and follow the redirects back to the
        service.

        Return the page that has a form to the address `back_to`, or that on which the login ended without.
        """
        return fill_in(browser, browser.open(url), self._entries(), back_to=back_to)

    def approve(self, browser: Browser, device: DevicePrompt) -> Page:
        """Sign a device in with a browser, and return the last page."""
        return self._decide(browser, device, deny=False)

    def deny(self, browser: Browser, device: DevicePrompt) -> Page:
        """Refuse a device at the issuer, with a browser."""
        return self._decide(browser, device, deny=True)

    def _decide(self, browser: Browser, device: DevicePrompt, *, deny: bool) -> Page:
        entries = self._entries(user_code=device.user_code, deny=deny)
        return fill_in(browser, browser.open(device.verification_uri), entries)

    def _entries(self, *, user_code: str = "", deny: bool = False) -> Entries:
        return Entries(self.name, self.source.password, user_code=user_code, deny=deny)
