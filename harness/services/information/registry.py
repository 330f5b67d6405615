"""A registry by the GOCDB's programming interface (github.com/GOCDB/GOCDB.github.io).

Where the GOCDB's schemas differ from what its code sends, the code counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import defusedxml.ElementTree as xml
from defusedxml import DefusedXmlException

from harness.answer import Answer
from harness.clients.http import Http
from harness.model import Service
from harness.services.issuer.tokens import Token
from harness.services.issuer.user import User

SCOPE = "openid entitlements"
"""By what a member's token tells the registry who it is."""

MANDATORY = (
    "PRIMARY_KEY",
    "SHORT_NAME",
    "OFFICIAL_NAME",
    "CONTACT_EMAIL",
    "CSIRT_EMAIL",
    "PRODUCTION_INFRASTRUCTURE",
    "CERTIFICATION_STATUS",
    "ROC",
    "COUNTRY",
)
"""What the entry of a site must say (EGI MAN01; HOWTO01)."""
_OF_SERVICES = ("HOSTNAME", "SERVICE_TYPE", "IN_PRODUCTION", "SITENAME", "URL")
_OF_DOWNTIMES = ("HOSTNAME", "SERVICE_TYPE", "SEVERITY", "START_DATE", "END_DATE")
_SECURITY_OFFICER = "Site Security Officer"
_PUBLIC = ("CONTACT_EMAIL", "HELPDESK_EMAIL")
"""Contacts that anybody may write to."""


@dataclass(frozen=True)
class Registered:
    """The entry of a site."""

    name: str
    fields: Mapping[str, str]

    @property
    def missing(self) -> tuple[str, ...]:
        """The mandatory fields that are missing."""
        return tuple(name for name in MANDATORY if not self.fields.get(name))

    @property
    def security_contact(self) -> str:
        """The address of the site's security contact; empty if there is none."""
        return self.fields.get("CSIRT_EMAIL", "")

    @property
    def public_contacts(self) -> frozenset[str]:
        """The addresses that are open to everybody."""
        return frozenset(self.fields[name] for name in _PUBLIC if self.fields.get(name))


@dataclass(frozen=True)
class Outage:
    """A downtime of one service."""

    host: str
    type: str
    severity: str
    start: dt.datetime
    end: dt.datetime
    urls: tuple[str, ...]
    """The endpoints that are affected; none if the whole service is affected."""

    def is_on(self, now: dt.datetime) -> bool:
        """Whether the service is down at a time. A service at risk is not down."""
        return self.severity == "OUTAGE" and self.start <= now < self.end


class Registry:
    """A registry, seen from a user's workstation."""

    def __init__(self, service: Service, http: Http) -> None:
        self.service = service
        self._http = http

    def ask(self, method: str, *, by: User | Token | None = None) -> Answer:
        """Call a method; with a user or a token if the method needs one."""
        token = by.token(self.service.audience, SCOPE) if isinstance(by, User) else by
        area = "public" if by is None and method in _PUBLIC_METHODS else "private"
        return self._http.request(
            "GET",
            f"{self.service.endpoint.rstrip('/')}/{area}/?method={method}",
            token=token.value if token else None,
            headers={"Accept": "application/xml"},
        )

    def site(self, name: str, *, by: User) -> Registered:
        """Return the entry of a site.

        Raises
        ------
        AssertionError
            where the site has none.
        """
        found = {
            element.get("NAME") or _said(element, "SHORT_NAME"): element
            for element in _elements(self.ask("get_site", by=by), "SITE")
        }
        assert name in found, f"the registry has no {name}; it has {', '.join(found) or 'no site'}"
        fields = {child.tag: (child.text or "").strip() for child in found[name]}
        return Registered(name, fields)

    def security_officers(self, name: str, *, by: User) -> tuple[str, ...]:
        """Return the addresses of a site's security officers."""
        return tuple(
            _said(contact, "EMAIL")
            for site in _elements(self.ask("get_site_contacts", by=by), "SITE")
            for contact in site.iter("CONTACT")
            if site.get("NAME") == name and _said(contact, "ROLE_NAME") == _SECURITY_OFFICER
        )

    def services(self) -> tuple[tuple[str, str, str], ...]:
        """Return site, type and address of every service.

        Raises
        ------
        AssertionError
            where one lacks what a client needs.
        """
        found = []
        for element in _elements(self.ask("get_service"), "SERVICE_ENDPOINT"):
            _require(element, _OF_SERVICES)
            found.append(tuple(_said(element, n) for n in ("SITENAME", "SERVICE_TYPE", "URL")))
        return tuple((site, type_, url) for site, type_, url in found)

    def downtimes(self) -> tuple[Outage, ...]:
        """Return the downtimes, one for each service.

        Raises
        ------
        AssertionError
            where one lacks what a client needs.
        """
        return tuple(map(_outage, _elements(self.ask("get_downtime"), "DOWNTIME")))


_PUBLIC_METHODS = frozenset(
    {"get_service", "get_service_endpoint", "get_downtime", "get_site_list"}
)


def _outage(element: Element) -> Outage:
    _require(element, _OF_DOWNTIMES)
    start, end = (
        dt.datetime.fromtimestamp(int(_said(element, name)), dt.UTC)
        for name in ("START_DATE", "END_DATE")
    )
    return Outage(
        host=_said(element, "HOSTNAME"),
        type=_said(element, "SERVICE_TYPE"),
        severity=_said(element, "SEVERITY"),
        start=start,
        end=end,
        urls=tuple(_said(one, "URL") for one in element.iter("ENDPOINT") if _said(one, "URL")),
    )


def _elements(answer: Answer, name: str) -> Iterator[Element]:
    """Yield the elements of an answer.

    Raises
    ------
    AssertionError
        where the answer is an error, or no XML of the form that the GOCDB has.
    """
    answer.expect_ok()
    try:
        root = xml.fromstring(answer.body)
    except (xml.ParseError, DefusedXmlException, ValueError) as error:
        raise AssertionError(f"no XML: {error}: {answer}") from error
    assert root.tag == "results", f"`results` is expected, not `{root.tag}`: {answer}"
    for element in root:
        assert element.tag == name, f"`{name}` is expected, not `{element.tag}`: {answer}"
        yield element


def _require(element: Element, names: tuple[str, ...]) -> None:
    missing = [name for name in names if not _said(element, name)]
    key = element.get("PRIMARY_KEY")
    assert not missing, f"{element.tag} {key} of the registry lacks {', '.join(missing)}"


def _said(element: Element, name: str) -> str:
    return (element.findtext(name) or "").strip()
