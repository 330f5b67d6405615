"""Which endpoints are chosen, by what is published and declared."""

from __future__ import annotations

import datetime as dt

import pytest

from harness.model import Service
from harness.services.information import brokering
from harness.services.information.registry import Outage
from harness.services.information.tree import Entry, Tree

NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def endpoint(**values: str) -> Entry:
    told = {
        "EndpointURL": "https://ce.a.test:443/arex/rest",
        "EndpointInterfaceName": "org.nordugrid.arcrest",
        "EndpointImplementationName": "nordugrid-arc",
        "EndpointServingState": "production",
        "EndpointHealthState": "ok",
    } | values
    classes = ("GLUE2Endpoint", "GLUE2ComputingEndpoint")
    return Entry(
        "GLUE2EndpointID=e,GLUE2DomainID=A,o=glue",
        {"objectClass": classes, **{name: (value,) for name, value in told.items()}},
    )


def element(**changes: str) -> Service:
    fields = {
        "type": "org.nordugrid.arex",
        "endpoint": "https://known.a.test/arex",
        "implementation": "arc",
        "host": "ce.a.test",
        "site": "A",
        "infrastructure": "a",
        "token_profile": "wlcg",
    }
    return Service.model_validate(fields | changes)


def outage(**changes: object) -> Outage:
    fields: dict[str, object] = {
        "host": "ce.a.test",
        "type": "org.nordugrid.arex",
        "severity": "OUTAGE",
        "start": NOW - HOUR,
        "end": NOW + HOUR,
        "urls": (),
    }
    return Outage(**(fields | changes))  # type: ignore[arg-type]


def test_the_published_address_takes_the_place_of_the_known_one() -> None:
    found = brokering.found(Tree((endpoint(),)), element())
    assert found.endpoint == "https://ce.a.test:443/arex"


def test_another_site_or_software_is_not_taken() -> None:
    with pytest.raises(AssertionError, match="no endpoint of"):
        brokering.found(Tree((endpoint(),)), element(site="B"))
    with pytest.raises(AssertionError, match="no endpoint of"):
        brokering.found(Tree((endpoint(),)), element(implementation="slurm"))


@pytest.mark.parametrize(
    ("published", "declared", "chosen"),
    [
        ({}, [], True),
        ({"EndpointServingState": "draining"}, [], False),
        ({"EndpointHealthState": "critical"}, [], False),
        ({}, [outage()], False),
        ({}, [outage(severity="WARNING")], True),
        ({}, [outage(end=NOW)], True),
        ({}, [outage(start=NOW + HOUR, end=NOW + 2 * HOUR)], True),
        ({}, [outage(host="other.a.test")], True),
        ({}, [outage(type="webdav")], True),
    ],
)
def test_jobs_go_where_something_serves_and_no_outage_is(
    published: dict[str, str], declared: list[Outage], chosen: bool
) -> None:
    found = brokering.open_to_jobs(Tree((endpoint(**published),)), declared, now=NOW)
    assert bool(found) is chosen
