from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from harness import inventory
from harness.model import Service, Testbed


@pytest.fixture(scope="module")
def testbed() -> Testbed:
    return inventory.load(Path(__file__).parents[2] / "inventories" / "twin").testbed


def test_routes_are_all_ordered_pairs_the_crossing_ones_first(testbed: Testbed) -> None:
    assert [(route.id, route.is_control) for route in testbed.routes] == [
        ("egi:cstcloud", False),
        ("cstcloud:egi", False),
        ("egi:egi", True),
        ("cstcloud:cstcloud", True),
    ]


def test_a_site_gives_the_first_service_of_a_type(testbed: Testbed) -> None:
    site = testbed.home_site("cstcloud")
    assert site.service("webdav").implementation == "xrootd"
    assert site.service("webdav", implementation="apache").endpoint.endswith(":8443/vo.interop")
    kinds = ("org.nordugrid.arex", "org.opensciencegrid.htcondorce")
    assert site.service(*kinds).implementation == "htcondor"


def test_a_prefix_for_scopes_is_a_capability_and_a_beginning_of_the_endpoint(
    testbed: Testbed,
) -> None:
    site = testbed.home_site("cstcloud")
    service = site.service("webdav", capability="scope-prefix")
    assert service.scope_prefix == "/vo.interop"
    with pytest.raises(LookupError, match=r"no webdav \(apache, scope-prefix\)"):
        site.service("webdav", implementation="apache", capability="scope-prefix")
    for prefix in ("/vo", "/vo.interop/deeper", "vo.interop", "/vo.interop/"):
        with pytest.raises(ValidationError, match=r"scope_prefix"):
            Service(**{**service.model_dump(), "scope_prefix": prefix})
    door = site.service("XRootD")
    assert door.endpoint.endswith("//vo.interop")
    assert Service(**{**door.model_dump(), "scope_prefix": "/vo.interop"}).offers("scope-prefix")


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
