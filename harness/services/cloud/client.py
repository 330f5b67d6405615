"""OpenStack as a user from elsewhere meets it: log in with the token of home, then store objects.

A federated login makes of the home's token an unscoped Keystone token, and of that one for a project
(OpenStack Identity API v3, extension OS-FEDERATION).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlencode

from harness.answer import Answer, Fields, objects
from harness.clients.browser import Page
from harness.clients.http import Http
from harness.clients.workstations import Workstation
from harness.evidence import step
from harness.model import Infrastructure, Service
from harness.redaction import redactor
from harness.services.cloud.kind import KeystoneSettings, Login
from harness.services.issuer.tokens import Token
from harness.shell import Completed

OBJECT_STORE = "object-store"
"""Type of Swift in OpenStack's list of service types."""

_TIMEOUT = 120
"""Seconds that the openstack command may take; it needs some to start."""


@dataclass(frozen=True)
class KeystoneToken:
    """A token of a Keystone, and what Keystone said of it; shows its value to nobody."""

    value: str = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)

    def __post_init__(self) -> None:
        redactor.remember(self.value)

    @property
    def project(self) -> Mapping[str, Any]:
        """The project that it is scoped to: `id`, `name`, `domain`; empty where it is unscoped."""
        return _object(self.document, "project", Fields({}, of="an unscoped Keystone token"))

    @property
    def user(self) -> Mapping[str, Any]:
        """The user as Keystone knows the user: `id`, `name`, `OS-FEDERATION`."""
        return _object(self.document, "user")

    @property
    def roles(self) -> frozenset[str]:
        """The names of the user's roles in the project."""
        return frozenset(str(role["name"]) for role in objects(self.document.get("roles", [])))

    def endpoint(self, service_type: str, *, interface: str = "public") -> str:
        """Return the address of a service, as the catalogue in the token tells it.

        Raises
        ------
        AssertionError
            where the catalogue has none.
        """
        for service in objects(self.document.get("catalog", [])):
            if service.get("type") == service_type:
                for endpoint in objects(service.get("endpoints")):
                    if endpoint.get("interface") == interface:
                        return str(endpoint["url"])
        raise AssertionError(
            f"the catalogue in the Keystone token has no {interface} endpoint of {service_type}"
        )

    def __str__(self) -> str:
        user, project = self.document.get("user"), self.document.get("project")
        of, to = (one.get("name") if isinstance(one, dict) else None for one in (user, project))
        return f"[Keystone token of {of} for {to}]"


def _object(document: Mapping[str, Any], name: str, default: Fields | None = None) -> Fields:
    """Return an object within what Keystone said of a token.

    Raises
    ------
    AssertionError
        where it is missing and has no default, or is no object.
    """
    found = document.get(name, default)
    if isinstance(found, Fields):
        return found
    told = f"a `{name}` that is no object: {found!r}" if name in document else f"no `{name}`"
    raise AssertionError(f"what Keystone says of its token has {told}")


@dataclass(frozen=True)
class KeystoneAnswer(Answer):
    """What Keystone answered."""

    @property
    def token(self) -> KeystoneToken:
        """The token that was issued.

        Raises
        ------
        AssertionError
            where none was.
        """
        self.expect_ok()
        value = self.headers.get("x-subject-token", "")
        if not value:
            raise AssertionError(f"{self.what} answered {self.status} without X-Subject-Token")
        return KeystoneToken(value, _object(self.json, "token"))


def _read(answer: Answer) -> KeystoneAnswer:
    """Remember the token that was issued."""
    redactor.remember(answer.headers.get("x-subject-token", ""))
    return KeystoneAnswer(**{f.name: getattr(answer, f.name) for f in fields(Answer)})


def as_holder(token: KeystoneToken) -> Mapping[str, Any]:
    """Return the identity of one who holds a Keystone token."""
    return {"methods": ["token"], "token": {"id": token.value}}


class Keystone:
    """A site's Keystone, where users of an infrastructure log in.

    Parameters
    ----------
    home
        the users' infrastructure: its issuer is one of this Keystone's identity providers.
    http
        where the requests start.
    """

    def __init__(self, service: Service, *, home: Infrastructure, http: Http) -> None:
        self.service = service
        self.home = home
        self._http = http

    @property
    def terms(self) -> Login:
        """How a login is made here, as the inventory declares it."""
        return KeystoneSettings.of(self.service).login

    def provider(self, infrastructure: Infrastructure | None = None) -> str:
        """Return this Keystone's name for the issuer of an infrastructure (home, by default)."""
        name = (infrastructure or self.home).name
        return self.terms.identity_providers.get(name, name)

    def login(
        self,
        token: Token | None,
        *,
        provider: str | None = None,
        headers: Mapping[str, str] | None = None,
        note: str = "",
    ) -> KeystoneAnswer:
        """Ask for an unscoped token, as a user of `provider` (the home's, by default)."""
        path = f"OS-FEDERATION/identity_providers/{provider or self.provider()}"
        url = f"{self.service.endpoint}/{path}/protocols/{self.terms.protocol}/auth"
        value = token.value if token else None
        return _read(self._http.request("POST", url, token=value, headers=headers, note=note))

    @property
    def dashboard(self) -> str:
        """The address to which this Keystone hands the tokens of those who log in with a browser.

        Raises
        ------
        LookupError
            where the inventory names none.
        """
        if self.terms.dashboard is None:
            raise LookupError(f"{self.service.host}: the inventory declares no `dashboard`")
        return self.terms.dashboard

    @property
    def browser_login(self) -> str:
        """Where the dashboard sends its users to log in."""
        path = f"identity_providers/{self.provider()}/protocols/{self.terms.protocol}/websso"
        query = urlencode({"origin": self.dashboard})
        return f"{self.service.endpoint}/auth/OS-FEDERATION/{path}?{query}"

    def handed_over(self, page: Page) -> KeystoneToken:
        """Return the token that a page of this Keystone hands to the dashboard.

        Raises
        ------
        AssertionError
            where the page hands it none.
        """
        form = page.form_to(self.dashboard)
        if form is None or not form.fields.get("token"):
            raise AssertionError(f"no token is handed over; the browser stands at {page.answer}")
        return self.show(KeystoneToken(form.fields["token"], Fields({}, of="it"))).token

    def authenticate(
        self,
        identity: Mapping[str, Any],
        *,
        project_id: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> KeystoneAnswer:
        """Ask for a token at the general address, where no token of home is looked at."""
        scope = {"scope": {"project": {"id": project_id}}} if project_id else {}
        body = {"auth": {"identity": identity, **scope}}
        url = f"{self.service.endpoint}/auth/tokens"
        return _read(self._http.request("POST", url, json=body, headers=headers))

    def as_federated(self) -> Mapping[str, Any]:
        """Return the identity of one whom the home's issuer has vouched for; says it, no more."""
        protocol = self.terms.protocol
        return {
            "methods": [protocol],
            protocol: {"identity_provider": self.provider(), "protocol": protocol},
        }

    def projects(self, token: KeystoneToken) -> list[Mapping[str, Any]]:
        """Return the projects that the holder of a token may work in."""
        answer = _read(self._ask("GET", "auth/projects", token))
        answer.expect_ok()
        return list(objects(answer.json["projects"]))

    def scope(self, token: KeystoneToken, project_id: str) -> KeystoneAnswer:
        """Ask for a token for a project."""
        return self.authenticate(as_holder(token), project_id=project_id)

    def enter(self, token: Token) -> KeystoneToken:
        """Log in, and return a token for the project of the virtual organisation.

        Raises
        ------
        AssertionError
            where Keystone refuses, or the user may not work in that project.
        """
        return self.into_project(self.login(token).token)

    def into_project(self, unscoped: KeystoneToken) -> KeystoneToken:
        """Return the user's token for the project of the virtual organisation.

        Raises
        ------
        AssertionError
            where the user may not work in that project.
        """
        projects = {str(p["name"]): str(p["id"]) for p in self.projects(unscoped)}
        wanted = self.terms.project
        if wanted not in projects:
            raise AssertionError(f"no project {wanted}, but {', '.join(projects) or 'none'}")
        return self.scope(unscoped, projects[wanted]).token

    def show(self, token: KeystoneToken) -> KeystoneAnswer:
        """Ask what a token is worth, in its own name; a dead one may not even ask."""
        return _read(self._ask("GET", "auth/tokens", token, subject=token))

    def revoke(self, token: KeystoneToken) -> KeystoneAnswer:
        """Take a token back."""
        return _read(self._ask("DELETE", "auth/tokens", token, subject=token))

    def _ask(
        self, method: str, path: str, token: KeystoneToken, *, subject: KeystoneToken | None = None
    ) -> Answer:
        headers = {"X-Auth-Token": token.value}
        if subject is not None:
            headers["X-Subject-Token"] = subject.value
        return self._http.request(method, f"{self.service.endpoint}/{path}", headers=headers)


class ObjectStore:
    """A project's containers and objects (OpenStack Object Store API v1).

    Parameters
    ----------
    url
        address of the project's account, as the catalogue tells it.
    """

    def __init__(self, url: str, http: Http) -> None:
        self.url = url
        self._http = http

    def put(self, path: str, content: bytes = b"", *, token: KeystoneToken | str | None) -> Answer:
        """Store an object (`container/object`), or make a container."""
        return self._send("PUT", path, token, content=content)

    def get(self, path: str, *, token: KeystoneToken | str | None) -> Answer:
        """Read an object, or list a container."""
        return self._send("GET", path, token)

    def head(self, path: str, *, token: KeystoneToken | str | None) -> Answer:
        """Ask for an object's size and MD5 sum (`etag`)."""
        return self._send("HEAD", path, token)

    def delete(self, path: str, *, token: KeystoneToken | str | None) -> Answer:
        """Delete an object, or an empty container."""
        return self._send("DELETE", path, token)

    def _send(
        self, method: str, path: str, token: KeystoneToken | str | None, **rest: Any
    ) -> Answer:
        value = token.value if isinstance(token, KeystoneToken) else token
        headers = {"X-Auth-Token": value} if value else {}
        return self._http.request(method, f"{self.url}/{path}", headers=headers, **rest)


def md5(content: bytes) -> str:
    """Return the sum by which Swift names the content of an object."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


class OpenStackCommand:
    """The command `openstack` at the user's workstation, logging in with the token of home."""

    def __init__(self, keystone: Keystone, workstation: Workstation) -> None:
        self._keystone = keystone
        self._workstation = workstation

    def run(self, line: str, *, token: Token, project_id: str) -> Completed:
        """Run a line of shell in which `openstack` logs in with the token, by its environment."""
        env = {
            "OS_AUTH_TYPE": "v3oidcaccesstoken",
            "OS_AUTH_URL": self._keystone.service.endpoint,
            "OS_IDENTITY_API_VERSION": "3",
            "OS_IDENTITY_PROVIDER": self._keystone.provider(),
            "OS_PROTOCOL": self._keystone.terms.protocol,
            "OS_PROJECT_ID": project_id,
            "OS_ACCESS_TOKEN": token.value,
            "OS_CACERT": "/etc/ssl/certs/ca-certificates.crt",
        }
        return self._workstation.run(line, env=env, timeout=_TIMEOUT)


def connect(keystone: Keystone, token: Token, *, project_id: str, http: Http) -> Any:
    """Return an `openstack.connection.Connection`, as a user's program opens it.

    Its requests start where those of `http` do, and trust the same authorities.
    """
    # Here, since it takes a second to import, and few scenarios need it.
    import openstack  # noqa: PLC0415
    import requests  # noqa: PLC0415
    from keystoneauth1 import session  # noqa: PLC0415
    from keystoneauth1.identity.v3 import OidcAccessToken  # noqa: PLC0415

    transport = requests.Session()
    transport.trust_env = False
    transport.proxies = {"https": http.proxy} if http.proxy else {}
    transport.hooks["response"].append(_record)
    login = OidcAccessToken(
        auth_url=keystone.service.endpoint,
        identity_provider=keystone.provider(),
        protocol=keystone.terms.protocol,
        access_token=token.value,
        project_id=project_id,
    )
    verify = str(http.ca_bundle) if http.ca_bundle else True
    return openstack.connection.Connection(
        session=session.Session(auth=login, session=transport, verify=verify)
    )


def _record(response: Any, *_: Any, **__: Any) -> None:
    """Make a step of what openstacksdk sent, and remember the token that came."""
    redactor.remember(response.headers.get("X-Subject-Token", ""))
    with step(f"{response.request.method} {response.url} (openstacksdk)") as record:
        record.send(f"{response.request.method} {response.url}")
        record.receive(f"HTTP {response.status_code} in {response.elapsed.total_seconds():.3f} s")
