"""The rules of the EGI profile of GLUE 2, with the codes that glue-validator gives them.

Source: glue-validator, profile `egi-glue2` (github.com/EGI-Federation/glue-validator), those rules whose
breach is an ERROR, and its mandatory attributes; GLUE 2.0 (OGF GFD.147).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from harness.services.information.tree import Entry, Tree

LEEWAY = dt.timedelta(seconds=120)
"""By which a clock may be ahead."""
_ROUNDING = 0.005
"""Part of a capacity by which its parts may miss it (E014, E018)."""

MANDATORY: Mapping[str, tuple[str, ...]] = {
    "Service": ("ServiceID", "ServiceType", "ServiceQualityLevel", "ServiceAdminDomainForeignKey"),
    "Endpoint": (
        "EndpointID",
        "EndpointURL",
        "EndpointInterfaceName",
        "EndpointImplementationName",
        "EndpointImplementationVersion",
        "EndpointQualityLevel",
        "EndpointHealthState",
        "EndpointServingState",
    ),
    "ComputingShare": (
        "ComputingShareServingState",
        "ComputingShareMaxMainMemory",
        "ComputingShareUsedSlots",
        "ComputingShareFreeSlots",
    ),
    "StorageShare": (
        "StorageShareServingState",
        "StorageShareAccessLatency",
        "StorageShareRetentionPolicy",
    ),
}
"""Class -> attributes that the catalogue demands of it (INFO-002, 003, 011)."""

PLACEHOLDERS: Mapping[str, tuple[str, int]] = {
    "ComputingShareWaitingJobs": ("E022", 444444),
    "ComputingShareEstimatedAverageWaitingTime": ("E023", 2146660842),
    "ComputingShareEstimatedWorstWaitingTime": ("E024", 2146660842),
}

_COMPLETED_BY: Mapping[str, tuple[str, ...]] = {
    "Domain": ("Location", "Contact"),
    "ComputingService": ("Service",),
    "StorageService": ("Service",),
    "ComputingEndpoint": ("Endpoint",),
    "StorageEndpoint": ("Endpoint",),
    "ComputingShare": ("Share",),
    "StorageShare": ("Share",),
    "ComputingManager": ("Manager",),
    "StorageManager": ("Manager",),
    "ExecutionEnvironment": ("Resource",),
}
"""Class -> those that a tree with it must have too (E025)."""

_OF_DOMAINS = (
    "LocationDomainForeignKey",
    "ContactDomainForeignKey",
    "ServiceAdminDomainForeignKey",
)
_OF_USERS = "UserDomainForeignKey"
"""VOs are domains of users, which no site publishes (GFD.147, section 5.5)."""

_PARTS = ("Free", "Used", "Reserved")


@dataclass(frozen=True)
class Violation:
    """A rule that an object breaks."""

    code: str
    """The code of glue-validator; empty if the rule has none."""
    name: str
    """The object's distinguished name; empty if the whole tree is meant."""
    what: str
    """The attribute, its value, and what is wrong."""

    def __str__(self) -> str:
        return " ".join(
            word for word in (self.code, self.what, self.name and f"at {self.name}") if word
        )


Rule = Callable[[Tree, dt.datetime], Iterator[Violation]]


def made_in_the_past(tree: Tree, now: dt.datetime) -> Iterator[Violation]:
    """Yield the objects that were made in the future (E001)."""
    for entry in tree.entries:
        made = _time(entry, "EntityCreationTime")
        if made is not None and made > now + LEEWAY:
            yield _of("E001", entry, "EntityCreationTime", "is in the future")


def valid(tree: Tree, now: dt.datetime) -> Iterator[Violation]:
    """Yield the objects whose validity (seconds) has ended (E002)."""
    for entry in tree.entries:
        made, life = _time(entry, "EntityCreationTime"), entry.number("EntityValidity")
        if made is not None and life is not None and made + dt.timedelta(seconds=life) < now:
            yield _of("E002", entry, "EntityCreationTime", f"is past its validity of {life} s")


def on_the_map(tree: Tree, _: dt.datetime) -> Iterator[Violation]:
    """Yield the places whose longitude (E008) or latitude (E009) does not exist."""
    for code, name, most in (
        ("E008", "LocationLongitude", 180.0),
        ("E009", "LocationLatitude", 90.0),
    ):
        for entry in tree.entries:
            text = entry.one(name)
            if text and not _within(text, most):
                yield _of(code, entry, name, f"is not between -{most:g} and {most:g}")


def times_in_order(tree: Tree, now: dt.datetime) -> Iterator[Violation]:
    """Yield the endpoints whose start or downtime cannot be (E010 to E013)."""
    for entry in tree.of("Endpoint"):
        started, announced, begins, ends = (
            _time(entry, f"Endpoint{name}")
            for name in ("StartTime", "DowntimeAnnounce", "DowntimeStart", "DowntimeEnd")
        )
        if started is not None and started > now + LEEWAY:
            yield _of("E010", entry, "EndpointStartTime", "is in the future")
        if announced is not None and announced > now + LEEWAY:
            yield _of("E011", entry, "EndpointDowntimeAnnounce", "is in the future")
        if begins is not None and ends is not None and begins > ends:
            yield _of("E012", entry, "EndpointDowntimeStart", f"is after the end, {ends:%F %T}")
        if ends is not None and begins is None:
            yield _of("E013", entry, "EndpointDowntimeEnd", "has no start")


def capacities_add_up(tree: Tree, _: dt.datetime) -> Iterator[Violation]:
    """Yield the storages whose capacities do not add up (E014 to E020), and shares with too many slots.

    The validator does not check slots. Here a share may not offer more free slots than are left of those
    that all managers of its service have (GFD.147, sections 6.4 and 6.5). More may be in use: a site may
    let several jobs share a processor.
    """
    for kind, codes in (
        ("StorageServiceCapacity", ("E014", ("E015", "E016", "E017"))),
        ("StorageShareCapacity", ("E018", ("E019", "E020", "E020"))),
    ):
        for entry in tree.of(kind):
            yield from _of_storage(entry, kind, *codes)
    for service in tree.of("ComputingService"):
        below = [e for e in tree.entries if e.name.endswith(f",{service.name}")]
        totals = [
            count
            for entry in below
            if (
                count := entry.number("ComputingManagerTotalSlots")
                or entry.number("ComputingManagerTotalLogicalCPUs")
            )
            is not None
        ]
        for entry in below:
            used, free = (entry.number(f"ComputingShare{w}Slots") for w in ("Used", "Free"))
            if not totals or used is None or free is None:
                continue
            if free > max(0, sum(totals) - used):
                yield _of(
                    "",
                    entry,
                    "ComputingShareFreeSlots",
                    f"are more than are left: {used} of {sum(totals)} are in use",
                )


def no_placeholders(tree: Tree, _: dt.datetime) -> Iterator[Violation]:
    """Yield the objects with a number that stands for not knowing (E022 to E024)."""
    for entry in tree.entries:
        for name, (code, number) in PLACEHOLDERS.items():
            if entry.number(name) == number:
                yield _of(code, entry, name, "is a placeholder")


def hierarchy_is_whole(tree: Tree, _: dt.datetime) -> Iterator[Violation]:
    """Yield the classes that lack one which completes them (E025)."""
    there = {name for entry in tree.entries for name in entry.classes}
    for name, others in _COMPLETED_BY.items():
        for other in others:
            if name in there and other not in there:
                yield Violation("E025", "", f"{name} is published, and no {other}")


def domains_match(tree: Tree, _: dt.datetime) -> Iterator[Violation]:
    """Yield the objects that name another site than the one below which they stand (E026)."""
    for entry in tree.entries:
        for name in _OF_DOMAINS:
            if (named := entry.one(name)) and named != entry.domain:
                yield _of("E026", entry, name, f"stands below {entry.domain or 'no domain'}")


def keys_lead_somewhere(tree: Tree, _: dt.datetime) -> Iterator[Violation]:
    """Yield the foreign keys of objects that are not published (GFD.147, section 4.2).

    Those of domains of users are left out.
    """
    for entry in tree.entries:
        for name, values in entry.values.items():
            if name.endswith("ForeignKey") and not name.endswith(_OF_USERS):
                for value in values:
                    if value not in tree.ids:
                        yield Violation("", entry.name, f"{name}={value} is no published object")


def mandatory(*classes: str) -> Rule:
    """Return the rule that objects of these classes have their mandatory attributes (W034)."""

    def check(tree: Tree, _: dt.datetime) -> Iterator[Violation]:
        for kind in classes:
            for entry in tree.of(kind):
                for name in MANDATORY[kind]:
                    if not entry.one(name):
                        yield Violation("W034", entry.name, f"{name} is missing")

    return check


ERRORS: tuple[Rule, ...] = (
    made_in_the_past,
    valid,
    on_the_map,
    times_in_order,
    capacities_add_up,
    no_placeholders,
    hierarchy_is_whole,
    domains_match,
)
"""The rules whose breach is an ERROR."""


def violations(tree: Tree, *rules: Rule, now: dt.datetime | None = None) -> list[Violation]:
    """Return what in a tree breaks some rules, at a time: now, unless it is given."""
    at = now or dt.datetime.now(dt.UTC)
    return [found for rule in rules for found in rule(tree, at)]


def told(found: Iterable[Violation], *, most: int = 10) -> str:
    """Return violations for people, a line each; of many the first."""
    lines = [str(one) for one in found]
    more = [f"and {len(lines) - most} more"] if len(lines) > most else []
    return "\n".join([*lines[:most], *more])


def _of_storage(
    entry: Entry, kind: str, sum_code: str, codes: tuple[str, ...]
) -> Iterator[Violation]:
    total = entry.number(f"{kind}TotalSize")
    parts = {part: entry.number(f"{kind}{part}Size") for part in _PARTS}
    if total is None:
        return
    # What is reserved for the whole of the share is counted among what is free or used already.
    added = sum(
        size
        for part, size in parts.items()
        if size is not None and (part, size) != ("Reserved", total)
    )
    if abs(added - total) > total * _ROUNDING + 1:
        yield _of(sum_code, entry, f"{kind}TotalSize", f"is not the sum of its parts, {added}")
    for (part, size), code in zip(parts.items(), codes, strict=True):
        if size is not None and size > total:
            yield _of(code, entry, f"{kind}{part}Size", f"is more than the total, {total}")


def _of(code: str, entry: Entry, name: str, why: str) -> Violation:
    return Violation(code, entry.name, f"{name}={entry.one(name)} {why}")


def _time(entry: Entry, name: str) -> dt.datetime | None:
    """Return a time of an object (UTC); None where there is none, or where it is none."""
    try:
        return dt.datetime.strptime(entry.one(name), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def _within(text: str, most: float) -> bool:
    try:
        return -most <= float(text) <= most
    except ValueError:
        return False
