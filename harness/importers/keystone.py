"""The catalogue of a Keystone, as JSON: what one cloud offers, region by region.

Read are the answer of `GET /v3/auth/catalog`, that of a log-in (`token`), the second version's (`access`),
and what `openstack catalog list -f json` prints.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from harness.errors import BadInput
from harness.importers import documents, fetching
from harness.importers.endpoints import Unusable, resolved, shown, software_of
from harness.importers.export import Export, Service
from harness.inventory.blanks import blank
from harness.redaction import redactor
from harness.services.cloud.kind import KEYSTONE, SWIFT

SOURCE = "keystone"
_WHAT = "the catalogue of a Keystone (GET /v3/auth/catalog)"
_TYPES = {"identity": KEYSTONE, "object-store": SWIFT}


def read(source: str, *, site: str, infrastructure: str, region: str = "") -> Export:
    """Return what a cloud's catalogue tells.

    An address is asked with the token of the environment's OS_TOKEN, where there is one.

    Parameters
    ----------
    site
        the name of the cloud's site, which no catalogue tells.
    infrastructure
        whose site it is: EGI's issuer is known to its clouds as `egi.eu`.
    region
        only what is in this region; where there are several and none is named, all.

    Raises
    ------
    BadInput
        naming the source, where it is no catalogue.
    """
    if not site:
        raise BadInput("a catalogue does not name its site: give its name, as in --site MY-SITE.")
    content = documents.decoded(fetching.read(source, headers=_token(source)), what=_WHAT)
    catalogue = _catalogue(source, content)
    export = Export(SOURCE)
    reader = _Reader(export, site, infrastructure, _project(content), region)
    for entry in catalogue:
        reader.service(source, entry)
    if region and not reader.regions & {region}:
        raise BadInput(
            f"{source}: has no region {shown(region)}; there are "
            f"{', '.join(sorted(reader.regions)) or 'none'}."
        )
    return export


def _token(source: str) -> dict[str, str]:
    token = os.environ.get("OS_TOKEN", "")
    if not token or not source.lower().startswith("https://"):
        return {}
    redactor.remember(token)
    return {"X-Auth-Token": token}


def _catalogue(source: str, content: Any) -> list[Any]:
    """Return the list of services, in whichever form it comes."""
    match content:
        case {"catalog": list(found)} | {"token": {"catalog": list(found)}}:
            return found
        case {"access": {"serviceCatalog": list(found)}}:
            return found
        case list() if all(isinstance(one, dict) and "Type" in one for one in content) and content:
            return content
        case {"error": {"message": str(said)}}:
            raise BadInput(f"{source}: the Keystone answered an error: {shown(said)}.")
        case {"versions": _}:
            raise BadInput(f"{source}: is the list of versions. Give {_WHAT}.")
    raise BadInput(
        f"{source}: has no catalogue. Give {_WHAT}, or what `openstack catalog list -f json` prints."
    )


def _project(content: Any) -> str:
    """Return the name of the project for which a catalogue was given, where it tells it."""
    match content:
        case {"token": {"project": {"name": str(name)}}}:
            return name
    return ""


class _Reader:
    def __init__(
        self, export: Export, site: str, infrastructure: str, project: str, region: str
    ) -> None:
        self._export, self._site, self._infrastructure = export, site, infrastructure
        self._project, self._region = project, region
        self.regions: set[str] = set()

    def service(self, source: str, entry: Any) -> None:
        """Read a service of the catalogue, with its endpoints."""
        if not isinstance(entry, dict):
            raise BadInput(f"{source}: a service is expected in the catalogue, not {entry!r:.80}.")
        word = str(entry.get("type") or entry.get("Type") or "")
        endpoints = list(_endpoints(entry))
        type_ = _TYPES.get(word)
        if type_ is None:
            self.regions |= {region for _, region, _ in endpoints}
            self._export.leave_out(
                f"{shown(word or 'a service without a type')} of {self._site}",
                "the testbed has no client for this type of a catalogue",
            )
            return
        public = [one for one in endpoints if one[0] == "public"]
        if not public:
            self._export.leave_out(f"{word} of {self._site}", "it has no public endpoint")
        for interface, region, _ in endpoints:
            if interface != "public" and not self._region:
                self._export.leave_out(
                    f"{shown(interface)} endpoint of {word} ({shown(region)})",
                    "users of another infrastructure reach public endpoints only",
                )
        for _, region, url in public:
            self.regions.add(region)
            if not self._region or region == self._region:
                self._enter(word, type_, region, url)

    def _enter(self, word: str, type_: str, region: str, url: str) -> None:
        what = f"{word} of {self._site} ({shown(region or 'no region')})"
        try:
            # The account of whoever asked for the catalogue is no part of the service's address.
            short = re.sub(r"/(AUTH_)?(%\([a-z_]+\)s|\$\([a-z_]+\)s|AUTH_[^/]*)/?$", "", url)
            one = resolved(type_, short if type_ == SWIFT else url, "")
        except (Unusable, ValueError) as unusable:
            self._export.leave_out(what, str(unusable))
            return
        if type_ == SWIFT and short != url:
            self._export.change(what, "the account is removed from its address (/AUTH_...)")
        for change in one.changes:
            self._export.change(what, change)
        self._export.services.append(
            Service(
                key=f"{self._site}/{region}/{word}",
                site=self._site,
                host=urlsplit(one.endpoint).hostname or "",
                said=type_,
                type=one.type,
                endpoint=one.endpoint,
                implementation=software_of(one.type),
                more={"login": self._login(region)} if one.type == KEYSTONE else {},
            )
        )

    def _login(self, region: str) -> dict[str, Any]:
        login: dict[str, Any] = {
            "protocol": blank("the federation protocol's name there: openid, oidc"),
            "project": self._project or blank("name or id of the VO's project"),
        }
        if region:
            login["region"] = region
        if self._infrastructure == "egi":
            login["identity_providers"] = {"egi": "egi.eu"}
        return login


def _endpoints(entry: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Return interface, region and address of the endpoints of a service."""
    listed = entry.get("endpoints", entry.get("Endpoints"))
    if isinstance(listed, str):
        yield from _printed(listed)
        return
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict):
            continue
        region = str(one.get("region_id") or one.get("region") or "")
        if isinstance(one.get("url"), str):
            yield str(one.get("interface") or "public"), region, one["url"]
        for interface in ("public", "internal", "admin"):  # as the second version has them
            if isinstance(one.get(f"{interface}URL"), str):
                yield interface, region, one[f"{interface}URL"]


def _printed(text: str) -> Iterator[tuple[str, str, str]]:
    """Return the endpoints of a cell of `openstack catalog list`: the region, and a line for each."""
    region = ""
    for line in text.splitlines():
        interface, separator, url = line.strip().partition(": ")
        if separator and "://" in url:
            yield interface, region, url
        elif line.strip():
            region = line.strip()
