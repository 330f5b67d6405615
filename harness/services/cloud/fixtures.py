"""Fixtures of the cloud services: a site's cloud, entered with the token of home.

Whoever acts is named by `by`: a user, who then holds a token of home for that site; a token, which is
used as it is; or None, who comes without one.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from harness import names
from harness.answer import Answer
from harness.clients.browser import Browser, Page
from harness.clients.random_data import RandomData, parse_size
from harness.clients.workstations import Workstations
from harness.errors import Unreachable
from harness.model import Infrastructure, Route, Site, Testbed
from harness.services.cloud.client import (
    OBJECT_STORE,
    Keystone,
    KeystoneAnswer,
    KeystoneToken,
    ObjectStore,
    OpenStackCommand,
)
from harness.services.cloud.first_logins import FirstLogins
from harness.services.cloud.sdk import connect
from harness.services.issuer.tokens import Token
from harness.services.issuer.user import User
from harness.shell import Completed
from harness.state import State

Actor = User | Token | None


class Cloud:
    """A site's cloud, as a user of an infrastructure sees it."""

    def __init__(
        self,
        keystone: Keystone,
        *,
        site: Site,
        workstations: Workstations,
        first_logins: FirstLogins,
    ) -> None:
        self.keystone = keystone
        self.site = site
        self._first_logins = first_logins
        self._home = keystone.home.name
        self._workstations = workstations
        self._containers: list[Container] = []

    @property
    def audience(self) -> str | None:
        """The audience of a token for this cloud."""
        return self.keystone.service.audience

    def login(self, *, by: Actor, of: Infrastructure | None = None) -> KeystoneAnswer:
        """Log in as a user of the home's issuer, at its identity provider or at that of another
        issuer.
        """
        token = self._held(by)
        with self._alone(token):
            return self.keystone.login(token, provider=self.keystone.provider(of))

    def enter(self, *, by: User | Token) -> KeystoneToken:
        """Log in, and return a token for the project of the virtual organisation."""
        token = self._token(by)
        with self._alone(token):
            return self.keystone.enter(token)

    def sign_on(self, browser: Browser, *, by: User) -> SignOn:
        """Log in with a browser: from the cloud to the home's issuer, and back.

        Raises
        ------
        AssertionError
            where the cloud leads elsewhere.
        """
        asked = browser.open(self.keystone.browser_login, until=by.issuer.authorization_endpoint)
        if asked.answer is not None:  # nowhere else does a user type a password
            raise AssertionError(
                f"the cloud does not lead to a log-in at the user's issuer: {asked.answer}"
            )
        with self._alone(by.token()):
            page = by.sign_in(browser, asked.url, back_to=self.keystone.dashboard)
        return SignOn(asked.query, self.keystone, page)

    def openstack(self, line: str, *, by: User) -> Completed:
        """Run a line of shell with the command `openstack` at the workstation."""
        command = OpenStackCommand(self.keystone, self._workstations.at(self._home))
        project = str(self.enter(by=by).project["id"])
        return command.run(line, token=self._token(by), project_id=project)

    def connection(self, *, by: User) -> Any:
        """Return an `openstack.connection.Connection`, as a user's program has it."""
        return connect(
            self.keystone,
            self._token(by),
            project_id=str(self.enter(by=by).project["id"]),
            http=self._workstations.http(self._home),
        )

    def container(self, *, by: User) -> Container:
        """Make a new container in the project's object store.

        Raises
        ------
        AssertionError
            where the object store does not make it.
        """
        token = self.enter(by=by)
        url = token.endpoint(OBJECT_STORE, region=self.keystone.terms.region)
        container = Container(ObjectStore(url, self._workstations.http(self._home)), owner=token)
        container.make().expect_ok()
        self._containers.append(container)
        return container

    def read(self, stored: StoredObject, *, by: User) -> Answer:
        """Read an object as a new user does, from the log-in on. Returns the first answer that
        refused.
        """
        answer = self.login(by=by)
        return stored.get(by=self.enter(by=by)) if answer.ok else answer

    def clear(self) -> None:
        """Remove the containers and their content."""
        for container in self._containers:
            container.remove()

    def _alone(self, token: Token | None) -> contextlib.AbstractContextManager[None]:
        return self._first_logins.one_at_a_time(self.keystone.service.host, token)

    def _held(self, by: Actor) -> Token | None:
        return by.token(self.audience) if isinstance(by, User) else by

    def _token(self, by: User | Token) -> Token:
        return by.token(self.audience) if isinstance(by, User) else by


@dataclass(frozen=True)
class SignOn:
    """A login with a browser."""

    asked: Mapping[str, str]
    """The parameters of the cloud's authorization request to the issuer."""
    keystone: Keystone
    page: Page
    """The last page."""

    @property
    def token(self) -> KeystoneToken:
        """The token that the cloud gives to the dashboard."""
        return self.keystone.handed_over(self.page)


class Container:
    """A new container of an object store. It is removed with its content after the test.

    Its requests are made by the owner's token, or by another credential (`by`): what is no Keystone
    token may be sent as one, and None sends nothing.
    """

    def __init__(self, store: ObjectStore, *, owner: KeystoneToken) -> None:
        self.store = store
        self.owner = owner
        self.name = names.fresh()

    def make(self) -> Answer:
        """Make it."""
        return self.store.put(self.name, token=self.owner)

    def put(self, size: str) -> StoredObject:
        """Store random bytes: `1 MiB`.

        Raises
        ------
        AssertionError
            where the object store does not take them.
        """
        stored = StoredObject(self, secrets.token_hex(4), RandomData(parse_size(size)).content)
        stored.upload().expect_ok()
        return stored

    def list(self) -> list[str]:
        """Return the names of the objects."""
        return self.store.get(self.name, token=self.owner).expect_ok().text.splitlines()

    def remove(self) -> None:
        """Remove it, as far as the object store permits."""
        # Where nobody answers there is nothing to remove by; the scenario itself has said so.
        with contextlib.suppress(Unreachable, AssertionError):
            for name in self.list():
                self.store.delete(f"{self.name}/{name}", token=self.owner)
            self.store.delete(self.name, token=self.owner)


@dataclass(frozen=True)
class StoredObject:
    """An object, and the content that it should have."""

    container: Container
    name: str
    content: bytes

    @property
    def md5(self) -> str:
        """The MD5 checksum of the content, computed here; Swift identifies objects by it."""
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()

    @property
    def path(self) -> str:
        """Its path in the account."""
        return f"{self.container.name}/{self.name}"

    def upload(self) -> Answer:
        """Store the bytes."""
        store = self.container.store
        return store.put(self.path, self.content, token=self.container.owner)

    def get(self, *, by: KeystoneToken | str | None) -> Answer:
        """Read it."""
        return self.container.store.get(self.path, token=by)

    def delete(self) -> Answer:
        """Delete it."""
        return self.container.store.delete(self.path, token=self.container.owner)

    def etag(self) -> str:
        """Return the MD5 checksum that the object store reports."""
        answer = self.container.store.head(self.path, token=self.container.owner).expect_ok()
        return answer.headers.get("etag", "").strip().removeprefix("W/").strip('"').lower()


class Clouds:
    """The clouds of a route, used from the workstation of the user's home."""

    def __init__(self, open_cloud: Callable[[Site], Cloud], testbed: Testbed) -> None:
        self._open_cloud, self._testbed = open_cloud, testbed
        self._opened: list[Cloud] = []

    def at(self, where: Infrastructure | Site) -> Cloud:
        """Return the cloud of a site, or of the first site of an infrastructure.

        Raises
        ------
        LookupError
            where the site has no Keystone.
        """
        site = self._testbed.home_site(where.name) if isinstance(where, Infrastructure) else where
        cloud = self._open_cloud(site)
        self._opened.append(cloud)
        return cloud

    def close(self) -> None:
        """Remove everything that was stored."""
        for cloud in self._opened:
            cloud.clear()


@pytest.fixture(scope="session")
def first_logins(state: State) -> FirstLogins:
    """Makes sure that, over all workers, only one first log-in of a user at a cloud happens at a
    time.
    """
    return FirstLogins(state.first_logins)


@pytest.fixture
def cloud(
    testbed: Testbed, workstations: Workstations, route: Route, first_logins: FirstLogins
) -> Iterator[Clouds]:
    """The clouds. What a test stores there is removed when it ends."""

    def open_cloud(site: Site) -> Cloud:
        service = site.service("org.openstack.keystone")
        keystone = Keystone(service, home=route.home, http=workstations.http(route.home.name))
        return Cloud(keystone, site=site, workstations=workstations, first_logins=first_logins)

    made = Clouds(open_cloud, testbed)
    yield made
    made.close()
