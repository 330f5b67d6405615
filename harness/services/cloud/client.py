"""OpenStack as a user from elsewhere meets it: log in with the token of home, then store objects.

A federated login makes of the home's token an unscoped Keystone token, and of that one for a project
(OpenStack Identity API v3, extension OS-FEDERATION).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlencode

from harness.answer import Answer, Fields, objects
from harness.clients.browser import Page
from harness.clients.http import Http
from harness.clients.outages import outages
from harness.clients.silence import raise_if_silent
from harness.clients.workstations import Workstation
from harness.errors import InventoryError
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
    """A token of a Keystone, and what Keystone reported about it. Printing it never shows its
    value.
    """

    value: str = field(repr=False)
    document: Mapping[str, Any] = field(repr=False)

    def __post_init__(self) -> None:
        redactor.remember(self.value)

    @property
    def project(self) -> Mapping[str, Any]:
        """The project of the token: `id`, `name`, `domain`; empty if the token is unscoped."""
        return _object(self.document, "project", Fields({}, of="an unscoped Keystone token"))

    @property
    def user(self) -> Mapping[str, Any]:
        """The user in Keystone: `id`, `name`, `OS-FEDERATION`."""
        return _object(self.document, "user")

    @property
    def roles(self) -> frozenset[str]:
        """The names of the user's roles in the project."""
        return frozenset(str(role["name"]) for role in objects(self.document.get("roles", [])))

    def endpoint(
        self, service_type: str, *, interface: str = "public", region: str | None = None
    ) -> str:
        """Return the address of a service from the catalogue in the token.

        Raises
        ------
        AssertionError
            where the catalogue has none (in that region).
        InventoryError
            where several regions have one, and no region is named.
        """
        found = [
            (str(endpoint.get("region_id") or endpoint.get("region")), endpoint["url"])
            for service in objects(self.document.get("catalog", []))
            if service.get("type") == service_type
            for endpoint in objects(service.get("endpoints"))
            if endpoint.get("interface") == interface
            and isinstance(endpoint.get("url"), str)
            and region in (None, endpoint.get("region_id"), endpoint.get("region"))
        ]
        what = (
            f"{interface} endpoint of {service_type}{f' in the region {region}' if region else ''}"
        )
        if not found:
            raise AssertionError(f"the catalogue in the Keystone token has no {what}")
        if len({address for _, address in found}) > 1 and len({name for name, _ in found}) > 1:
            regions = ", ".join(sorted({name for name, _ in found}))
            raise InventoryError(
                f"the catalogue in the Keystone token has one {what} in each of the regions {regions}. "
                "Name the one to test: `region` of `login` in the inventory (docs/sites.md)."
            )
        return str(found[0][1])

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
    raise AssertionError(f"Keystone's description of its token has {told}")


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
    def address(self) -> str:
        """The endpoint, without a trailing slash."""
        return self.service.endpoint.rstrip("/")

    @property
    def terms(self) -> Login:
        """The settings of the log-in, as the inventory declares them."""
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
        url = f"{self.address}/{path}/protocols/{self.terms.protocol}/auth"
        value = token.value if token else None
        return _read(self._http.request("POST", url, token=value, headers=headers, note=note))

    @property
    def dashboard(self) -> str:
        """The address to which this Keystone sends the tokens of users who log in with a browser.

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
        return f"{self.address}/auth/OS-FEDERATION/{path}?{query}"

    def handed_over(self, page: Page) -> KeystoneToken:
        """Return the token that a page of this Keystone sends to the dashboard.

        Raises
        ------
        AssertionError
            where the page hands it none.
        """
        form = page.form_to(self.dashboard)
        if form is None or not form.fields.get("token"):
            raise AssertionError(f"no token was passed on; the browser is at {page.answer}")
        return self.show(KeystoneToken(form.fields["token"], Fields({}, of="it"))).token

    def authenticate(
        self,
        identity: Mapping[str, Any],
        *,
        project_id: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> KeystoneAnswer:
        """Ask for a token at the general address, which does not accept tokens of the home's
        issuer.
        """
        scope = {"scope": {"project": {"id": project_id}}} if project_id else {}
        body = {"auth": {"identity": identity, **scope}}
        url = f"{self.address}/auth/tokens"
        return _read(self._http.request("POST", url, json=body, headers=headers))

    def as_federated(self) -> Mapping[str, Any]:
        """Return the identity of a federated user, claimed without a token."""
        protocol = self.terms.protocol
        return {
            "methods": [protocol],
            protocol: {"identity_provider": self.provider(), "protocol": protocol},
        }

    def projects(self, token: KeystoneToken) -> list[Mapping[str, Any]]:
        """Return the projects of the holder of a token."""
        answer = _read(self.ask("GET", "auth/projects", token))
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
        InventoryError
            where several domains have a project of that name, and the inventory names none of them.
        """
        projects = [one for one in self.projects(unscoped) if one.get("enabled") is not False]
        wanted, domain = self.terms.project, self.terms.project_domain
        by_id = [one for one in projects if one.get("id") == wanted]
        found = by_id or [one for one in projects if one["name"] == wanted]
        if not found:
            names = sorted({str(one["name"]) for one in projects})
            raise AssertionError(f"no project {wanted}; the user has: {', '.join(names) or 'none'}")
        if domain is not None:
            return self._in_domain(unscoped, found, domain)
        if len(found) > 1:
            domains = ", ".join(sorted(str(one.get("domain_id")) for one in found))
            raise InventoryError(
                f"{self.service.host}: a project {wanted} is in each of the domains {domains}. "
                "Name the right one: `project_domain` of `login` in the inventory (docs/sites.md)."
            )
        return self.scope(unscoped, str(found[0]["id"])).token

    def _in_domain(
        self, unscoped: KeystoneToken, projects: Sequence[Mapping[str, Any]], domain: str
    ) -> KeystoneToken:
        """Return a token for that of several projects that is in a domain, by the domain's id or name."""
        by_id = [one for one in projects if one.get("domain_id") == domain]
        for project in by_id or projects:
            token = self.scope(unscoped, str(project["id"])).token
            of = token.project.get("domain")
            if by_id or (isinstance(of, Mapping) and domain in (of.get("id"), of.get("name"))):
                return token
        domains = ", ".join(sorted(str(one.get("domain_id")) for one in projects))
        raise AssertionError(
            f"no project {self.terms.project} in the domain {domain}, but in {domains}"
        )

    def show(self, token: KeystoneToken) -> KeystoneAnswer:
        """Validate a token with itself. An invalid token cannot even ask."""
        return _read(self.ask("GET", "auth/tokens", token, subject=token))

    def revoke(self, token: KeystoneToken) -> KeystoneAnswer:
        """Revoke a token."""
        return _read(self.ask("DELETE", "auth/tokens", token, subject=token))

    def ask(
        self,
        method: str,
        path: str,
        token: KeystoneToken,
        subject: KeystoneToken | None = None,
        **rest: Any,
    ) -> Answer:
        """Send a request in the name of a token's holder; `subject` is a token that it is about."""
        about = {"X-Subject-Token": subject.value} if subject else {}
        headers = {"X-Auth-Token": token.value, **about}
        return self._http.request(method, f"{self.address}/{path}", headers=headers, **rest)


class ObjectStore:
    """A project's containers and objects (OpenStack Object Store API v1).

    Parameters
    ----------
    url
        address of the project's account, as the catalogue tells it.
    """

    def __init__(self, url: str, http: Http) -> None:
        self.url = url.rstrip("/")
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


_WRITING = re.compile(r"\b(?:create|delete|set|unset|add|remove)\b")
"""Verbs of `openstack` that change what a cloud has."""


class OpenStackCommand:
    """The command `openstack` at the user's workstation, logging in with the token of home."""

    def __init__(self, keystone: Keystone, workstation: Workstation) -> None:
        self._keystone = keystone
        self._workstation = workstation

    def run(self, line: str, *, token: Token, project_id: str) -> Completed:
        """Run a line of shell in which `openstack` logs in with the token, by its environment.

        Raises
        ------
        Unreachable
            where no service answered it.
        """
        env = {
            "OS_AUTH_TYPE": "v3oidcaccesstoken",
            "OS_AUTH_URL": self._keystone.service.endpoint,
            "OS_IDENTITY_API_VERSION": "3",
            "OS_IDENTITY_PROVIDER": self._keystone.provider(),
            "OS_PROTOCOL": self._keystone.terms.protocol,
            "OS_PROJECT_ID": project_id,
            "OS_ACCESS_TOKEN": token.value,
            "OS_CACERT": "/etc/ssl/certs/ca-certificates.crt",
            **({"OS_REGION_NAME": region} if (region := self._keystone.terms.region) else {}),
        }
        writes = _WRITING.search(line) is not None
        with outages.asking(self._keystone.service.endpoint, via=self._workstation.host.name):
            done = self._workstation.run(line, env=env, timeout=_TIMEOUT, writes=writes)
            raise_if_silent(done, tool="openstack", host=self._keystone.service.host)
        return done
