#!/usr/bin/python3
"""Writes what is entered as the answers of the GOCDB's programming interface, a file for each method.

    write-registry FOLDER ANSWERS

FOLDER has `sites.json`, and in `downtimes/` a file of JSON for each downtime that was declared. The data
are the inventory's, and the form is the GOCDB's, so that its clients work here unchanged. Where the
schemas of the GOCDB and what its code sends differ, the form is what its code sends.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import xml.etree.ElementTree as xml
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Fields = Mapping[str, Any]


class Registry:
    """What is entered."""

    def __init__(self, folder: Path) -> None:
        content = json.loads((folder / "sites.json").read_text(encoding="utf-8"))
        self.portal, self.scope, self.domain = (
            content[name] for name in ("portal", "scope", "domain")
        )
        self.sites: Fields = content["sites"]
        self.downtimes = [
            json.loads(path.read_text(encoding="utf-8"))
            for path in sorted((folder / "downtimes").glob("*.json"))
        ]

    def services(self) -> Iterator[tuple[str, str, Fields]]:
        """Yield key, site and fields of every service."""
        number = 0
        for name, site in self.sites.items():
            for service in site["services"]:
                number += 1
                yield f"{number}G0", name, service

    def site_list(self) -> xml.Element:
        """Return the names of all sites."""
        root = xml.Element("results")
        for number, (name, site) in enumerate(self.sites.items(), 1):
            attributes = {"ID": str(number), "PRIMARY_KEY": f"{number}G0", "NAME": name}
            xml.SubElement(
                root,
                "SITE",
                attributes
                | {"COUNTRY": site["record"]["country"], "ROC": site["record"]["region"]},
            )
        return root

    def site_records(self) -> xml.Element:
        """Return all that is known of the sites, people left out."""
        root = xml.Element("results")
        for number, (name, site) in enumerate(self.sites.items(), 1):
            record, contacts = site["record"], site["record"]["contacts"]
            key = {"ID": str(number), "PRIMARY_KEY": f"{number}G0", "NAME": name}
            node = xml.SubElement(root, "SITE", key)
            _fill(
                node,
                PRIMARY_KEY=f"{number}G0",
                SHORT_NAME=name,
                OFFICIAL_NAME=record.get("title", name),
                GOCDB_PORTAL_URL=f"{self.portal}?Page_Type=Site&id={number}",
                CONTACT_EMAIL=contacts["general"],
                CSIRT_EMAIL=contacts["security"],
                ALARM_EMAIL=contacts["sysadmin"],
                HELPDESK_EMAIL=contacts["usersupport"],
                PRODUCTION_INFRASTRUCTURE="Production",
                CERTIFICATION_STATUS="Certified",
                TIMEZONE="UTC",
                LATITUDE=record["latitude"],
                LONGITUDE=record["longitude"],
                ROC=record["region"],
                COUNTRY_CODE=record["country_code"],
                COUNTRY=record["country"],
            )
            _fill(xml.SubElement(node, "DOMAIN"), DOMAIN_NAME=self.domain)
            _fill(xml.SubElement(node, "SCOPES"), SCOPE=self.scope)
        return root

    def contacts(self) -> xml.Element:
        """Return who has which role at the sites."""
        root = xml.Element("results")
        for number, (name, site) in enumerate(self.sites.items(), 1):
            key = {"ID": str(number), "PRIMARY_KEY": f"{number}G0", "NAME": name}
            node = xml.SubElement(root, "SITE", key)
            for one, role in enumerate(_ROLES, 1):
                contact = xml.SubElement(
                    node, "CONTACT", {"USER_ID": str(one), "PRIMARY_KEY": f"{one}G0"}
                )
                _fill(
                    contact,
                    FORENAME="Test",
                    SURNAME=role,
                    EMAIL=site["record"]["contacts"][_ROLES[role]],
                    ROLE_NAME=role,
                )
        return root

    def endpoints(self) -> xml.Element:
        """Return all services with their endpoints."""
        root = xml.Element("results")
        for key, name, service in self.services():
            record = self.sites[name]["record"]
            node = xml.SubElement(root, "SERVICE_ENDPOINT", {"PRIMARY_KEY": key})
            _fill(
                node,
                PRIMARY_KEY=key,
                HOSTNAME=service["host"],
                GOCDB_PORTAL_URL=f"{self.portal}?Page_Type=Service&id={key}",
                BETA="N",
                SERVICE_TYPE=service["type"],
                IN_PRODUCTION="Y",
                NODE_MONITORED="Y",
                NOTIFICATIONS="Y",
                SITENAME=name,
                COUNTRY_NAME=record["country"],
                COUNTRY_CODE=record["country_code"],
                ROC_NAME=record["region"],
                URL=service["endpoint"],
            )
            endpoint = xml.SubElement(xml.SubElement(node, "ENDPOINTS"), "ENDPOINT")
            _fill(
                endpoint,
                ID=key.removesuffix("G0"),
                NAME=service["type"],
                URL=service["endpoint"],
                INTERFACENAME=service["type"],
                ENDPOINT_MONITORED="Y",
            )
            _fill(xml.SubElement(node, "SCOPES"), SCOPE=self.scope)
            xml.SubElement(node, "EXTENSIONS")
        return root

    def outages(self) -> xml.Element:
        """Return the downtimes, one entry for each service that a downtime is for."""
        root = xml.Element("results")
        for number, declared in enumerate(self.downtimes, 1):
            for key, name, service in self.services():
                if (name, service["type"], service["host"]) != tuple(
                    declared[field] for field in ("site", "type", "host")
                ):
                    continue
                node = xml.SubElement(
                    root,
                    "DOWNTIME",
                    {
                        "ID": str(number),
                        "PRIMARY_KEY": f"{number}G0",
                        "CLASSIFICATION": declared["classification"],
                    },
                )
                times = {
                    field: dt.datetime.fromisoformat(declared[field])
                    for field in ("declared", "start", "end")
                }
                _fill(
                    node,
                    PRIMARY_KEY=f"{number}G0",
                    HOSTNAME=service["host"],
                    SERVICE_TYPE=service["type"],
                    ENDPOINT=service["host"] + service["type"],
                    HOSTED_BY=name,
                    GOCDB_PORTAL_URL=f"{self.portal}?Page_Type=Downtime&id={number}",
                )
                affected = xml.SubElement(xml.SubElement(node, "AFFECTED_ENDPOINTS"), "ENDPOINT")
                _fill(
                    affected,
                    ID=key.removesuffix("G0"),
                    NAME=service["type"],
                    URL=service["endpoint"],
                    INTERFACENAME=service["type"],
                )
                _fill(
                    node,
                    SEVERITY=declared["severity"],
                    DESCRIPTION=declared["description"],
                    INSERT_DATE=int(times["declared"].timestamp()),
                    START_DATE=int(times["start"].timestamp()),
                    END_DATE=int(times["end"].timestamp()),
                    FORMATED_START_DATE=f"{times['start']:%Y-%m-%d %H:%M}",
                    FORMATED_END_DATE=f"{times['end']:%Y-%m-%d %H:%M}",
                )
        return root


_ROLES = {"Site Administrator": "sysadmin", "Site Security Officer": "security"}
"""Role of a person at a site -> the contact whose address it has here."""


def _fill(node: xml.Element, **fields: object) -> None:
    for name, value in fields.items():
        xml.SubElement(node, name).text = str(value)


def _write(root: xml.Element, path: Path) -> None:
    """Write an answer at once: who asks meanwhile gets the old one or the new one, each whole."""
    xml.indent(root)
    beside = path.with_suffix(".new")
    xml.ElementTree(root).write(beside, encoding="UTF-8", xml_declaration=True)
    os.replace(beside, path)


def main(folder: str, answers: str) -> None:
    """Write all answers."""
    registry = Registry(Path(folder))
    services = registry.endpoints()
    written = {
        "public/get_site_list": registry.site_list(),
        "public/get_service": services,
        "public/get_service_endpoint": services,
        "public/get_downtime": registry.outages(),
        "private/get_site": registry.site_records(),
        "private/get_site_contacts": registry.contacts(),
    }
    for name, root in written.items():
        path = Path(answers) / f"{name}.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(root, path)


if __name__ == "__main__":
    main(*sys.argv[1:])
