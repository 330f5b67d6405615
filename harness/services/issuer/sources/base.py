"""What every source of credentials is: what it can do, its keys in the inventory, how it gives a token."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from pydantic import field_validator

from harness.clients.workstations import Workstation
from harness.errors import BeyondSource, SourceFailed
from harness.model import Infrastructure, Member, Record, Service
from harness.redaction import redactor
from harness.services.issuer.answers import IssuerAnswer
from harness.services.issuer.client import SCOPE, Issuer
from harness.services.issuer.sources import validity
from harness.services.issuer.sources.holding import Ability, Holding
from harness.services.issuer.sources.kept import Kept
from harness.services.issuer.tokens import Token

TOO_MUCH = frozenset({"invalid_scope", "invalid_target"})
"""Errors where more is asked for than a log-in has, or another part of it (RFC 6749, 5.2; RFC 8707, 2)."""


class Settings(Record):
    """The inventory keys that all sources have; each adds its own."""

    without: frozenset[Ability] = frozenset()
    """What the source could do and the issuer, or its client there, does not allow."""
    audience: tuple[str, ...] = ()
    """Whom the tokens are for, where none can be asked for; one name, or a list."""
    scope: str = ""
    """What the tokens permit, where nothing can be asked for."""

    @field_validator("audience", mode="before")
    @classmethod
    def _one_is_a_list(cls, given: object) -> object:
        return (given,) if isinstance(given, str) else given

    @property
    def holder(self) -> Hashable:
        """What two members cannot share, or they would be one user; None where nothing tells."""
        return None


@dataclass(frozen=True)
class Given:
    """An access token as a source gave it."""

    token: Token
    lifetime: float | None = None
    """Seconds, where the source says so."""


@dataclass(frozen=True)
class Place:
    """What a source finds around it: whose tokens it gives, and what it may use to get them."""

    infrastructure: Infrastructure
    member: Member
    any_audience: str
    issuer: Callable[..., Issuer]
    """Returns the issuer as seen by a client: `client_id`, and `public` where that has no secret."""
    secret: Callable[[str], str]
    """Returns a secret of the vault by its name."""
    kept: Callable[[str], Kept]
    """Returns a secret of the vault that its use replaces, by its name."""
    workstation: Callable[[], Workstation]
    """Returns the workstation of the infrastructure's users."""
    http: Callable[[], Any]
    """Returns a `harness.clients.http.Http` whose requests start there."""


class Source(ABC):
    """Gives the access tokens of one member."""

    name: ClassVar[str]
    """The word of the inventory."""
    can: ClassVar[frozenset[Ability]]
    """What it can do where the issuer allows all of it."""
    capability: ClassVar[str] = ""
    """What the issuer must declare in the inventory (`capabilities`), or the source gives no token."""
    keys: ClassVar[type[Settings]] = Settings
    """Its keys in the inventory."""

    def __init__(self, place: Place, settings: Settings, holding: Holding) -> None:
        self.place, self.settings, self.holding = place, settings, holding

    @classmethod
    def held(cls, settings: Settings | None, issuer: Service) -> Holding:
        """Return what it gives at an issuer; `settings` are None where nobody has written any yet."""
        if cls.capability and not issuer.offers(cls.capability):
            # The user may be known to the issuer all the same, and log in with a browser.
            return Holding(cls.name, cls.can & {Ability.LOG_IN}, undeclared=cls.capability)
        if settings is None:
            return Holding(cls.name, cls.can)
        return Holding(cls.name, cls.told(settings), settings.audience, settings.scope)

    @classmethod
    def told(cls, settings: Settings) -> frozenset[Ability]:
        """Return what it can do with these keys of the inventory."""
        return cls.can - settings.without

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it can do."""
        return self.holding.abilities

    @property
    def password(self) -> str:
        """What the user types at a log-in.

        Raises
        ------
        BeyondSource
            where the source has none.
        """
        self.require(Ability.LOG_IN)
        raise NotImplementedError(self.name)

    def issuer(self) -> Issuer:
        """Return the home issuer as the client sees it by which the tokens are asked for."""
        return self.place.issuer()

    def prepare(self, ask: Ask) -> None:
        """Get ready before anything runs; whoever must be asked is asked now."""
        del ask  # most have nobody to ask

    @abstractmethod
    def give(self, audience: str | None, scope: str) -> Given:
        """Return a new token as it comes; asked for by None and SCOPE where nothing can be chosen."""

    def get(self, audience: str | None, scope: str) -> Given:
        """Return a new token that makes sense: of the home's issuer, alive, with no more than was asked.

        Raises
        ------
        BeyondSource
            where the source cannot give such a one.
        SourceFailed
            where it gave none, or another.
        """
        given = self._given(audience, scope)
        try:
            validity.check(given.token, of=self.place.infrastructure)
            validity.check_scopes(given.token, scope, chosen=Ability.SCOPE in self.abilities)
        except ValueError as error:
            raise self.failed(str(error)) from None
        return given

    def _given(self, audience: str | None, scope: str) -> Given:
        """Ask for no more than can be asked for; what is not asked for must be right by itself."""
        self.require(Ability.TOKEN)
        self._check_asked(audience, scope)
        chosen = Ability.SCOPE in self.abilities
        given = self.give(
            audience if Ability.AUDIENCE in self.abilities else None, scope if chosen else SCOPE
        )
        if given.token.granted is None:
            # An issuer that names no scope has granted what was asked for (RFC 6749, section 5.1).
            granted = scope if chosen else self.settings.scope
            given = replace(given, token=replace(given.token, granted=granted))
        return given

    def ask(self, audience: str | None, scope: str) -> IssuerAnswer:
        """Ask the issuer as new and return its answer.

        Raises
        ------
        BeyondSource
            where somebody else asks in the testbed's place.
        """
        self.require(Ability.ANSWER)
        raise NotImplementedError(f"{self.name}: {audience}, {scope}")

    def require(self, ability: Ability) -> None:
        """Refuse what the source cannot do.

        Raises
        ------
        BeyondSource
            which says so, with member and source.
        """
        self._refuse(self.holding.lacks(ability))

    def failed(self, why: str) -> SourceFailed:
        """Return the error that says why there is no token, with member and source."""
        return SourceFailed(redactor.redact(f"{self.owner}: `{self.name}` {why}"))

    def beyond(self, why: str) -> BeyondSource:
        """Return the error that says what the issuer does not give so, with member and source."""
        return BeyondSource(redactor.redact(f"{self.owner}: `{self.name}` {why}"))

    @property
    def owner(self) -> str:
        """Whose it is, for messages."""
        return f"{self.place.member.name} of {self.place.infrastructure.name}"

    def _refuse(self, lacked: str) -> None:
        if lacked:
            raise BeyondSource(f"{self.owner}: {lacked}")

    def _check_asked(self, audience: str | None, scope: str) -> None:
        if audience is not None:
            known = self.place.any_audience
            self._refuse(self.holding.lacks_audience(audience, any_audience=known))
        self._refuse(self.holding.lacks_scope(scope))


class FirstHand(Source):
    """A source by which the testbed itself asks the issuer as new: what comes is the issuer's own answer.

    So it is judged as the issuer's, and not as the source's.
    """

    @abstractmethod
    def request(self, audience: str | None, scope: str) -> IssuerAnswer:
        """Send the request and return the issuer's answer."""

    def ask(self, audience: str | None, scope: str) -> IssuerAnswer:
        """Ask the issuer as new and return its answer."""
        self.require(Ability.ANSWER)
        return self.request(audience, scope)

    def give(self, audience: str | None, scope: str) -> Given:
        """Return the token of the answer."""
        return issued(self.request(audience, scope))

    def get(self, audience: str | None, scope: str) -> Given:
        """Return the token of the answer, whatever it is like."""
        return self._given(audience, scope)


class Fixed(Source):
    """A source that has one token, whoever asks for whatever."""

    can = frozenset({Ability.TOKEN})

    @abstractmethod
    def read(self) -> str:
        """Return the token as it stands there now.

        Raises
        ------
        ValueError
            where there is none; says where, and what is there instead.
        """

    def give(self, audience: str | None, scope: str) -> Given:
        """Return the token, for whomever it is: `get` has looked."""
        del audience, scope
        try:
            return Given(Token(self.read()))
        except ValueError as error:
            raise self.failed(str(error)) from None


class Ask:
    """Asks a person at the terminal. This one has none, as in a night that a timer starts."""

    @property
    def there(self) -> bool:
        """Whether somebody can be asked."""
        return False

    def show(self, message: str, *, url: str) -> None:
        """Show a message, and an address as a code that a telephone reads."""


def issued(answer: IssuerAnswer) -> Given:
    """Return the token of an issuer's answer.

    Raises
    ------
    AssertionError
        where none was issued.
    """
    return Given(answer.token, answer.lifetime)
