"""The domain: a testbed is infrastructures with their sites, services, members, and the routes between.

All records are immutable. They are made from an Ansible inventory by `harness.inventory`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from harness import names, routes
from harness.budget import Budget, Contact
from harness.errors import NoSuchService
from harness.extent import Extent, includes

ISSUER = "egi.aai.oidc"
"""Service type of an infrastructure's AAI."""

ServiceType = str
"""A service type by its name in the GOCDB (EGI's configuration database); kinds declare theirs."""

MemberKind = Literal["member", "second", "outsider", "suspended", "robot", "monitor", "leaver"]
"""Two members of the VO, a user who is in none, a suspended member, an automated client, a member of
the VO `ops`, by whom the infrastructure watches its sites, and members whom drills suspend for a while."""

TokenProfile = Literal["wlcg", "rfc9068"]

AudienceParameter = Literal["resource", "audience"]
"""How a client names the service that a token is for: RFC 8707, or as Keycloak and older IAM have it."""

LONGEST_LIFE = 30 * 24 * 3600
"""Seconds; no access token should live for so long (RFC 9700, section 2.2)."""


def _no_truth(value: object) -> object:
    """Refuse `yes` where a number is expected: Python takes it for 1."""
    if isinstance(value, bool):
        raise ValueError("a number of seconds is expected")  # noqa: TRY004, pydantic takes no TypeError
    return value


def _web(url: str) -> str:
    """Check an address that a browser could open."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or set(url) & set(" \t\r\n"):
        raise ValueError("a URL is expected, such as https://aai.example.org")
    _ = parts.port  # raises ValueError
    return url


Seconds = Annotated[int, BeforeValidator(_no_truth), Field(gt=0, le=LONGEST_LIFE)]
WebAddress = Annotated[str, AfterValidator(_web)]


class Record(BaseModel):
    """An immutable record that refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Credentials(BaseModel):
    """How a member's tokens are had: a source, and the keys that this source alone knows, as plain data."""

    model_config = ConfigDict(frozen=True, extra="allow")

    source: str

    @property
    def data(self) -> dict[str, Any]:
        """The keys and their values."""
        return dict(self.model_extra or {})


class Member(Record):
    """A test user at an infrastructure's AAI; `account` is the local account at computing elements."""

    name: Annotated[str, AfterValidator(names.MEMBER.checked)]
    kind: MemberKind
    account: Annotated[str, AfterValidator(names.ACCOUNT.checked)] | None = None
    credentials: Credentials | None = None
    """In the inventory a source, or a mapping; by default a password, and a robot is its own client."""

    @field_validator("credentials", mode="before")
    @classmethod
    def _a_word_is_a_source(cls, given: object) -> object:
        """A source without keys is written as one word."""
        return {"source": given} if isinstance(given, str) else given

    @property
    def held_by(self) -> Credentials:
        """The credentials, also where the inventory leaves them to the default."""
        default = "client-credentials" if self.kind == "robot" else "password"
        return self.credentials or Credentials(source=default)


class ClaimNames(Record):
    """The claims by which an issuer tells of its users; AAIs name them differently."""

    entitlements: str = "eduperson_entitlement"
    """Memberships (AARC-G069); `entitlements` where RFC 9068 is followed."""
    assurance: str = "eduperson_assurance"
    """How well a user is known (AARC-G021)."""
    user: str = "voperson_id"
    """The name that is the user's for ever, with the issuer's scope (AARC-G026)."""


class Infrastructure(Record):
    """A research infrastructure with its own issuer (AAI) and its virtual organisation.

    `network` is None where the harness makes no network (real sites).
    """

    name: Annotated[str, AfterValidator(names.INFRASTRUCTURE.checked)]
    title: str
    domain: str
    issuer: WebAddress
    jwks_uri: WebAddress
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
    audience_parameter: tuple[AudienceParameter, ...] = ("resource",)
    """The parameters by which its issuer is asked for an audience; in the inventory one, or a list."""
    claims: ClaimNames = ClaimNames()
    network: IPv4Network | None = None
    address: str | None = None
    """Where the issuer is reached, where that is not by its name: a broken one of `testbed prove`."""

    @field_validator("audience_parameter", mode="before")
    @classmethod
    def _one_is_a_list(cls, given: object) -> object:
        """A single parameter is written without its list; there must be one."""
        if given in ([], ()):
            raise ValueError("name `resource`, `audience` or both")
        return (given,) if isinstance(given, str) else given

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


class Become(Record):
    """How another user's rights are had on a host (Ansible's `become`)."""

    user: str = "root"
    method: Literal["sudo", "su", "doas"] = "sudo"


class Host(Record):
    """A machine of the testbed; `address` is None for a router, which has one for each network."""

    name: Annotated[str, AfterValidator(names.HOST.checked)]
    infrastructure: str | None
    site: str | None
    roles: tuple[str, ...]
    connection: str
    target: str
    """What the connection reaches: a container's name, or a host for SSH."""
    user: str = "root"
    """As whom the connection is made; as OpenSSH's own configuration says where empty."""
    ssh: tuple[str, ...] = ("ssh",)
    """The words of the SSH client, up to the destination: program, port, key, jump host."""
    become: Become | None = None
    """As whom commands run that name no user, where that is not `user`."""
    address: IPv4Address | None = None
    addresses: dict[str, IPv4Address] = {}
    disturb: bool = False
    """Whether scenarios may disturb it: cut its routes, restart its services, change its names."""
    disturb_hours: str | None = None
    """When they may; at any time where it is None (`harness.budget.Budget`)."""
    certificate: Literal["testbed", "own"] = "testbed"
    """Whose its host certificate is: made by the testbed's authority, or the site's own, on the host."""
    extent: Extent = "core"
    """The least extent in which it is started; what is heavy belongs to the full one."""
    mutant: bool = False
    """True of a host that only `testbed prove` starts: it makes services that have a fault."""


class Settings(BaseModel):
    """The inventory keys of a service that its kind alone knows (`harness.kinds`), as plain data."""

    model_config = ConfigDict(frozen=True, extra="allow")

    @property
    def data(self) -> dict[str, Any]:
        """The keys and their values."""
        return dict(self.model_extra or {})


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
    """What the site declares that it can do, in words that its kind explains."""
    settings: Settings = Settings()
    """What its kind alone knows."""

    @field_validator("endpoint")
    @classmethod
    def _is_an_address(cls, endpoint: str) -> str:
        """Its host and its port can be told."""
        _ = urlsplit(endpoint).port  # raises ValueError
        return endpoint

    @property
    def origin(self) -> str:
        """Scheme, host and port of the endpoint."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc}"

    def offers(self, capability: str) -> bool:
        """Tell whether the site declares this capability."""
        return capability in self.capabilities


class Site(Record):
    """A resource centre: services under one name, belonging to one infrastructure."""

    name: Annotated[str, AfterValidator(names.SITE.checked)]
    infrastructure: str
    services: tuple[Service, ...]
    budget: Budget = Budget()
    """What the site lets the testbed use."""
    home: bool = False
    """True of the site that holds the data of the infrastructure's users."""

    def only(self, service: Service, *, of: Iterable[ServiceType]) -> Site:
        """Return the site with one service of some types, what stands on the same host first.

        It is the site as a scenario finds it that tests this service.
        """
        types = frozenset(of)
        others = [one for one in self.services if one.type not in types]
        kept = sorted((service, *others), key=lambda one: one.host != service.host)
        return self.model_copy(update={"services": tuple(kept)})

    def service(
        self,
        *types: ServiceType,
        capability: str | None = None,
    ) -> Service:
        """Return the first service of one of the types, and with that capability.

        Raises
        ------
        NoSuchService
            where the site offers none.
        """
        for service in self.services:
            if service.type in types and (capability is None or service.offers(capability)):
                return service
        wanted = " or ".join(types) + (f" with {capability}" if capability else "")
        raise NoSuchService(f"{self.name} offers no {wanted}")


class Route(Record):
    """From the infrastructure of a user to the site of a resource.

    Routes within an infrastructure are the control of those that cross: what fails there too does not
    arise from crossing.
    """

    home: Infrastructure
    resource: Site
    home_site: Site | None = None
    """In a proof, the user's home site with a broken service; None where it is the real one."""

    @property
    def id(self) -> str:
        """`home:SITE`, as `--route` takes it."""
        return routes.name(self.home.name, self.resource.name)

    @property
    def is_control(self) -> bool:
        """True where user and resource belong to the same infrastructure."""
        return self.home.name == self.resource.infrastructure

    def __str__(self) -> str:
        return self.id


class Testbed(Record):
    """Everything that one inventory describes."""

    __test__ = False

    name: Annotated[str, AfterValidator(names.TESTBED.checked)]
    inventory: str
    any_audience: str
    token_lifetime: Seconds
    client_id: str
    client_redirect_uri: str
    contact: Contact | None = None
    """Whom an administrator of a site asks about the testbed's requests: an address of mail, or a page."""
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

    def hosts_of(self, extent: Extent, *, mutants: bool = False) -> tuple[Host, ...]:
        """Return the hosts that are there in a testbed of this extent, in a proof the `mutants` too."""
        everyone = (*self.hosts, *self.mutants) if mutants else self.hosts
        return tuple(host for host in everyone if includes(extent, host.extent))

    def beyond(self, extent: Extent, hosts: Iterable[str]) -> Host | None:
        """Return the first of some hosts that is not there in a testbed of this extent; None if all are."""
        found = map(self.host, hosts)
        return next((host for host in found if not includes(extent, host.extent)), None)

    def sites_of(self, infrastructure: str) -> tuple[Site, ...]:
        """Return the sites of an infrastructure."""
        return tuple(site for site in self.sites if site.infrastructure == infrastructure)

    def site(self, name: str) -> Site:
        """Return the site of that name."""
        return _named(self.sites, name, "site")

    def home_site(self, infrastructure: str) -> Site:
        """Return the site that holds the data of an infrastructure's users."""
        for site in self.sites_of(infrastructure):
            if site.home:
                return site
        raise LookupError(f"infrastructure {infrastructure} has no home site")

    def issuer_service(self, infrastructure: str) -> Service:
        """Return the AAI of an infrastructure, at whichever of its sites it stands."""
        for site in self.sites_of(infrastructure):
            for service in site.services:
                if service.type == ISSUER:
                    return service
        raise LookupError(f"infrastructure {infrastructure} has no {ISSUER}")

    def select(self, routes_: Iterable[str] = (), sites: Iterable[str] = ()) -> tuple[Route, ...]:
        """Return the routes that patterns mean, all where none is given; `sites` narrow them further.

        Raises
        ------
        LookupError
            where a pattern or a site means nothing; says what there is.
        """
        patterns, wanted = list(routes_), list(sites)
        for pattern in patterns:
            if not any(self._meant(pattern, route) for route in self.routes):
                known = ", ".join(route.id for route in self.routes)
                raise LookupError(
                    f"unknown route {pattern!r}; there are {known}. `*` stands for any home or site, and "
                    "an infrastructure's name for all of its sites."
                )
        for name in wanted:
            if name not in {site.name for site in self.sites}:
                known = ", ".join(site.name for site in self.sites)
                raise LookupError(f"unknown site {name!r}; there are {known}.")
        return tuple(
            route
            for route in self.routes
            if (not patterns or any(self._meant(pattern, route) for pattern in patterns))
            and (not wanted or route.resource.name in wanted)
        )

    @staticmethod
    def _meant(pattern: str, route: Route) -> bool:
        return routes.matches(
            pattern,
            home=route.home.name,
            resource=route.resource.infrastructure,
            site=route.resource.name,
        )

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


Named = TypeVar("Named", Infrastructure, Host, Site)


def _named(records: Iterable[Named], name: str, what: str) -> Named:
    for record in records:
        if record.name == name:
            return record
    raise LookupError(f"no {what} named {name!r}")
