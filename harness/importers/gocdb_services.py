"""Services of the GOCDB: a SERVICE_ENDPOINT with its own address, and its ENDPOINTs with theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from harness.importers.documents import said
from harness.importers.endpoints import Unusable, is_type, resolved, shown, software_of, type_of
from harness.importers.export import Export, Service
from harness.inventory.blanks import blank
from harness.model import ISSUER
from harness.services.cloud.kind import KEYSTONE

_CERTIFIED = "certified"


@dataclass(frozen=True)
class Wanted:
    """Which services are asked for."""

    scope: str = ""
    """Only those with this scope tag."""
    everything: bool = False
    """Also those that are not in production, and those of sites that are not certified."""
    infrastructure: str = ""
    """Whose sites these are: EGI's issuer is known to its clouds as `egi.eu`."""
    sites: frozenset[str] = frozenset()
    """Only those of these sites; all where there is none."""


class Reader:
    """Turns services into those of an export, and notes why others are none."""

    def __init__(self, export: Export, sites: Sequence[Element], wanted: Wanted) -> None:
        self._export, self._wanted = export, wanted
        self._status = {
            element.get("NAME") or said(element, "SHORT_NAME"): said(
                element, "CERTIFICATION_STATUS"
            )
            for element in sites
        }

    def service(self, element: Element) -> None:
        """Read a service, with all of its endpoints."""
        word, host, site = (said(element, n) for n in ("SERVICE_TYPE", "HOSTNAME", "SITENAME"))
        if self._wanted.sites and site not in self._wanted.sites:
            return
        what = f"{shown(word)} at {shown(host)} ({shown(site)})"
        if why := self._unwanted(element, word, host, site):
            self._export.leave_out(what, why)
            return
        key = said(element, "PRIMARY_KEY") or element.get("PRIMARY_KEY") or f"{site}|{host}|{word}"
        found = list(_addresses(element, word, key))
        seen: set[tuple[str, str]] = set()
        faults = []
        for number, (own, type_word, url) in enumerate(found):
            try:
                one = resolved(type_word, url, host)
            except Unusable as unusable:
                faults.append((number, str(unusable)))
                continue
            if one.type == ISSUER:
                self._export.leave_out(what, "an infrastructure has one issuer: write it by hand")
                return
            if (one.type, one.endpoint.rstrip("/").lower()) in seen:
                continue
            seen.add((one.type, one.endpoint.rstrip("/").lower()))
            for change in one.changes:
                self._export.change(what, change)
            self._export.services.append(
                Service(
                    key=own,
                    site=site,
                    host=host,
                    said=word,
                    type=one.type,
                    endpoint=one.endpoint,
                    implementation=software_of(one.type),
                    more={"login": self._login()} if one.type == KEYSTONE else {},
                )
            )
        # The service's own address repeats that of an endpoint; what is wrong with it is told only once.
        if faults and (not seen or len(found) == 1):
            self._export.leave_out(what, faults[0][1])
        elif told := [why for number, why in faults if number]:
            self._export.leave_out(f"an endpoint of {what}", told[0])

    def _unwanted(self, element: Element, word: str, host: str, site: str) -> str:
        """Return why a service is not wanted; nothing where it is."""
        for value, name in ((site, "SITENAME"), (word, "SERVICE_TYPE"), (host, "HOSTNAME")):
            if not value:
                return f"it has no {name}"
        scopes = {(one.text or "").strip().lower() for one in element.iter("SCOPE")}
        if self._wanted.scope and self._wanted.scope.lower() not in scopes:
            return f"it has not the scope {self._wanted.scope}"
        return "" if self._wanted.everything else self._unready(element, site)

    def _unready(self, element: Element, site: str) -> str:
        """Return why a service is not yet, or no longer, one for users; nothing where it is."""
        status = self._status.get(site, "")
        if status and status.lower() != _CERTIFIED:
            return f"its site is {status.lower()}, not certified (--all includes it)"
        if said(element, "IN_PRODUCTION").upper() in ("N", "FALSE"):
            return "it is not in production (--all includes it)"
        if said(element, "BETA").upper() in ("Y", "TRUE"):
            return "it is a beta service (--all includes it)"
        return ""

    def _login(self) -> dict[str, object]:
        """Return how users log in at a Keystone, of which the GOCDB tells nothing."""
        named = (
            {"identity_providers": {"egi": "egi.eu"}}
            if self._wanted.infrastructure == "egi"
            else {}
        )
        # EGI's clouds call their protocol so unless they say otherwise (fedcloud-catchall-operations).
        return {"protocol": "openid", "project": blank("name or id of the VO's project"), **named}


def _addresses(element: Element, word: str, key: str) -> Iterator[tuple[str, str, str]]:
    """Return key, type and address of a service, and of each of its endpoints."""
    url = said(element, "URL")
    endpoints = []
    for number, endpoint in enumerate(element.iterfind("ENDPOINTS/ENDPOINT")):
        own = said(endpoint, "URL")
        if not own:
            continue
        interface = said(endpoint, "INTERFACENAME")
        # `https` or `S3` is an interface too, of a service whose type says more.
        word_ = interface if is_type(interface) or not type_of(word) else word
        endpoints.append((f"{key}/{said(endpoint, 'ID') or number}", word_ or word, own))
    if url or not endpoints:
        yield key, word, url
    yield from endpoints
