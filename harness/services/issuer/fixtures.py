"""Fixtures of the identity services: the route's users, the issuer, and the forge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.clients.browser import Browser
from harness.clients.workstations import Workstation, Workstations
from harness.engine.not_shown import NotRun
from harness.errors import PreconditionError
from harness.evidence import step
from harness.model import Infrastructure, Member, MemberKind, Route, Site, Testbed
from harness.provision import vault as vaults
from harness.provision.vault import Vault
from harness.services.issuer import stand_in
from harness.services.issuer.agent import OidcAgent
from harness.services.issuer.client import Issuer
from harness.services.issuer.forge import Forge
from harness.services.issuer.sources import source_of
from harness.services.issuer.sources.base import Place, Source
from harness.services.issuer.sources.kept import Kept
from harness.services.issuer.user import User
from harness.state import State


class Issuers:
    """The issuers of all infrastructures, with their clients and users."""

    def __init__(
        self, testbed: Testbed, vault: Vault, workstations: Workstations, state: State
    ) -> None:
        self._testbed, self._vault, self._workstations = testbed, vault, workstations
        self._state = state
        self._users: dict[tuple[Infrastructure, MemberKind], User] = {}

    def issuer(
        self,
        infrastructure: Infrastructure,
        *,
        client_id: str | None = None,
        public: bool = False,
        seen_from: str | None = None,
    ) -> Issuer:
        """Return an issuer as one of its clients sees it (the users' tools, unless another one is
        named).

        Requests start at the workstation of its own infrastructure, or of the one `seen_from`. A `public`
        client has no secret.
        """
        client_id = client_id or self._testbed.client_id
        return Issuer(
            infrastructure,
            http=self._workstations.http(seen_from or infrastructure.name),
            client_id=client_id,
            client_secret="" if public else self._secret(infrastructure, f"client_{client_id}"),
            redirect_uri=self._testbed.client_redirect_uri,
        )

    def usual_audience(self, infrastructure: Infrastructure) -> str:
        """Return the audience of a service of an infrastructure's home site."""
        return audience_of(self._testbed.home_site(infrastructure.name), self._testbed)

    def user(self, infrastructure: Infrastructure, kind: MemberKind) -> User:
        """Return the user of a kind at home; within a session always the same one, with the same
        tokens.
        """
        key = (infrastructure, kind)
        if key not in self._users:
            self._users[key] = self.login(infrastructure, infrastructure.member(kind))
        return self._users[key]

    def login(
        self, infrastructure: Infrastructure, member: Member, *, client_id: str | None = None
    ) -> User:
        """Return a user without a token, who acts through the users' tools or another client."""
        return User(self._source(infrastructure, member, client_id))

    def _source(
        self, infrastructure: Infrastructure, member: Member, client_id: str | None
    ) -> Source:
        """Return the source of a member's tokens, as the inventory chooses it.

        `client_id` is the client by which it asks where it names none itself.
        """
        place = Place(
            infrastructure=infrastructure,
            member=member,
            any_audience=self._testbed.any_audience,
            issuer=lambda named=None, *, public=False: self.issuer(
                infrastructure, client_id=named or client_id, public=public
            ),
            secret=lambda name: self._secret(infrastructure, name),
            kept=lambda name: Kept(self._state, infrastructure.name, name),
            workstation=lambda: self._workstations.at(infrastructure.name),
            http=lambda: self._workstations.http(infrastructure.name),
        )
        return source_of(place, self._testbed.issuer_service(infrastructure.name))

    def _secret(self, infrastructure: Infrastructure, name: str) -> str:
        name = vaults.key(name)
        try:
            return self._vault[infrastructure.name][name]
        except KeyError:
            raise PreconditionError(
                f"the secret `{name}` of {infrastructure.name} is missing. Add it to vault.json "
                "(docs/sites.md); `testbed up` creates the secrets of the hosts that it "
                "provisions."
            ) from None


def _acting(request: pytest.FixtureRequest, issuers: Issuers, home: Infrastructure) -> User:
    """Return a member, or the robot in the member's place (`harness.services.issuer.stand_in`)."""
    acting = request.node.stash.get(stand_in.ACTING, {})
    member, why = acting.get(home.name, (home.member("member"), ""))
    if why:
        with step(f"{why}: the robot {member.name} acts in place of a member"):
            pass
    return issuers.user(home, member.kind)


@pytest.fixture(scope="session")
def issuers(testbed: Testbed, vault: Vault, workstations: Workstations, state: State) -> Issuers:
    """The issuers of all infrastructures."""
    return Issuers(testbed, vault, workstations, state)


@pytest.fixture
def issuer(issuers: Issuers, route: Route) -> Issuer:
    """The issuer of the user's home, as the users' tools see it."""
    return issuers.issuer(route.home)


def audience_of(resource: Site, testbed: Testbed) -> str:
    """Return a service of a site, by the name that tokens for it carry; where none has one, any."""
    named = [service.audience for service in resource.services if service.audience]
    return named[0] if named else testbed.any_audience


@pytest.fixture
def audience(route: Route, testbed: Testbed) -> str:
    """The audience of a service of the resource; if no service declares one, the audience that
    every service accepts.
    """
    return audience_of(route.resource, testbed)


@pytest.fixture
def member(request: pytest.FixtureRequest, issuers: Issuers, route: Route) -> User:
    """A member of the home's VO. A robot takes the place where no member can act and the scenario
    is not about persons.
    """
    return _acting(request, issuers, route.home)


@pytest.fixture
def second(issuers: Issuers, route: Route) -> User:
    """Another member of the home's VO."""
    return issuers.user(route.home, "second")


def elsewhere_of(route: Route, testbed: Testbed) -> Infrastructure:
    """Return an infrastructure that is not the user's home: the site's, where the route crosses."""
    others = [one for one in testbed.infrastructures if one.name != route.home.name]
    return next((one for one in others if one.name == route.resource.infrastructure), others[0])


@pytest.fixture
def elsewhere(route: Route, testbed: Testbed) -> Infrastructure:
    """An infrastructure other than the user's home: that of the site, if the route crosses."""
    return elsewhere_of(route, testbed)


@pytest.fixture
def peer(request: pytest.FixtureRequest, issuers: Issuers, elsewhere: Infrastructure) -> User:
    """A member (or a robot) of another infrastructure's VO, with tokens of its issuer."""
    return _acting(request, issuers, elsewhere)


@pytest.fixture
def outsider(issuers: Issuers, route: Route) -> User:
    """A user of the home's AAI who belongs to another VO."""
    return issuers.user(route.home, "outsider")


@pytest.fixture
def suspended(issuers: Issuers, route: Route) -> User:
    """A member of the home's VO whom the home's AAI has suspended."""
    return issuers.user(route.home, "suspended")


@pytest.fixture
def robot(issuers: Issuers, route: Route) -> User:
    """An automated client of the home's VO."""
    return issuers.user(route.home, "robot")


@pytest.fixture
def monitor(issuers: Issuers, route: Route) -> User:
    """A member of the VO `ops`, who monitors the home's sites. The scenario is not run if the
    inventory has none.
    """
    if not any(member.kind == "monitor" for member in route.home.members):
        raise NotRun(f"the inventory names no user of {route.home.name} of kind `monitor`")
    return issuers.user(route.home, "monitor")


@pytest.fixture
def browser(workstations: Workstations, route: Route) -> Iterator[Browser]:
    """A new browser at the workstation of the user's home."""
    made = Browser(workstations.browser(route.home.name))
    yield made
    made.close()


@pytest.fixture
def agent(workstation: Workstation, issuer: Issuer) -> Iterator[OidcAgent]:
    """The oidc-agent of the home's users, without an account."""
    made = OidcAgent(workstation, issuer)
    yield made
    made.close()


@pytest.fixture(scope="session")
def forge(state: State) -> Forge:
    """Makes tokens that an honest issuer does not issue."""
    return Forge(state.issuer_keys)
