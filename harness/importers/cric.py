"""CRIC, the catalogue of computing resources of WLCG: its storages as JSON.

Read are the services of `api/core/service/query/?json&type=SE` (by name, or `groupby=rcsite`: lists by
site), whose `protocols` have an `endpoint` each, and the data endpoints of an experiment
(`api/atlas/ddmendpoint/query/?json`), whose `arprotocols` list them by activity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from harness.errors import BadInput
from harness.importers import documents, fetching
from harness.importers.endpoints import UNKNOWN, Unusable, resolved, shown, type_of
from harness.importers.export import Export, Service
from harness.services.storage.kind import WEBDAV

SOURCE = "cric"
_WHAT = "CRIC's JSON of storages (api/core/service/query/?json&type=SE)"
_PROTOCOLS = ("protocols", "arprotocols", "aprotocols")
_SITE = ("rcsite", "rc_site", "site", "atlas_site")
_SOFTWARE = ("impl", "flavour", "se_flavour", "flavor", "implementation")
_CAPABILITIES = {"read": "read", "write": "write", "third_party_copy": "third-party-copy"}
"""Begin of an activity -> what a storage that serves it promises."""

Fields = Mapping[str, Any]


def read(source: str, *, everything: bool = False, only: Sequence[str] = ()) -> Export:
    """Return what CRIC tells of storages.

    Parameters
    ----------
    everything
        also storages that are not active.
    only
        names of sites; all where there is none.

    Raises
    ------
    BadInput
        naming the source, where it is no JSON of storages.
    """
    content = documents.decoded(fetching.read(source), what=_WHAT)
    storages = list(_storages(source, content))
    if not any(key in fields for _, _, fields in storages for key in _PROTOCOLS):
        raise BadInput(_strange(source, storages))
    export = Export(SOURCE, whole=not only)
    for name, site, fields in storages:
        if not only or site in only:
            _storage(name, site, fields, export, everything)
    return export


def _storages(source: str, content: Any) -> Iterator[tuple[str, str, Fields]]:
    """Return name, site and fields of each storage, in whichever of its forms CRIC gives them."""
    match content:
        case dict() if "error" in content and len(content) <= 3:
            raise BadInput(f"{source}: CRIC answered an error: {shown(str(content['error']))}.")
        case list():
            pairs = [(str(number), one) for number, one in enumerate(content)]
        case dict():
            pairs = list(content.items())
        case _:
            raise BadInput(
                f"{source}: a mapping of storages is expected, not {type(content).__name__}. Give {_WHAT}."
            )
    for key, value in pairs:
        group = value if isinstance(value, list) else [value]
        for number, fields in enumerate(group):
            if not isinstance(fields, dict):
                raise BadInput(
                    f"{source}: {shown(key)}: a storage is expected there, not "
                    f"{type(fields).__name__}. Give {_WHAT}."
                )
            site = next(
                (str(fields[k]) for k in _SITE if isinstance(fields.get(k), str) and fields[k]), ""
            )
            grouped = isinstance(value, list) and isinstance(content, dict)
            name = str(fields.get("name") or (f"{key}#{number}" if grouped else key))
            yield name, site or (key if grouped else ""), fields


def _strange(source: str, storages: Sequence[tuple[str, str, Fields]]) -> str:
    if not storages:
        return f"{source}: has no storage. Widen the query, or give another file."
    keys = {key for _, _, fields in storages for key in fields}
    what = "sites" if {"rc_tier_level", "netroutes", "sites"} & keys else "something else"
    return (
        f"{source}: is a list of {what}: no entry has `protocols` or `arprotocols`. Give {_WHAT}."
    )


def _storage(name: str, site: str, fields: Fields, export: Export, everything: bool) -> None:
    what = f"{shown(name)} ({shown(site or 'no site')})"
    if not site:
        export.leave_out(what, "it names no site (rcsite)")
        return
    kind = str(fields.get("type") or "SE")
    if kind.upper() == "CE":
        export.leave_out(what, "it is not a storage (type CE)")
        return
    state = str(fields.get("state") or "ACTIVE")
    if state.upper() != "ACTIVE" and not everything:
        export.leave_out(what, f"its state is {shown(state)} (--all includes it)")
        return
    software = next((str(fields[key]).lower() for key in _SOFTWARE if fields.get(key)), UNKNOWN)
    seen: dict[tuple[str, str], set[str]] = {}
    found: list[tuple[str, str, str]] = []
    faults: dict[str, str] = {}
    for own, url, activity in _addresses(fields):
        try:
            one = resolved(_scheme(url), url, "")
        except Unusable as unusable:
            faults.setdefault(shown(_without_secret(url)), str(unusable))
            continue
        key = (one.type, one.endpoint.rstrip("/").lower())
        if key not in seen:
            seen[key] = set()
            found.append((own, one.type, one.endpoint))
            for change in one.changes:
                if not change.startswith(("dav", "http", "root", "xroot")):
                    export.change(what, change)
        seen[key] |= {c for begin, c in _CAPABILITIES.items() if activity.startswith(begin)}
    for own, type_, endpoint in found:
        told = seen[type_, endpoint.rstrip("/").lower()] if type_ == WEBDAV else set()
        export.services.append(
            Service(
                key=f"{name}/{own}",
                site=site,
                host=urlsplit(endpoint).hostname or "",
                said=type_,
                type=type_,
                endpoint=endpoint,
                implementation=software,
                more={"capabilities": sorted(told)} if told else {},
            )
        )
    for url, why in faults.items():
        export.leave_out(f"{url} of {what}", why)
    if not found and not faults:
        export.leave_out(what, "it has no address")


def _addresses(fields: Fields) -> Iterator[tuple[str, str, str]]:
    """Return a name, the address and the activity of each protocol of a storage."""
    for key in _PROTOCOLS:
        protocols = fields.get(key)
        pairs = protocols.items() if isinstance(protocols, dict) else enumerate(protocols or ())
        for name, value in pairs:
            for number, one in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(one, dict) and isinstance(one.get("endpoint"), str):
                    path = one.get("path") if key != "protocols" else None
                    own = f"{name}/{number}" if isinstance(value, list) else str(name)
                    yield own, _joined(one["endpoint"], path), str(name)
                elif isinstance(one, list) and len(one) > 2 and isinstance(one[0], str):
                    yield f"{name}/{number}", _joined(one[0], one[2]), str(name)
    endpoint = fields.get("endpoint")
    if isinstance(endpoint, str) and "://" in endpoint:
        yield "endpoint", endpoint, ""


def _joined(endpoint: str, path: Any) -> str:
    """Return an address with the path of a data endpoint behind it."""
    if not isinstance(path, str) or not path or urlsplit(endpoint).path.strip("/"):
        return endpoint
    # XRootD takes what follows the second slash for the path (xrdcp(1)).
    joint = "//" if "root" in endpoint.partition("://")[0] else "/"
    return f"{endpoint.rstrip('/')}{joint}{path.lstrip('/')}"


def _scheme(url: str) -> str:
    """Return the word for a service type that the scheme of an address is."""
    scheme = url.partition("://")[0].strip().lower() if "://" in url else ""
    if not scheme:
        raise Unusable("its address has no scheme, so its protocol is unknown")
    if type_of(scheme) is None:
        raise Unusable(f"the testbed has no client for {shown(scheme)}")
    return scheme


def _without_secret(url: str) -> str:
    """Return an address as it may be shown."""
    scheme, separator, rest = url.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}{separator}{place.rpartition('@')[2]}{slash}{path}"
