"""Fixtures of the storage services: a fresh folder at an endpoint, and the files in it.

Whoever acts is named by `by`: a user, who then holds a token for all that one may do with data
there; a token, which is used as it is; or None, who comes without one.
"""

from __future__ import annotations

import contextlib
import secrets
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import pytest

from harness import names
from harness.answer import Answer
from harness.clients.data import Data, GivenData
from harness.clients.random_data import RandomData, parse_size
from harness.clients.workstations import Workstation, Workstations
from harness.errors import Unreachable
from harness.model import Infrastructure, Route, Service, Site, Testbed
from harness.services.issuer.tokens import Token
from harness.services.issuer.user import User
from harness.services.storage.client import FULL_SCOPE, WebDav
from harness.services.storage.commands import StorageCommands
from harness.services.storage.digests import algorithm as digest_algorithm
from harness.services.storage.digests import parse_digest
from harness.services.storage.kind import WEBDAV, XROOT

Actor = User | Token | None


class Area:
    """A new folder at a WebDAV endpoint. It is removed with its content after the test.

    Parameters
    ----------
    owner
        the user who makes the folder, and removes it.
    """

    def __init__(self, webdav: WebDav, *, owner: User) -> None:
        self.webdav = webdav
        self.owner = owner
        self.name = names.fresh()
        self._stored: list[str] = []
        self._made = False

    @property
    def service(self) -> Service:
        """The service at which it is."""
        return self.webdav.service

    @property
    def audience(self) -> str | None:
        """The audience of a token for this storage."""
        return self.webdav.service.audience

    def scope(self, *actions: str, path: str = "") -> str:
        """Return a scope: `storage.read` on this folder, or on a path in it."""
        where = self.webdav.scope_path(f"{self.name}/{path}".rstrip("/"))
        return " ".join(f"{action}:{where}" for action in actions)

    def token(self, user: User, *actions: str, path: str = "") -> Token:
        """Return a user's token that permits these actions here, such as `storage.read`.

        Raises
        ------
        AssertionError
            where the issuer grants less than was asked.
        """
        wanted = self.scope(*actions, path=path)
        return user.expect_scopes(user.token(self.audience, wanted), wanted)

    def path(self, name: str = "") -> str:
        """Return the path of a file of this folder. The folder is made if it does not exist.

        The file is removed after the test, whoever stores it; and so are the folders of its name.
        """
        if not self._made:
            self.webdav.mkcol(self.name, token=self._held(self.owner)).expect_ok()
            self._made = True
        path = f"{self.name}/{name or secrets.token_hex(4)}"
        parents = [f"{parent}/" for parent in reversed(PurePosixPath(path).parents[:-2])]
        self._stored.extend(made for made in (*parents, path) if made not in self._stored)
        return path

    def file(self, name: str = "", *, size: str = "1 KiB") -> File:
        """Return a file of this folder, not stored yet."""
        return File(self, self.path(name), RandomData(parse_size(size)))

    def put(self, size: str, *, by: Actor, name: str = "") -> File:
        """Store random bytes: `1 MiB`.

        Raises
        ------
        AssertionError
            where the storage does not take them.
        """
        file = self.file(name, size=size)
        file.upload(by=by).expect_ok()
        return file

    def keep(self, content: bytes, *, by: Actor, name: str = "") -> File:
        """Store given bytes, such as a scientist's input.

        Raises
        ------
        AssertionError
            where the storage does not take them.
        """
        file = File(self, self.path(name), GivenData(content))
        file.upload(by=by).expect_ok()
        return file

    def copy_of(self, source: File, name: str = "") -> File:
        """Return a file of this folder that will have the content of another one, once that is
        copied.
        """
        return File(self, self.path(name), source.data)

    def pull(self, source: File, *, by: User, name: str = "") -> File:
        """Ask this storage to fetch a file from another one (third-party copy, pull).

        Raises
        ------
        AssertionError
            where the copy is not reported as a success.
        """
        copy = self.copy_of(source, name)
        copy.fetch(source, by=by, source_by=by).expect_ok()
        return copy

    def push(self, source: File, *, by: User, name: str = "") -> File:
        """Ask the storage of a file to send it here (third-party copy, push).

        Raises
        ------
        AssertionError
            where the copy is not reported as a success.
        """
        copy = self.copy_of(source, name)
        source.send(copy, by=by, destination_by=by).expect_ok()
        return copy

    def make_folder(self, name: str = "", *, by: Actor) -> Answer:
        """Make a folder in this one."""
        return self.webdav.mkcol(self.path(name), token=self._held(by))

    def list(self, *, by: Actor) -> Answer:
        """List this folder; its URL ends in a slash, as that of a collection should (RFC 4918, 5.2)."""
        return self.webdav.propfind(f"{self.name}/", token=self._held(by), depth=1)

    def remove(self) -> None:
        """Remove the folder and its content, as far as the storage permits."""
        if not self._made:
            return
        for path in [*reversed(self._stored), f"{self.name}/"]:
            # Where nobody answers there is nothing to remove by; the scenario itself has said so.
            with contextlib.suppress(Unreachable):
                self.webdav.delete(path, token=self._held(self.owner))

    def _held(self, by: Actor) -> Token | None:
        return by.token(self.audience, FULL_SCOPE) if isinstance(by, User) else by


@dataclass(frozen=True)
class File:
    """A file at a storage, and the content that it should have."""

    area: Area
    path: str
    data: Data

    @property
    def url(self) -> str:
        """Its address."""
        return self.area.webdav.url(self.path)

    @property
    def name(self) -> str:
        """Its name in the folder."""
        return self.path.rpartition("/")[2]

    def upload(self, *, by: Actor, conditions: Mapping[str, str] | None = None) -> Answer:
        """Store the bytes; under conditions where there are any: `{"If-None-Match": "*"}`."""
        token = self._held(by)
        return self.area.webdav.put(self.path, self.data, token=token, conditions=conditions)

    def get(self, *, by: Actor, byte_range: str = "", scheme: str = "") -> Answer:
        """Download, or a range of the bytes: `0-99`; `scheme` spells `Bearer` in another way."""
        token = self._held(by)
        return self.area.webdav.get(self.path, token=token, byte_range=byte_range, scheme=scheme)

    def stat(self, *, by: Actor) -> Answer:
        """Ask for its size and time of change."""
        return self.area.webdav.head(self.path, token=self._held(by))

    def delete(self, *, by: Actor) -> Answer:
        """Delete."""
        return self.area.webdav.delete(self.path, token=self._held(by))

    def move(self, to: File, *, by: Actor, overwrite: bool = True) -> Answer:
        """Rename."""
        token = self._held(by)
        return self.area.webdav.move(self.path, to.path, token=token, overwrite=overwrite)

    def duplicate(self, to: File, *, by: Actor, overwrite: bool = True) -> Answer:
        """Copy to another file at the same endpoint."""
        token = self._held(by)
        return self.area.webdav.duplicate(self.path, to.path, token=token, overwrite=overwrite)

    def fetch(
        self,
        source: File,
        *,
        by: Actor,
        source_by: Actor,
        overwrite: bool = True,
        destination: File | None = None,
        source_url: str = "",
        passed_on: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask the storage of this file to pull `source` into it.

        A `destination` beside it makes a request that no client may send (HTTP-TPC, request). The
        source can be named by another URL than its own; `passed_on` are headers for it.
        """
        return self.area.webdav.pull(
            self.path,
            source_url or source.url,
            token=self._held(by),
            source_token=source._held(source_by),
            overwrite=overwrite,
            destination=destination.url if destination else None,
            passed_on=passed_on,
        )

    def abandon(
        self, source: File, *, by: Actor, source_by: Actor, source_url: str = "", after: float = 2
    ) -> None:
        """Ask the storage of this file to pull `source`, and close the connection after `after`
        seconds without an answer.
        """
        self.area.webdav.abandon_pull(
            self.path,
            source_url or source.url,
            token=self._held(by),
            source_token=source._held(source_by),
            after=after,
        )

    def send(
        self,
        destination: File,
        *,
        by: Actor,
        destination_by: Actor,
        overwrite: bool = True,
        passed_on: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask the storage of this file to push it to `destination`; `passed_on` are headers for
        that transfer.
        """
        return self.area.webdav.push(
            self.path,
            destination.url,
            token=self._held(by),
            destination_token=destination._held(destination_by),
            overwrite=overwrite,
            passed_on=passed_on,
        )

    def checksum(self, algorithm: str) -> str:
        """Return the checksum that the storage reports (RFC 3230), in hexadecimal.

        Raises
        ------
        AssertionError
            where it tells none.
        """
        owner = self._held(self.area.owner)
        answer = self.area.webdav.head(self.path, token=owner, want_digest=algorithm).expect_ok()
        told = answer.headers.get("digest", "")
        digests, wanted = parse_digest(told), digest_algorithm(algorithm)
        assert wanted in digests, (
            f"the storage reports no readable {algorithm}, but `Digest: {told}`: {answer}"
        )
        return digests[wanted]

    def read_adler32(self) -> str:
        """Download the file, and return the Adler-32 checksum of what arrived."""
        body = self.get(by=self.area.owner).expect_ok().body
        return f"{zlib.adler32(body):08x}"

    def _held(self, by: Actor) -> Token | None:
        return self.area._held(by)


class Storages:
    """The storage endpoints of a route, used from the workstation of the user's home."""

    def __init__(
        self, open_area: Callable[[Service], Area], testbed: Testbed, route: Route | None = None
    ) -> None:
        self._open_area, self._testbed, self._route = open_area, testbed, route
        self._areas: list[Area] = []

    def at(self, where: Infrastructure | Site | Service, *, capability: str | None = None) -> Area:
        """Make a new folder at a WebDAV endpoint of a site, or of the home site of an
        infrastructure.

        Raises
        ------
        LookupError
            where the site offers none (with that capability).
        """
        if isinstance(where, Infrastructure):
            where = self._home_site(where)
        service = where.service(WEBDAV, capability=capability) if isinstance(where, Site) else where
        area = self._open_area(service)
        self._areas.append(area)
        return area

    def _home_site(self, infrastructure: Infrastructure) -> Site:
        """Return the home site; in a proof, the one of the route's user may be broken."""
        if self._route and self._route.home_site and self._route.home.name == infrastructure.name:
            return self._route.home_site
        return self._testbed.home_site(infrastructure.name)

    def close(self) -> None:
        """Remove everything that was stored."""
        for area in self._areas:
            area.remove()


@pytest.fixture
def storage(
    testbed: Testbed, workstations: Workstations, route: Route, member: User
) -> Iterator[Storages]:
    """The storage endpoints. The files of the test are removed when it ends."""

    def open_area(service: Service) -> Area:
        return Area(WebDav(service, workstations.http(route.home.name)), owner=member)

    made = Storages(open_area, testbed, route)
    yield made
    made.close()


@pytest.fixture
def commands(workstation: Workstation) -> Iterator[StorageCommands]:
    """The storage commands at the user's workstation. Files that were brought there are removed
    after the test.
    """
    made = StorageCommands(workstation)
    yield made
    made.close()


@dataclass(frozen=True)
class Xroot:
    """The xroot endpoint of the remote storage: URLs for commands, and the member's token."""

    service: Service
    token: Token

    def url(self, file: File) -> str:
        """Return the xroot URL of a file that is also served by WebDAV."""
        return f"{self.service.endpoint.rstrip('/')}/{file.path}"


@pytest.fixture
def xroot(route: Route, member: User) -> Xroot:
    """The xroot endpoint of the remote storage."""
    service = route.resource.service(XROOT)
    return Xroot(service, member.token(service.audience, FULL_SCOPE))
