"""Downtimes of the GOCDB: one for each affected service, or with the services inside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Literal
from xml.etree.ElementTree import Element

from harness.importers.documents import said
from harness.importers.endpoints import shown
from harness.importers.export import Affected, Downtime, Export

_SEVERITIES: dict[str, Literal["outage", "at-risk"]] = {
    "OUTAGE": "outage",
    "WARNING": "at-risk",  # what the portal calls "at risk"
    "AT_RISK": "at-risk",
    "AT RISK": "at-risk",
    "AT-RISK": "at-risk",
}


class _Broken(Exception):
    """A downtime cannot be used; says why."""


def read(elements: Iterable[Element], export: Export, *, only: frozenset[str]) -> None:
    """Put downtimes into an export, each once; what cannot be used is noted there.

    Parameters
    ----------
    only
        names of sites; all where there is none.
    """
    found: dict[str, Downtime] = {}
    broken: set[str] = set()
    for number, element in enumerate(elements):
        key = element.get("ID") or said(element, "ID") or element.get("PRIMARY_KEY") or f"#{number}"
        affected = {one for one in _affected(element) if not only or one.site in only}
        if key in broken or (only and not affected):
            continue
        if key in found:
            merged = found[key].affected | affected
            found[key] = _replaced(found[key], merged)
            continue
        try:
            found[key] = _downtime(element, key, affected)
        except _Broken as fault:
            broken.add(key)
            sites = ", ".join(sorted({one.site for one in affected})) or "no site"
            export.leave_out(f"downtime {shown(key)} of {shown(sites)}", str(fault))
    export.downtimes += found.values()


def _replaced(one: Downtime, affected: frozenset[Affected]) -> Downtime:
    return Downtime(
        one.key, one.severity, affected, one.declared, one.start, one.end, one.description
    )


def _downtime(element: Element, key: str, affected: set[Affected]) -> Downtime:
    word = said(element, "SEVERITY")
    severity = _SEVERITIES.get(word.upper())
    if severity is None:
        raise _Broken(f"its severity is {shown(word)}; known are OUTAGE and WARNING")
    return Downtime(
        key=key,
        severity=severity,
        affected=frozenset(affected),
        declared=_time(element, "INSERT_DATE") if said(element, "INSERT_DATE") else None,
        start=_time(element, "START_DATE", "FORMATED_START_DATE"),
        end=_time(element, "END_DATE", "FORMATED_END_DATE"),
        description=said(element, "DESCRIPTION"),
    )


def _affected(element: Element) -> Iterator[Affected]:
    """Return the services that a downtime names: itself one, or those inside."""
    for one in element.findall("SERVICES/SERVICE") or [element]:
        site = said(one, "HOSTED_BY") or said(one, "SITENAME")
        if site:
            yield Affected(site, said(one, "HOSTNAME"), said(one, "SERVICE_TYPE"))


def _time(element: Element, name: str, formatted: str = "") -> dt.datetime:
    """Return a time: seconds since the epoch, or as people read it; both are in UTC."""
    seconds, words = said(element, name), said(element, formatted) if formatted else ""
    try:
        if seconds:
            return dt.datetime.fromtimestamp(int(seconds), dt.UTC)
        if words:
            return dt.datetime.strptime(words, "%Y-%m-%d %H:%M").replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _Broken(f"{name} is no time: {shown(seconds or words)}") from error
    raise _Broken(f"it has no {name}")
