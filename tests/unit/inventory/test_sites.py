"""Sites are put together from hosts; what is not clear is refused with the place and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness import inventory
from harness.errors import InventoryError
from harness.inventory.sites import sites_of
from harness.model import Infrastructure, Site

HERE = Path("inventories/unit")
ISSUER = {"type": "egi.aai.oidc", "endpoint": "https://aai.test", "implementation": "x"}
STORAGE = {"type": "webdav", "endpoint": "https://se.test/vo", "implementation": "x"}


@pytest.fixture(scope="module")
def infrastructures() -> tuple[Infrastructure, ...]:
    folder = Path(__file__).parents[3] / "inventories" / "twin"
    return inventory.load(folder).testbed.infrastructures


def host(site: str | None, *services: dict[str, Any], of: str = "egi", **more: Any) -> Any:
    known = {"site": site, "infrastructure_name": of, "token_profile": "wlcg"}
    return known | {"services": list(services)} | more


@pytest.fixture
def made(infrastructures: tuple[Infrastructure, ...]) -> Any:
    """Make the sites of some hosts, beside one of CSTCloud."""

    def make(**hosts: Any) -> dict[str, Site]:
        theirs = {"theirs": host("CSTCLOUD-1", of="cstcloud")}
        found = sites_of(HERE, hosts | theirs, infrastructures)
        return {site.name: site for site in found if site.name != "CSTCLOUD-1"}

    return make


@pytest.fixture
def refused(made: Any) -> Any:
    """Return what is said of hosts that are refused."""

    def make(**hosts: Any) -> str:
        with pytest.raises(InventoryError) as caught:
            made(**hosts)
        said = str(caught.value)
        assert said.startswith(f"{HERE}: ")
        return said

    return make


def test_hosts_of_one_name_are_one_site_in_the_order_of_the_inventory(made: Any) -> None:
    other = STORAGE | {"endpoint": "https://two.test/vo"}
    found = made(b=host("S", STORAGE), a=host("S", other), ui=host("S"))
    assert list(found) == ["S"]
    assert [(one.host, one.endpoint) for one in found["S"].services] == [
        ("b", "https://se.test/vo"),
        ("a", "https://two.test/vo"),
    ]
    assert found["S"].infrastructure == "egi"


def test_the_only_site_of_an_infrastructure_is_its_users_home(made: Any) -> None:
    assert made(a=host("S", STORAGE))["S"].home


def test_of_several_sites_the_one_that_says_so_is_the_home(made: Any) -> None:
    """Also where another one has the issuer."""
    found = made(a=host("S", ISSUER), b=host("T", STORAGE, home=True))
    assert {name: site.home for name, site in found.items()} == {"S": False, "T": True}


def test_one_host_of_a_site_says_it_for_all(made: Any) -> None:
    found = made(a=host("S"), b=host("S", home=True), c=host("T"))
    assert {name: site.home for name, site in found.items()} == {"S": True, "T": False}


def test_where_none_says_so_the_site_of_the_issuer_is_the_home(made: Any) -> None:
    found = made(a=host("S", STORAGE), b=host("T", ISSUER))
    assert {name: site.home for name, site in found.items()} == {"S": False, "T": True}


def test_two_homes_are_refused(refused: Any) -> None:
    said = refused(a=host("S", home=True), b=host("T", home=True))
    assert "infrastructure egi: the sites S and T all have `home: true`" in said
    assert "Keep the key at one of them" in said


@pytest.mark.parametrize("issuers", [0, 2])
def test_sites_of_which_none_is_clearly_the_home_are_refused(refused: Any, issuers: int) -> None:
    given = [ISSUER] * issuers + [STORAGE] * (2 - issuers)
    said = refused(a=host("S", given[0]), b=host("T", given[1]))
    assert "infrastructure egi: no site has `home: true`" in said
    assert "S, T" in said


def test_an_infrastructure_without_a_site_is_refused(refused: Any) -> None:
    said = refused(a=host(None))
    assert "infrastructure egi: it has no site. Give one of its hosts a `site`" in said


def test_a_host_without_a_site_belongs_to_none(made: Any) -> None:
    assert list(made(a=host("S", STORAGE), wan=host(None))) == ["S"]


def test_services_of_no_site_are_refused(refused: Any) -> None:
    said = refused(a=host("S"), b=host(None, STORAGE))
    assert "host b: it offers services but belongs to no site. Set `site`" in said


def test_one_site_at_two_infrastructures_is_refused(refused: Any) -> None:
    said = refused(a=host("S"), b=host("S", of="cstcloud"))
    assert "the site S belongs to two infrastructures: egi (host a) and cstcloud (host b)" in said


@pytest.mark.parametrize("owner", [None, "EGI", ""])
def test_a_site_of_no_infrastructure_is_refused(refused: Any, owner: Any) -> None:
    said = refused(a=host("S", of=owner))
    assert f"host a: `infrastructure_name` is {owner!r}; known are egi, cstcloud." in said


@pytest.mark.parametrize("name", ["egi", "cstcloud"])
def test_a_site_with_the_name_of_an_infrastructure_is_refused(refused: Any, name: str) -> None:
    said = refused(a=host(name))
    assert f"the site {name} has the name of an infrastructure, so a route to it" in said


@pytest.mark.parametrize(
    "name", ["", "a:b", "a b", "*", "-a", ".a", "a/b", "ü", "a\n", "a" * 101, 7, True, ["S"]]
)
def test_a_name_that_cannot_stand_in_routes_and_files_is_refused(refused: Any, name: Any) -> None:
    assert f"host a: {name!r} is no name of a site." in refused(a=host(name))


@pytest.mark.parametrize("again", ["https://se.test/vo", "https://SE.test/vo/"])
@pytest.mark.parametrize("at", ["a", "b"])
def test_a_service_that_a_site_lists_twice_is_refused(refused: Any, again: str, at: str) -> None:
    twice = STORAGE | {"endpoint": again}
    hosts = (
        {"a": host("S", STORAGE, twice)}
        if at == "a"
        else {
            "a": host("S", STORAGE),
            "b": host("S", twice),
        }
    )
    said = refused(**hosts)
    assert f"the site S lists webdav {again} twice: at host a and at host {at}. Remove one." in said


def test_two_sites_may_share_an_endpoint_and_two_types_too(made: Any) -> None:
    door = STORAGE | {"type": "XRootD", "endpoint": "root://se.test//vo"}
    found = made(a=host("S", STORAGE, door, home=True), b=host("T", STORAGE))
    assert [len(site.services) for site in found.values()] == [2, 1]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"type": "webdaf"}, ": unknown service type 'webdaf'; similar: webdav."),
        ({"type": "zzz"}, ": unknown service type 'zzz'; known are Site-BDII, Top-BDII, XRootD, "),
        ({"type": None}, ": unknown service type 'None'; "),
        (
            {"capabilities": ["read", "third-party-copi"]},
            " (webdav): unknown capability 'third-party-copi'; similar: third-party-copy.",
        ),
        ({"capabilities": ["device"]}, " (webdav): unknown capability 'device'; "),
        ({"scope_prefx": "/vo"}, " (webdav): unknown key 'scope_prefx'; similar: scope_prefix."),
        ({"login": {"protocol": "oidc"}}, " (webdav): unknown key 'login'; "),
        ({"scope_prefix": "/other"}, "the path of https://se.test/vo does not begin with /other"),
        ({"scope_prefix": "/v"}, "the path of https://se.test/vo does not begin with /v"),
        ({"scope_prefix": "vo"}, " (webdav): scope_prefix: String should match pattern"),
        ({"scope_prefix": "/vo/"}, " (webdav): scope_prefix: String should match pattern"),
        ({"type": "org.openstack.keystone"}, " (org.openstack.keystone): login: Field required"),
        ({"audiense": "x"}, " (webdav): unknown key 'audiense'; similar: audience."),
        ({"type": "XRootD", "scope_prefix": "/vo"}, " (XRootD): unknown key 'scope_prefix'; "),
        ({"endpoint": "https://se.test:x/vo"}, ": endpoint: Port could not be cast"),
        ({"implementation": None}, ": implementation: Input should be a valid string"),
    ],
)
def test_what_is_wrong_with_a_service_is_told_with_host_number_and_key(
    refused: Any, keys: dict[str, Any], said: str
) -> None:
    found = refused(a=host("S", ISSUER, STORAGE | keys))
    assert found.startswith(f"{HERE}: host a: services[1]")
    assert said in found


@pytest.mark.parametrize("given", ["webdav", 7, ["webdav"], None])
def test_a_service_that_is_no_mapping_is_refused(refused: Any, given: Any) -> None:
    said = refused(a=host("S", ISSUER, given))
    assert f"host a: services[1]: a mapping is expected, not {type(given).__name__}." in said


def test_capabilities_that_follow_from_a_key_need_not_be_declared(made: Any) -> None:
    prefixed = STORAGE | {"scope_prefix": "/vo", "capabilities": ["read"]}
    (service,) = made(a=host("S", prefixed))["S"].services
    assert service.capabilities == {"read", "scope-prefix"}
    assert service.settings.data == {"scope_prefix": "/vo"}
    (plain,) = made(a=host("S", STORAGE))["S"].services
    assert plain.capabilities == frozenset()
    assert plain.settings.data == {}
