"""A broken route is the same route by other names of its services."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import inventory
from harness.model import Host, Route, Testbed
from harness.mutants import routes
from harness.mutants.catalogue import Mutant

STORAGE = Mutant(id="ignores-expiry", fault="it does", services=("webdav",))
ISSUER = Mutant(id="old-keys", fault="it does", services=("egi.aai.oidc",))
CONDOR = Mutant(id="open", fault="it does", services=("org.opensciencegrid.htcondorce",))


@pytest.fixture
def testbed(inventory_folder: Path) -> Testbed:
    return inventory.load(inventory_folder).testbed


@pytest.fixture
def route(testbed: Testbed) -> Route:
    return next(route for route in testbed.routes if route.id == "egi:CSTCLOUD-TWIN")


def test_only_the_services_of_its_types_are_broken(route: Route, testbed: Testbed) -> None:
    found = routes.broken(route, STORAGE, "resource", testbed)
    for real, service in zip(route.resource.services, found.resource.services, strict=True):
        named = service.endpoint.replace("//ignores-expiry.", "//")
        assert named == real.endpoint
        assert ("//ignores-expiry." in service.endpoint) == (real.type == "webdav")
        assert service.audience == real.audience
    assert found.home == route.home
    assert found.id == route.id


def test_what_is_used_at_home_alone_is_broken_there(route: Route, testbed: Testbed) -> None:
    found = routes.broken(route, STORAGE, "resource", testbed, at_home={"webdav"})
    assert found.home_site is not None
    assert found.home_site.name == testbed.home_site("egi").name
    endpoint = found.home_site.service("webdav").endpoint
    assert endpoint.startswith("https://ignores-expiry.se.egi.test")
    assert routes.broken(route, STORAGE, "resource", testbed).home_site is None
    condor = routes.broken(route, CONDOR, "resource", testbed, at_home={"webdav"})
    assert condor.home_site is None


def test_a_broken_issuer_keeps_its_name(route: Route, testbed: Testbed) -> None:
    found = routes.broken(route, ISSUER, "issuer", testbed)
    assert found.home.issuer == route.home.issuer
    assert found.home.address == "https://old-keys.aai.egi.test"
    assert found.home.jwks_uri == "https://old-keys.aai.egi.test/jwks"
    assert found.resource == route.resource


def test_what_speaks_no_http_is_broken_by_a_host_of_that_name(
    route: Route, testbed: Testbed
) -> None:
    bare = testbed.model_copy(
        update={"mutants": tuple(h for h in testbed.mutants if h.name.startswith("gateway."))}
    )
    assert not routes.breaks(route, CONDOR, CONDOR.services, bare)
    host = Host(
        name="open.ce.cstcloud.test",
        infrastructure="cstcloud",
        site=None,
        roles=("htcondor",),
        connection="docker",
        target="x",
    )
    made = bare.model_copy(update={"mutants": (*bare.mutants, host)})
    assert routes.breaks(route, CONDOR, CONDOR.services, made)
    services = routes.broken(route, CONDOR, "resource", made).resource.services
    assert "condor://open.ce.cstcloud.test:9618" in {service.endpoint for service in services}


def test_without_a_gateway_nothing_is_broken(route: Route, testbed: Testbed) -> None:
    real = testbed.model_copy(update={"mutants": ()})
    assert not routes.breaks(route, STORAGE, STORAGE.services, real)
    assert routes.broken(route, STORAGE, "resource", real) == route


def test_every_name_has_the_address_of_its_gateway(testbed: Testbed) -> None:
    found = routes.addresses(iter([STORAGE, ISSUER]), testbed)
    gateways = {host.name: str(host.address) for host in testbed.mutants}
    assert found["ignores-expiry.se.egi.test"] == gateways["gateway.egi.test"]
    assert found["old-keys.aai.cstcloud.test"] == gateways["gateway.cstcloud.test"]
    assert "ignores-expiry.ce.egi.test" not in found


def test_the_gateway_answers_for_a_broken_service_too(route: Route, testbed: Testbed) -> None:
    broken = routes.broken(route, STORAGE, "resource", testbed).resource.service("webdav")
    real = route.resource.service("webdav")
    assert [host.name for host in routes.answering(real, testbed)] == [real.host]
    own, before = routes.answering(broken, testbed)
    assert (own.name, before.roles) == (real.host, ("trust", routes.GATEWAY))
