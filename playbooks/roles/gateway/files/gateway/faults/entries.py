"""Information indexes (GLUE 2) that publish what is not so: one fault, in every entry that can have it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from gateway.ldap import Entry

EntryFault = Callable[[Entry], None]

ENTRY_FAULTS: dict[str, EntryFault] = {}
"""Name -> what the broken index does to an entry."""

_DAY = dt.timedelta(days=1)
_PLACEHOLDER_JOBS = "444444"
_PLACEHOLDER_TIME = "2146660842"
"""What providers publish that know nothing (glue-validator, E022 to E024)."""


def entry_fault(name: str) -> Callable[[EntryFault], EntryFault]:
    """Enter a function into the table."""

    def enter(alter: EntryFault) -> EntryFault:
        if name in ENTRY_FAULTS:
            raise ValueError(f"two faults are named {name}")
        ENTRY_FAULTS[name] = alter
        return alter

    return enter


@entry_fault("faultless")
def _(_: Entry) -> None:
    """The real index through the gateway: the control of all faults."""


@entry_fault("publishes-old-entries")
def _(entry: Entry) -> None:
    """Nothing was renewed since yesterday."""
    if "GLUE2EntityCreationTime" in entry.attributes:
        entry.attributes["GLUE2EntityCreationTime"] = [_time(-_DAY)]


@entry_fault("publishes-entries-of-tomorrow")
def _(entry: Entry) -> None:
    """Everything was made tomorrow."""
    if "GLUE2EntityCreationTime" in entry.attributes:
        entry.attributes["GLUE2EntityCreationTime"] = [_time(_DAY)]


@entry_fault("starts-tomorrow")
def _(entry: Entry) -> None:
    """Every endpoint has run since tomorrow."""
    if "GLUE2EndpointID" in entry.attributes:
        entry.attributes["GLUE2EndpointStartTime"] = [_time(_DAY)]


@entry_fault("ends-downtimes-before-they-start")
def _(entry: Entry) -> None:
    """Every endpoint has a downtime that ends before it begins."""
    if "GLUE2EndpointID" in entry.attributes:
        entry.attributes["GLUE2EndpointDowntimeStart"] = [_time(2 * _DAY)]
        entry.attributes["GLUE2EndpointDowntimeEnd"] = [_time(_DAY)]


@entry_fault("publishes-no-quality-level")
def _(entry: Entry) -> None:
    """No service and no endpoint tells how good it is."""
    entry.attributes.pop("GLUE2ServiceQualityLevel", None)
    entry.attributes.pop("GLUE2EndpointQualityLevel", None)


@entry_fault("publishes-no-state-of-shares")
def _(entry: Entry) -> None:
    """No share tells whether it serves."""
    entry.attributes.pop("GLUE2ComputingShareServingState", None)
    entry.attributes.pop("GLUE2StorageShareServingState", None)


@entry_fault("publishes-wrong-interfaces")
def _(entry: Entry) -> None:
    """Every endpoint is published with an interface that it has not."""
    if "GLUE2EndpointInterfaceName" in entry.attributes:
        entry.attributes["GLUE2EndpointInterfaceName"] = ["org.example.other"]


@entry_fault("publishes-more-free-slots")
def _(entry: Entry) -> None:
    """Every share has a thousand free slots more than there are."""
    _add(entry, "GLUE2ComputingShareFreeSlots", 1000)


@entry_fault("publishes-more-processors")
def _(entry: Entry) -> None:
    """Every batch system has one processor more than it has."""
    _add(entry, "GLUE2ComputingManagerTotalLogicalCPUs", 1)
    _add(entry, "GLUE2ComputingManagerTotalSlots", 1)


@entry_fault("publishes-placeholders")
def _(entry: Entry) -> None:
    """What is waited for is a number that stands for not knowing."""
    if "GLUE2ComputingShareServingState" in entry.attributes:
        entry.attributes["GLUE2ComputingShareWaitingJobs"] = [_PLACEHOLDER_JOBS]
        entry.attributes["GLUE2ComputingShareEstimatedAverageWaitingTime"] = [_PLACEHOLDER_TIME]


@entry_fault("publishes-places-off-the-map")
def _(entry: Entry) -> None:
    """Every site lies beyond the pole."""
    if "GLUE2LocationLatitude" in entry.attributes:
        entry.attributes["GLUE2LocationLatitude"] = ["91.5"]


@entry_fault("publishes-keys-to-nothing")
def _(entry: Entry) -> None:
    """Every endpoint belongs to a service that nobody publishes."""
    if "GLUE2EndpointServiceForeignKey" in entry.attributes:
        entry.attributes["GLUE2EndpointServiceForeignKey"] = ["urn:nobody"]


def _time(later: dt.timedelta) -> str:
    return f"{dt.datetime.now(dt.UTC) + later:%Y-%m-%dT%H:%M:%SZ}"


def _add(entry: Entry, name: str, count: int) -> None:
    if name in entry.attributes:
        entry.attributes[name] = [str(int(value) + count) for value in entry.attributes[name]]
