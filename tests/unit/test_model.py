from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from harness import inventory
from harness.model import Site, Testbed
from harness.services.storage.kind import StorageSettings
from tests.unit.routes import BACK, CROSS, HOME, RESOURCE


@pytest.fixture(scope="module")
def testbed() -> Testbed:
    return inventory.load(Path(__file__).parents[2] / "inventories" / "twin").testbed


@pytest.fixture(scope="module")
def wider(testbed: Testbed) -> Testbed:
    """The twin with a second site of EGI, and a third infrastructure."""
    second = testbed.site("EGI-TWIN").model_copy(update={"name": "EGI-SECOND", "home": False})
    ska = testbed.infrastructure("egi").model_copy(update={"name": "ska", "title": "SKA"})
    own = Site(name="SKA-TWIN", infrastructure="ska", services=(), home=True)
    return testbed.model_copy(
        update={
            "infrastructures": (*testbed.infrastructures, ska),
            "sites": (*testbed.sites, second, own),
        }
    )


def test_routes_are_all_ordered_pairs_the_crossing_ones_first(testbed: Testbed) -> None:
    assert [(route.id, route.is_control) for route in testbed.routes] == [
        (CROSS, False),
        (BACK, False),
        (HOME, True),
        (RESOURCE, True),
    ]


def test_a_route_leads_from_every_infrastructure_to_every_site(wider: Testbed) -> None:
    ids = [route.id for route in wider.routes]
    assert len(ids) == len(set(ids)) == 3 * 4
    controls = {route.id for route in wider.routes if route.is_control}
    assert controls == {HOME, "egi:EGI-SECOND", RESOURCE, "ska:SKA-TWIN"}


@pytest.mark.parametrize(
    ("patterns", "sites", "chosen"),
    [
        ((), (), 12),
        (("egi:cstcloud",), (), [CROSS]),
        (("cstcloud:egi",), (), [BACK, "cstcloud:EGI-SECOND"]),
        (("ska:EGI-SECOND",), (), ["ska:EGI-SECOND"]),
        (("*:SKA-TWIN",), (), ["egi:SKA-TWIN", "cstcloud:SKA-TWIN", "ska:SKA-TWIN"]),
        (("egi:*",), (), [CROSS, "egi:SKA-TWIN", HOME, "egi:EGI-SECOND"]),
        (("*:*",), (), 12),
        ((), ("EGI-SECOND",), ["cstcloud:EGI-SECOND", "ska:EGI-SECOND", "egi:EGI-SECOND"]),
        (("cstcloud:*",), ("EGI-SECOND", "SKA-TWIN"), ["cstcloud:EGI-SECOND", "cstcloud:SKA-TWIN"]),
        # each once, in the order of all routes, however often it is named
        ((RESOURCE, CROSS, "egi:cstcloud"), (), [CROSS, RESOURCE]),
        ((CROSS,), ("EGI-TWIN",), []),
    ],
)
def test_routes_are_selected_by_patterns_and_sites(
    wider: Testbed, patterns: tuple[str, ...], sites: tuple[str, ...], chosen: list[str] | int
) -> None:
    found = [route.id for route in wider.select(patterns, sites)]
    assert (len(found) if isinstance(chosen, int) else found) == chosen


@pytest.mark.parametrize("pattern", ["egi:CSTCLOUD", "EGI-TWIN", "*:EGI", "egi", "", "egi::egi"])
def test_a_route_that_is_not_there_is_told_with_those_that_are(
    testbed: Testbed, pattern: str
) -> None:
    with pytest.raises(LookupError) as caught:
        testbed.select([CROSS, pattern])
    said = str(caught.value)
    assert said.startswith(f"unknown route {pattern!r}; there are {CROSS}, {BACK}, {HOME}, ")
    assert "an infrastructure's name for all of its sites" in said


def test_a_site_that_is_not_there_is_told_with_those_that_are(testbed: Testbed) -> None:
    with pytest.raises(LookupError) as caught:
        testbed.select(sites=["egi"])
    assert str(caught.value) == "unknown site 'egi'; there are EGI-TWIN, CSTCLOUD-TWIN."


def test_a_site_gives_the_first_service_of_a_type(testbed: Testbed) -> None:
    site = testbed.home_site("cstcloud")
    assert site.service("webdav").implementation == "xrootd"
    assert site.service("webdav", capability="copy").endpoint.endswith(":8443/vo.interop")
    kinds = ("org.nordugrid.arex", "org.opensciencegrid.htcondorce")
    assert site.service(*kinds).implementation == "htcondor"


def test_a_site_can_be_had_with_one_service_of_a_kind(testbed: Testbed) -> None:
    """What stands on its host comes first, and services of other kinds stay."""
    site = testbed.home_site("cstcloud")
    other = site.service("webdav", capability="copy")
    narrowed = site.only(other, of=["webdav"])
    assert [one for one in narrowed.services if one.type == "webdav"] == [other]
    assert narrowed.services[0].host == other.host
    assert {s.endpoint for s in site.services if s.type != "webdav"} == {
        s.endpoint for s in narrowed.services if s.type != "webdav"
    }
    assert narrowed.name == site.name


def test_a_prefix_for_scopes_is_a_capability(testbed: Testbed) -> None:
    site = testbed.home_site("cstcloud")
    service = site.service("webdav", capability="scope-prefix")
    assert StorageSettings.of(service).scope_prefix == "/vo.interop"
    with pytest.raises(LookupError, match="offers no webdav with no-such-thing"):
        site.service("webdav", capability="no-such-thing")


def test_what_is_not_there_is_named(testbed: Testbed) -> None:
    with pytest.raises(LookupError, match=r"CSTCLOUD-TWIN offers no org\.nordugrid\.arex"):
        testbed.home_site("cstcloud").service("org.nordugrid.arex")
    with pytest.raises(LookupError, match=r"no host named 'se\.nowhere'"):
        testbed.host("se.nowhere")
    with pytest.raises(LookupError, match="no infrastructure named 'x'"):
        testbed.infrastructure("x")


def test_every_infrastructure_has_its_issuer_its_workstation_and_all_kinds_of_members(
    testbed: Testbed,
) -> None:
    for infrastructure in testbed.infrastructures:
        assert testbed.issuer_service(infrastructure.name).endpoint == infrastructure.issuer
        assert testbed.workstation(infrastructure.name).infrastructure == infrastructure.name
        for kind in ("member", "second", "outsider", "suspended", "robot", "monitor"):
            assert infrastructure.member(kind).kind == kind  # type: ignore[arg-type]


def test_records_cannot_be_changed(testbed: Testbed) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        testbed.name = "other"  # type: ignore[misc]


def test_an_endpoint_has_an_origin(testbed: Testbed) -> None:
    service = testbed.home_site("egi").service("org.openstack.keystone")
    assert service.origin == "https://cloud.egi.test:5000"
