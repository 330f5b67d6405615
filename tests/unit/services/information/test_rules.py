"""Each rule of the profile finds its breach, and nothing in a sound tree."""

from __future__ import annotations

import datetime as dt

import pytest

from harness.services.information import rules
from harness.services.information.tree import Entry, Tree

NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
SITE = "GLUE2DomainID=A,o=glue"
SERVICE = f"GLUE2ServiceID=s,{SITE}"


def entry(name: str, *classes: str, **values: object) -> Entry:
    told = {key: (str(value),) for key, value in values.items()}
    return Entry(name, {"objectClass": tuple(f"GLUE2{word}" for word in classes), **told})


def sound() -> dict[str, Entry]:
    made = {"EntityCreationTime": "2026-11-30T11:59:00Z", "EntityValidity": 300}
    endpoint = dict.fromkeys(rules.MANDATORY["Endpoint"], "x")
    return {
        "domain": entry(SITE, "Domain", "AdminDomain", DomainID="A", **made),
        "place": entry(
            f"GLUE2LocationID=l,{SITE}",
            "Location",
            LocationID="l",
            LocationLatitude="52.4",
            LocationLongitude="-4.9",
            LocationDomainForeignKey="A",
        ),
        "contact": entry(
            f"GLUE2ContactID=c,{SITE}", "Contact", ContactID="c", ContactDomainForeignKey="A"
        ),
        "service": entry(
            SERVICE,
            "Service",
            "ComputingService",
            ServiceID="s",
            ServiceType="t",
            ServiceQualityLevel="testing",
            ServiceAdminDomainForeignKey="A",
            **made,
        ),
        "endpoint": entry(
            f"GLUE2EndpointID=x,{SERVICE}",
            "Endpoint",
            "ComputingEndpoint",
            **endpoint | made,
            EndpointServiceForeignKey="s",
            EndpointStartTime="2026-11-30T12:01:00Z",
        ),
        "manager": entry(
            f"GLUE2ManagerID=m,{SERVICE}",
            "Manager",
            "ComputingManager",
            ManagerID="m",
            ComputingManagerTotalLogicalCPUs=8,
        ),
        "share": entry(
            f"GLUE2ShareID=h,{SERVICE}",
            "Share",
            "ComputingShare",
            ShareID="h",
            ComputingShareServingState="production",
            ComputingShareMaxMainMemory=100,
            ComputingShareUsedSlots=3,
            ComputingShareFreeSlots=5,
            ComputingShareWaitingJobs=0,
            PolicyUserDomainForeignKey="vo.a.test",
        ),
        "capacity": entry(
            f"GLUE2StorageServiceCapacityID=k,{SERVICE}",
            "StorageServiceCapacity",
            StorageServiceCapacityID="k",
            StorageServiceCapacityTotalSize=1000,
            StorageServiceCapacityUsedSize=400,
            StorageServiceCapacityFreeSize=600,
            StorageServiceCapacityReservedSize=1000,
        ),
    }


def broken(of: str, rule: rules.Rule, **values: object) -> list[str]:
    entries = sound()
    old = entries[of]
    new = {key: (str(value),) for key, value in values.items() if value is not None}
    kept = {key: value for key, value in old.values.items() if key not in values}
    entries[of] = Entry(old.name, {**kept, **new})
    found = rules.violations(Tree(tuple(entries.values())), rule, now=NOW)
    return [one.code for one in found]


def test_a_sound_tree_breaks_nothing() -> None:
    every = (*rules.ERRORS, rules.keys_lead_somewhere, rules.mandatory(*rules.MANDATORY))
    assert rules.violations(Tree(tuple(sound().values())), *every, now=NOW) == []


@pytest.mark.parametrize(
    ("code", "of", "rule", "values"),
    [
        (
            "E001",
            "service",
            rules.made_in_the_past,
            {"EntityCreationTime": "2026-11-30T12:02:01Z"},
        ),
        ("E002", "service", rules.valid, {"EntityCreationTime": "2026-11-30T11:54:59Z"}),
        ("E008", "place", rules.on_the_map, {"LocationLongitude": 180.1}),
        ("E009", "place", rules.on_the_map, {"LocationLatitude": "north"}),
        (
            "E010",
            "endpoint",
            rules.times_in_order,
            {"EndpointStartTime": "2026-12-01T00:00:00Z"},
        ),
        (
            "E011",
            "endpoint",
            rules.times_in_order,
            {"EndpointDowntimeAnnounce": "2026-12-01T00:00:00Z"},
        ),
        (
            "E012",
            "endpoint",
            rules.times_in_order,
            {
                "EndpointDowntimeStart": "2026-12-02T00:00:00Z",
                "EndpointDowntimeEnd": "2026-12-01T00:00:00Z",
            },
        ),
        (
            "E013",
            "endpoint",
            rules.times_in_order,
            {"EndpointDowntimeEnd": "2026-12-01T00:00:00Z"},
        ),
        ("E014", "capacity", rules.capacities_add_up, {"StorageServiceCapacityFreeSize": 590}),
        (
            "E017",
            "capacity",
            rules.capacities_add_up,
            {
                "StorageServiceCapacityReservedSize": 2000,
                "StorageServiceCapacityUsedSize": 0,
                "StorageServiceCapacityFreeSize": None,
            },
        ),
        ("", "share", rules.capacities_add_up, {"ComputingShareFreeSlots": 6}),
        ("E022", "share", rules.no_placeholders, {"ComputingShareWaitingJobs": 444444}),
        (
            "E023",
            "share",
            rules.no_placeholders,
            {"ComputingShareEstimatedAverageWaitingTime": 2146660842},
        ),
        (
            "E024",
            "share",
            rules.no_placeholders,
            {"ComputingShareEstimatedWorstWaitingTime": 2146660842},
        ),
        ("E025", "place", rules.hierarchy_is_whole, {"objectClass": "GLUE2Group"}),
        ("E026", "service", rules.domains_match, {"ServiceAdminDomainForeignKey": "B"}),
        ("", "endpoint", rules.keys_lead_somewhere, {"EndpointServiceForeignKey": "nobody"}),
        ("W034", "service", rules.mandatory("Service"), {"ServiceQualityLevel": None}),
    ],
)
def test_a_breach_is_found(code: str, of: str, rule: rules.Rule, values: dict[str, object]) -> None:
    assert code in broken(of, rule, **values)


def test_a_site_may_use_more_slots_than_it_has() -> None:
    """Where several jobs share a processor; but then it offers none."""
    values = {"ComputingShareUsedSlots": 99, "ComputingShareFreeSlots": 0}
    assert not broken("share", rules.capacities_add_up, **values)
    assert broken("share", rules.capacities_add_up, **values | {"ComputingShareFreeSlots": 1})


def test_violations_are_told_with_their_object() -> None:
    some = [rules.Violation("E001", f"o={n}", "x=1 is in the future") for n in range(12)]
    lines = rules.told(some).splitlines()
    assert lines[0] == "E001 x=1 is in the future at o=0"
    assert lines[-1] == "and 2 more"
