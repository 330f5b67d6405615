"""Made-up exports in the true forms of the registries, as large as they are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from harness.inventory.blanks import MARK

TYPES = ("org.openstack.nova", "webdav", "XRootD", "org.opensciencegrid.htcondorce", "gLite-APEL")
"""Service types of a site, in this order."""


def endpoint(type_: str, host: str) -> str:
    """Return an address as administrators write it in the GOCDB."""
    return {
        "org.openstack.nova": f"https://{host}:5000/v3/?image=cirros&resource=m1.tiny",
        "webdav": f"https://{host}:2880/vo.example",
        "XRootD": f"root://{host}:1094//vo.example",
        "org.opensciencegrid.htcondorce": f"{host}:9619",
        "gLite-APEL": f"ldap://{host}:2170/mds-vo-name=site,o=grid",
    }.get(type_, "")


def service(
    number: int, *, site: str, host: str, type_: str, url: str | None = None, **more: str
) -> str:
    """Return a SERVICE_ENDPOINT as `get_service` gives it."""
    fields = {
        "PRIMARY_KEY": f"{number}G0",
        "HOSTNAME": host,
        "GOCDB_PORTAL_URL": f"https://goc.example/portal/index.php?Page_Type=Service&id={number}",
        "HOSTDN": f"/DC=example/CN={host}",
        "BETA": "N",
        "SERVICE_TYPE": type_,
        "CORE": "",
        "IN_PRODUCTION": "Y",
        "NODE_MONITORED": "Y",
        "NOTIFICATIONS": "Y",
        "SITENAME": site,
        "COUNTRY_NAME": "Slovenia",
        "COUNTRY_CODE": "SI",
        "ROC_NAME": "NGI_EXAMPLE",
        "URL": endpoint(type_, host) if url is None else url,
    }
    scope, inside = more.pop("scope", "EGI"), more.pop("endpoints", "")
    said = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in (fields | more).items() if v)
    return (
        f'<SERVICE_ENDPOINT PRIMARY_KEY="{number}G0">{said}<ENDPOINTS>{inside}</ENDPOINTS>'
        f"<SCOPES><SCOPE>{scope}</SCOPE></SCOPES><EXTENSIONS/></SERVICE_ENDPOINT>\n"
    )


def inside(number: int, url: str, interface: str) -> str:
    """Return an ENDPOINT of a service."""
    return (
        f"<ENDPOINT><ID>{number}</ID><NAME>e{number}</NAME><EXTENSIONS/><URL>{escape(url)}</URL>"
        f"<INTERFACENAME>{interface}</INTERFACENAME></ENDPOINT>"
    )


def results(*entries: str, meta: str = "") -> str:
    """Return a document of the GOCDB."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<results>{meta}\n{"".join(entries)}</results>\n'
    )


def site(name: str, status: str = "Certified") -> str:
    """Return a SITE as `get_site` gives it."""
    return (
        f'<SITE ID="1" PRIMARY_KEY="1G0" NAME="{escape(name)}"><SHORT_NAME>{escape(name)}</SHORT_NAME>'
        f"<CONTACT_EMAIL>contact@a.example</CONTACT_EMAIL><CERTIFICATION_STATUS>{status}"
        "</CERTIFICATION_STATUS><SCOPES><SCOPE>EGI</SCOPE></SCOPES></SITE>\n"
    )


def downtime(number: int, *, site: str, host: str, type_: str, **more: Any) -> str:
    """Return a DOWNTIME as `get_downtime` gives it: once for each affected service."""
    fields = {
        "PRIMARY_KEY": f"{number}G0",
        "HOSTNAME": host,
        "SERVICE_TYPE": type_,
        "ENDPOINT": host + type_,
        "HOSTED_BY": site,
        "AFFECTED_ENDPOINTS": "",
        "SEVERITY": "OUTAGE",
        "DESCRIPTION": "Disks are changed.",
        "INSERT_DATE": 1764000000,
        "START_DATE": 1764500400,
        "END_DATE": 1764529200,
        "FORMATED_START_DATE": "2025-11-30 11:00",
        "FORMATED_END_DATE": "2025-11-30 19:00",
    } | more
    said = "".join(f"<{k}>{escape(str(v))}</{k}>" for k, v in fields.items() if v != "")
    return (
        f'<DOWNTIME ID="{number}" PRIMARY_KEY="{number}G0" CLASSIFICATION="SCHEDULED">{said}'
        "</DOWNTIME>\n"
    )


def hosts_of(number: int) -> list[tuple[str, str, str]]:
    """Return site, host and type of the services of one site of a large export."""
    name = f"SITE-{number:03d}" if number % 7 else f"Site {number:03d} Žilina"
    return [
        (name, f"{type_.rpartition('.')[2].lower()}.s{number:03d}.example", type_)
        for type_ in TYPES
    ]


def large(sites: int = 80) -> str:
    """Return an export of five services a site: 400 where there are 80."""
    listed = [one for number in range(sites) for one in hosts_of(number)]
    return results(
        *(service(n, site=s, host=h, type_=t) for n, (s, h, t) in enumerate(listed, start=1))
    )


def large_downtimes(sites: int = 80) -> str:
    """Return a downtime of the storages of each site, each listed twice as the GOCDB does."""
    return results(
        *(
            downtime(number + 1, site=name, host=host, type_=type_)
            for number in range(sites)
            for name, host, type_ in hosts_of(number)[1:3]
        )
    )


def cric(storages: int = 400) -> dict[str, Any]:
    """Return the SEs of CRIC, by name."""
    return {
        f"se{n}.s.example": {
            "id": n,
            "name": f"se{n}.s.example",
            "type": "SE",
            "flavour": ("DCACHE", "EOS", "STORM", "XROOTD")[n % 4],
            "rcsite": f"RC-{n // 4:03d}",
            "state": "ACTIVE",
            "status": "production",
            "protocols": {
                "webdav": {"endpoint": f"davs://se{n}.s.example:2880/store", "flavour": "WEBDAV"},
                "xrootd": {"endpoint": f"root://se{n}.s.example:1094//store", "flavour": "XROOTD"},
                "srm": {
                    "endpoint": f"srm://se{n}.s.example:8446/srm/managerv2",
                    "flavour": "SRMv2",
                },
            },
        }
        for n in range(storages)
    }


def site_file(name: str, **more: Any) -> dict[str, Any]:
    """Return a site file of fedcloudclient."""
    return {
        "gocdb": name,
        "endpoint": f"https://api.{name.lower()}.example:5000/v3/",
        "vos": [
            {"name": "ops", "auth": {"project_id": "a" * 32}},
            {"name": "vo.example", "auth": {"project_id": "b" * 32}},
        ],
    } | more


def catalogue(*regions: str) -> dict[str, Any]:
    """Return the catalogue of a Keystone."""

    def entry(type_: str, url: str) -> dict[str, Any]:
        return {
            "type": type_,
            "name": type_,
            "id": "0" * 32,
            "endpoints": [
                {
                    "interface": face,
                    "region": region,
                    "region_id": region,
                    "url": url,
                    "id": "1" * 32,
                }
                for region in regions
                for face in ("public", "internal", "admin")
            ],
        }

    return {
        "catalog": [
            entry("identity", "https://cloud.a.example:5000"),
            entry("object-store", "https://cloud.a.example:8080/v1/AUTH_0123456789abcdef"),
            entry("compute", "https://cloud.a.example:8774/v2.1"),
        ],
        "links": {"self": "https://cloud.a.example:5000/v3/auth/catalog"},
    }


def written(path: Path, content: object) -> Path:
    """Write an export, as JSON where it is no text."""
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


ANSWERS = {
    "contact": "interop@example.org",
    "domain": "egi.example",
    "issuer": "https://aai.example",
    "jwks_uri": "https://aai.example/jwks",
    "signing_alg": "RS256",
    "subject_scope": "egi.example",
    "vo": "vo.example",
    "entitlement": "urn:example:member",
    "robot_entitlement": "urn:example:robot",
    "other_entitlement": "urn:example:other",
    "implementation": "check-in",
    "project": "vo.example",
    "protocol": "openid",
    "audience": "https://se.example",
}


def filled_in(folder: Path) -> None:
    """Do what a person does: write something in place of each value that is to be filled in."""
    for file in folder.rglob("*.yml"):
        text = file.read_text(encoding="utf-8")
        lines = (
            _answered(line, f"https://aai.example/{file.stem}/{number}")
            for number, line in enumerate(text.splitlines())
        )
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _answered(line: str, else_: str) -> str:
    key = re.match(rf"\s*(?:- )?(\w+): ['\"]{MARK}", line)
    return line if key is None else f"{line.partition(': ')[0]}: {ANSWERS.get(key[1], else_)}"
