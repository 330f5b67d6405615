"""The domain: a testbed is infrastructures with their sites, services, members, and the routes between.

All records are immutable. They are made from an Ansible inventory by `harness.inventory`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

ServiceType = Literal[
    "egi.aai.oidc",
    "org.openstack.keystone",
    "org.openstack.swift",
    "webdav",
    "XRootD",
    "org.nordugrid.arex",
    "org.opensciencegrid.htcondorce",
]
"""Service types by their names in the GOCDB (EGI's configuration database), as far as we have clients."""

MemberKind = Literal["member", "second", "outsider", "suspended", "robot", "monitor", "leaver"]
"""Two members of the VO, a user who is in none, a suspended member, an automated client, a member of
the VO `ops`, by whom the infrastructure watches its sites, and members whom drills suspend for a while."""

TokenProfile = Literal["wlcg", "rfc9068"]


class Record(BaseModel):
    """Immutable, and refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Member(Record):
    """A test user at an infrastructure's AAI; `account` is the local account at computing elements."""

    name: str
    kind: MemberKind
    account: str | None = None


class Infrastructure(Record):
    """A research infrastructure with its own issuer (AAI) and its virtual organisation.

    `network` is None where the harness makes no network (real sites).
    """

    name: str
    title: str
    domain: str
    issuer: str
    jwks_uri: str
    signing_alg: Literal["RS256", "ES256"]
    subject_scope: str
    vo: str
    entitlement: str
    robot_entitlement: str
    other_entitlement: str
    ops_entitlement: str | None = None
    """Of the members of the VO `ops`, where the infrastructure has a user of kind `monitor`."""
    members: tuple[Member, ...]
    groups: tuple[str, ...] = ()
    """Groups of the VO, beside the VO itself, for which its members may ask: `/vo/production`."""
    network: IPv4Network | None = None
    address: str | None = None
    """Where the issuer is reached, where that is not by its name: a broken one of `testbed prove`."""

    @model_validator(mode="after")
    def _monitors_are_of_ops(self) -> Infrastructure:
        """A monitor is known by the entitlement of the VO `ops`."""
        if self.ops_entitlement is None and any(m.kind == "monitor" for m in self.members):
            raise ValueError("a member of kind `monitor` needs `ops_entitlement`")
        return self

    def member(self, kind: MemberKind) -> Member:
        """Return the member of this kind.

        Raises
        ------
        LookupError
            where the infrastructure has none.
        """
        for member in self.members:
            if member.kind == kind:
                return member
        raise LookupError(f"{self.name} has no member of kind {kind!r}")


class Host(Record):
    """A machine of the testbed; `address` is None for a router, which has one for each network."""

    name: str
    infrastructure: str | None
    site: str | None
    roles: tuple[str, ...]
    connection: str
    target: str
    """What the connection reaches: a container's name, or a host for SSH."""
    user: str = "root"
    address: IPv4Address | None = None
    addresses: dict[str, IPv4Address] = {}
    mutant: bool = False
    """True of a host that only `testbed prove` starts: it makes services that have a fault."""


class Login(Record):
    """How users of another infrastructure log in at a Keystone; sites differ in all of it."""

    protocol: str
    """Name of the federation protocol there: `openid`, `oidc`."""
    project: str
    """Name of the virtual organisation's project there."""
    identity_providers: dict[str, str] = {}
    """Infrastructure -> name of its issuer there, where it is not the infrastructure's own name."""
    dashboard: str | None = None
    """Address that the site trusts with the tokens of users who log in with a browser."""


class Service(Record):
    """An endpoint that a site offers, as its inventory declares it."""

    type: ServiceType
    endpoint: str
    implementation: str
    host: str
    site: str
    infrastructure: str
    token_profile: TokenProfile
    audience: str | None = None
    capabilities: frozenset[str] = frozenset()
    scope_prefix: Annotated[str, Field(pattern=r"^(/[^/\s]+)*$")] = ""
    """Of a storage: the path of its URLs from which on the paths of scopes are meant; the root where empty.

    WLCG Token Profile 1.3, section 2.2.3. A service that has one offers the capability `scope-prefix`.
    """
    login: Login | None = None
    """Of a Keystone."""

    @model_validator(mode="after")
    def _prefix_begins_the_endpoint(self) -> Service:
        """What is mapped to an issuer is the endpoint's own area, or one around it."""
        path = f"/{urlsplit(self.endpoint).path.strip('/')}/"
        if not path.startswith(f"{self.scope_prefix}/"):
            raise ValueError(
                f"scope_prefix {self.scope_prefix} is no beginning of the path of {self.endpoint}"
            )
        return self

    @property
    def origin(self) -> str:
        """Scheme, host and port of the endpoint."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc}"

    def offers(self, capability: str) -> bool:
        """Tell whether the site declares this capability."""
        return capability in self.capabilities or (
            capability == "scope-prefix" and bool(self.scope_prefix)
        )


class Site(Record):
    """A resource centre: services under one name, belonging to one infrastructure."""

    name: str
    infrastructure: str
    services: tuple[Service, ...]

    def service(
        self,
        *types: ServiceType,
        implementation: str | None = None,
        capability: str | None = None,
    ) -> Service:
        """Return the first service of one of the types (and that implementation, or with that capability).

        Raises
        ------
        LookupError
            where the site offers none.
        """
        for service in self.services:
            if (
                service.type in types
                and implementation in (None, service.implementation)
                and (capability is None or service.offers(capability))
            ):
                return service
        asked = ", ".join(filter(None, (implementation, capability)))
        wanted = " or ".join(types) + (f" ({asked})" if asked else "")
        raise LookupError(f"site {self.name} offers no {wanted}")


class Route(Record):
    """From the infrastructure of a user to the site of a resource.

    Routes that stay at home are the control of those that cross: what fails at home too is no
    failure of interoperability.
    """

    home: Infrastructure
    resource: Site

    @property
    def id(self) -> str:
        """`home:resource`, as `--route` takes it."""
        return f"{self.home.name}:{self.resource.infrastructure}"

    @property
    def is_control(self) -> bool:
        """True where user and resource belong to the same infrastructure."""
        return self.home.name == self.resource.infrastructure

    def __str__(self) -> str:
        return self.id


class Testbed(Record):
    """Everything that one inventory describes."""

    __test__ = False

    name: str
    inventory: str
    any_audience: str
    token_lifetime: int
    client_id: str
    client_redirect_uri: str
    brief_client_id: str | None = None
    """Client of the users' tools whose access tokens are soon over, where the issuers have one."""
    infrastructures: tuple[Infrastructure, ...]
    sites: tuple[Site, ...]
    hosts: tuple[Host, ...]
    mutants: tuple[Host, ...] = ()
    """Hosts that only `testbed prove` starts."""

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every ordered pair of home infrastructure and resource site, cross routes first."""
        pairs = [Route(home=i, resource=s) for i in self.infrastructures for s in self.sites]
        return tuple(sorted(pairs, key=lambda route: route.is_control))

    def infrastructure(self, name: str) -> Infrastructure:
        """Return the infrastructure of that name."""
        return _named(self.infrastructures, name, "infrastructure")

    def host(self, name: str) -> Host:
        """Return the host of that name."""
        return _named((*self.hosts, *self.mutants), name, "host")

    def home_site(self, infrastructure: str) -> Site:
        """Return the first site of an infrastructure: where a user's own data lie."""
        for site in self.sites:
            if site.infrastructure == infrastructure:
                return site
        raise LookupError(f"infrastructure {infrastructure} has no site")

    def issuer_service(self, infrastructure: str) -> Service:
        """Return the AAI of an infrastructure."""
        return self.home_site(infrastructure).service("egi.aai.oidc")

    def workstation(self, infrastructure: str) -> Host:
        """Return the host where a user of that infrastructure types commands."""
        for host in self.hosts:
            if host.infrastructure == infrastructure and "ui" in host.roles:
                return host
        raise LookupError(f"infrastructure {infrastructure} has no host with the role `ui`")

    def services(self) -> Iterator[Service]:
        """All services of all sites."""
        for site in self.sites:
            yield from site.services


Named = TypeVar("Named", Infrastructure, Host)


def _named(records: Iterable[Named], name: str, what: str) -> Named:
    for record in records:
        if record.name == name:
            return record
    raise LookupError(f"no {what} named {name!r}")
