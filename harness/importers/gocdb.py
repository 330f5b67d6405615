"""The GOCDB, the configuration database of EGI: the XML of `get_service`, `get_site` and `get_downtime`.

https://github.com/GOCDB/GOCDB.github.io describes the methods. Where the schemas of the GOCDB differ from
what its code sends, the code counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
from xml.etree.ElementTree import Element

from harness.clients.addresses import origin
from harness.errors import BadInput
from harness.importers import documents, fetching, gocdb_downtimes
from harness.importers.endpoints import shown
from harness.importers.export import Export
from harness.importers.gocdb_services import Reader, Wanted

SOURCE = "gocdb"
_WHAT = "an export of the GOCDB (get_service, get_site, get_downtime)"
_SERVICES = ("SERVICE_ENDPOINT",)
_DOWNTIMES = ("DOWNTIME",)
_SITES = ("SITE",)
_MOST_PAGES = 2000


@dataclass
class _Pages:
    """What all documents hold, by what it is."""

    services: list[Element] = field(default_factory=list)
    sites: list[Element] = field(default_factory=list)
    downtimes: list[Element] = field(default_factory=list)
    has_services: bool = False
    whole: bool = True


def read(sources: Sequence[str], wanted: Wanted) -> Export:
    """Return what exports of the GOCDB tell.

    Parameters
    ----------
    sources
        files and addresses; pages of one export may be several.

    Raises
    ------
    BadInput
        naming the source, where it is no export, or one of something else.
    """
    pages = _Pages()
    for source in sources:
        for root, name in _documents(source, pages):
            _sort(root, name, pages)
    if pages.sites and not pages.services and not pages.downtimes:
        raise BadInput(
            f"{', '.join(sources)}: is an export of sites (get_site), without services. Give that of "
            "get_service; both may be given together."
        )
    export = Export(SOURCE, whole=pages.whole)
    reader = Reader(export, pages.sites, wanted)
    for element in pages.services:
        reader.service(element)
    gocdb_downtimes.read(pages.downtimes, export, only=wanted.sites)
    if not pages.has_services:
        export.whole = False
    return export


def _documents(source: str, pages: _Pages) -> Iterator[tuple[Element, str]]:
    """Return the documents of a source: a file, or all pages of an address."""
    seen = set()
    while source not in seen:
        seen.add(source)
        if len(seen) > _MOST_PAGES:
            raise BadInput(
                f"{source}: more than {_MOST_PAGES} pages. Ask for a part (`sitename=`)."
            )
        root = documents.xml(fetching.read(source), what=_WHAT)
        yield root, source
        onward = _next(root, source)
        if onward is None:
            return
        if not fetching.is_address(source):
            pages.whole = False
            return
        source = onward


def _next(root: Element, source: str) -> str | None:
    """Return the address of the next page; None of the last one, and of what is not paged."""
    meta = root.find("meta")
    if meta is not None:
        if (meta.findtext("count") or "").strip() == "0":
            return None
        size = meta.findtext("max_page_size")
        if size and size.strip() != (meta.findtext("count") or "").strip():
            return None  # a page that is not full is the last one
        href = next(
            (link.get("href") for link in meta.iter("link") if link.get("rel") == "next"), None
        )
    else:
        page = root.get("next")  # as older releases number them
        href = None if page is None else _page(source, page)
    if not href:
        return None
    if not fetching.is_address(source):
        return href
    onward = urljoin(source, href)
    try:
        same = origin(onward) == origin(source)
    except ValueError:
        same = False
    if not same:
        raise BadInput(
            f"{source}: its next page is at another server ({onward}). Fetch the pages by hand."
        )
    return onward


def _page(source: str, number: str) -> str:
    parts = urlsplit(source)
    query = dict(parse_qsl(parts.query)) | {"page": number}
    return parts._replace(query=urlencode(query)).geturl()


def _sort(root: Element, source: str, pages: _Pages) -> None:
    """Sort what a document holds; anything but services, sites and downtimes is refused."""
    if root.tag.lower() == "error" or root.find("error") is not None:
        words = " ".join("".join(root.itertext()).split())[:200]
        raise BadInput(f"{source}: the GOCDB answered an error: {words}. Correct the address.")
    if root.tag.lower() not in ("results", "root"):
        raise BadInput(
            f"{source}: begins with <{shown(root.tag)}>, but {_WHAT} begins with <results>. Give another "
            "file."
        )
    entries = [element for element in root if element.tag != "meta"]
    strange = next(
        (e.tag for e in entries if e.tag not in (*_SERVICES, *_SITES, *_DOWNTIMES)), None
    )
    if strange is not None:
        raise BadInput(
            f"{source}: is an export of <{shown(strange)}>, and those of get_service, get_site and "
            "get_downtime are expected. Give one of these."
        )
    if not entries and root.find("meta") is None:
        raise BadInput(
            f"{source}: is an export without any entry: its query matches nothing. Widen it (`scope=`)."
        )
    contacts = [e for e in entries if e.tag in _SITES and e.find("CONTACT") is not None]
    if contacts:
        raise BadInput(f"{source}: is an export of contacts (get_site_contacts). Give get_service.")
    pages.services += [e for e in entries if e.tag in _SERVICES]
    pages.sites += [e for e in entries if e.tag in _SITES]
    pages.downtimes += [e for e in entries if e.tag in _DOWNTIMES]
    pages.has_services = bool(pages.services)
