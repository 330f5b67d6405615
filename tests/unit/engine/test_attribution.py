"""Which services and hosts a step asked is told by the addresses that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import inventory
from harness.conformance.outcomes import Asked, Cell
from harness.engine.attribution import Attribution
from harness.evidence import Step
from harness.model import Service, Site, Testbed
from tests.unit.routes import BACK, CROSS, HOME, RESOURCE, ends

ENDPOINTS = {
    "aai": ("egi.aai.oidc", "https://aai.egi.test", "aai.egi.test"),
    "keystone": ("org.openstack.keystone", "https://cloud.egi.test:5000/v3", "cloud.egi.test"),
    "swift": ("org.openstack.swift", "https://cloud.egi.test:8080/v1", "cloud.egi.test"),
    "webdav": ("webdav", "https://se.egi.test/vo", "se.egi.test"),
    "tape": ("webdav", "https://se.egi.test/vo/tape", "se.egi.test"),
    "apache": ("webdav", "https://se.egi.test:8443/vo", "se.egi.test"),
    "door": ("XRootD", "root://se.egi.test//vo", "se.egi.test"),
    # the name is an alias of its host's, and in other letters
    "alias": ("webdav", "https://Storage.EGI.test/vo", "dpm-1.egi.test"),
    "six": ("webdav", "https://[2001:db8::7]:8443/vo", "six.egi.test"),
    "ce": ("org.opensciencegrid.htcondorce", "condor://ce.egi.test:9618", "ce.egi.test"),
    "theirs": ("webdav", "https://se.cstcloud.test/vo", "se.cstcloud.test"),
    # one Keystone of two sites, each in another infrastructure
    "shared": ("org.openstack.keystone", "https://cloud.test/v3", "cloud.egi.test"),
    "shared there": ("org.openstack.keystone", "https://cloud.test/v3", "cloud.cstcloud.test"),
}
THEIRS = {"theirs", "shared there"}


def service(name: str) -> Service:
    type_, endpoint, host = ENDPOINTS[name]
    owner = "cstcloud" if name in THEIRS else "egi"
    return Service(
        type=type_,
        endpoint=endpoint,
        host=host,
        site=f"{owner.upper()}-TWIN",
        infrastructure=owner,
        implementation="x",
        token_profile="wlcg",
    )


NAMES = {
    Asked(site=one.site, type=one.type, endpoint=one.endpoint): name
    for name in ENDPOINTS
    if (one := service(name))
}


@pytest.fixture(scope="module")
def testbed() -> Testbed:
    twin = inventory.load(Path(__file__).parents[3] / "inventories" / "twin").testbed
    sites = tuple(
        Site(
            name=f"{owner.upper()}-TWIN",
            infrastructure=owner,
            services=tuple(service(name) for name in ENDPOINTS if (name in THEIRS) is foreign),
        )
        for owner, foreign in (("egi", False), ("cstcloud", True))
    )
    one = twin.host("se.egi.test")
    hosts = [one.model_copy(update={"name": n}) for n in ("dpm-1.egi.test", "SIX.egi.test")]
    return twin.model_copy(update={"sites": sites, "hosts": (*twin.hosts, *hosts)})


@pytest.fixture(scope="module")
def attribution(testbed: Testbed) -> Attribution:
    return Attribution(testbed)


def cell(route: str) -> Cell:
    return Cell(scenario="a::b", title="t", family="a", requirements=(), **ends(route))  # type: ignore[arg-type]


def asked(attribution: Attribution, *texts: str, route: str = BACK) -> set[str]:
    return {NAMES[one] for one in attribution.services(texts, cell(route))}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # by the longest path that fits
        ("GET https://se.egi.test/vo/f", {"webdav"}),
        ("GET https://se.egi.test/vo", {"webdav"}),
        ("GET https://se.egi.test/vo/tape/f", {"tape"}),
        ("GET https://se.egi.test/vo/tapes/f", {"webdav"}),
        # by the port, also where the scheme alone tells it
        ("GET https://se.egi.test:443/vo/f", {"webdav"}),
        ("GET https://se.egi.test:8443/vo/tape/f", {"apache"}),
        ("davix-get davs://se.egi.test/vo/f", {"webdav"}),
        ("xrdcp root://se.egi.test//vo/f .", {"door"}),
        ("xrdcp root://se.egi.test:1094//vo/f .", {"door"}),
        ("GET https://cloud.egi.test:5000/v3/auth/tokens", {"keystone"}),
        ("GET https://cloud.egi.test:8080/v1/AUTH_x", {"swift"}),
        ("GET https://se.egi.test:9999/vo", set()),
        # a path of no service: the one service at that port, or nobody knows which
        ("GET https://cloud.egi.test:5000/", {"keystone"}),
        ("GET https://se.egi.test/elsewhere", set()),
        # an address in a sentence, in quotes, with what follows it
        ('curl "https://aai.egi.test/token"', {"aai"}),
        ("as said at <https://aai.egi.test>.", {"aai"}),
        ("https://user:word@aai.egi.test/token", {"aai"}),
        # bare names, as commands have them
        ("condor_submit -remote ce.egi.test", {"ce"}),
        ("arcstat -C aai.egi.test", {"aai"}),
        ("ping se.egi.test", set()),
        ("ce.egi.test:9618", {"ce"}),
        # names of services other than their host's, in any letters
        ("GET https://storage.egi.test/vo/f", {"alias"}),
        ("GET https://STORAGE.egi.TEST/vo/f", {"alias"}),
        ("GET https://dpm-1.egi.test/vo/f", set()),
        # IPv6
        ("GET https://[2001:db8::7]:8443/vo/f", {"six"}),
        ("GET https://[2001:DB8::7]:8443/vo/f", {"six"}),
        ("GET https://[2001:db8::7]/vo/f", set()),
        ("GET https://[2001:db8::8]:8443/vo/f", set()),
        ("GET https://[2001:db8::7", set()),
        # other hosts, and those of mutants
        ("GET https://open.se.egi.test/vo/f", set()),
        ("GET https://ignores-expiry.aai.egi.test/token", set()),
        ("GET https://se.egi.test.example/vo", set()),
        ("GET https://my-se.egi.test/vo", set()),
        ("GET https://aai.egi.test-two/vo", set()),
        ("GET https://example.org/?at=x", set()),
        ("", set()),
    ],
)
def test_a_service_is_found_by_host_port_and_path(
    attribution: Attribution, text: str, found: set[str]
) -> None:
    assert asked(attribution, text) == found


def test_services_are_told_once_in_the_order_in_which_they_are_named(
    attribution: Attribution,
) -> None:
    texts = ["GET https://aai.egi.test/token", "COPY https://se.egi.test/vo/f\nSource: x", "x"]
    found = attribution.services([*texts, *reversed(texts)], cell(BACK))
    assert [NAMES[one] for one in found] == ["aai", "webdav"]


@pytest.mark.parametrize(
    ("route", "found"),
    [(CROSS, "shared there"), (RESOURCE, "shared there"), (BACK, "shared"), (HOME, "shared")],
)
def test_of_two_sites_with_one_endpoint_that_of_the_route_is_meant(
    attribution: Attribution, route: str, found: str
) -> None:
    assert asked(attribution, "GET https://cloud.test/v3/users", route=route) == {found}
    assert asked(attribution, "openstack at cloud.test", route=route) == {found}


@pytest.mark.parametrize(("home", "found"), [("egi", "shared"), ("cstcloud", "shared there")])
def test_where_the_route_leads_to_neither_the_home_s_is_meant(
    attribution: Attribution, home: str, found: str
) -> None:
    assert asked(attribution, "https://cloud.test/v3", route=f"{home}:SKA-TWIN") == {found}


def step(title: str, sent: str = "", answer: str = "", *inner: Step) -> Step:
    return Step(title=title, start=0.0, sent=sent, answer=answer, steps=list(inner))


def failed_at(attribution: Attribution, *steps: Step, route: str = BACK) -> list[str]:
    return [NAMES[one] for one in attribution.failed_at(steps, cell(route))]


COPY = step(
    "COPY https://se.egi.test/vo/f",
    "COPY /vo/f\nSource: https://se.cstcloud.test/vo/f\nAuthorization: [redacted]",
)


def test_a_failure_is_at_the_service_that_the_last_step_asked(attribution: Attribution) -> None:
    token = step("POST https://aai.egi.test/token")
    assert failed_at(attribution, token, step("GET https://se.egi.test/vo/f")) == ["webdav"]
    assert failed_at(attribution, step("GET https://se.egi.test/vo/f"), token) == ["aai"]


def test_the_other_end_of_a_copy_is_not_whom_the_request_was_sent_to(
    attribution: Attribution,
) -> None:
    assert failed_at(attribution, COPY) == ["webdav"]
    assert asked(attribution, COPY.title, COPY.sent) == {"webdav", "theirs"}


def test_a_step_that_names_nobody_is_passed_over(attribution: Attribution) -> None:
    compare = step("compare the checksums")
    assert failed_at(attribution, COPY, compare) == ["webdav"]
    assert failed_at(attribution, compare) == []
    assert failed_at(attribution) == []


def test_what_a_command_was_given_counts_where_its_title_names_nobody(
    attribution: Attribution,
) -> None:
    command = step("xrdcp", "$ xrdcp root://se.egi.test//vo/f .")
    assert failed_at(attribution, step("POST https://aai.egi.test/token"), command) == ["door"]


def test_steps_within_a_step_count_in_their_order(attribution: Attribution) -> None:
    outer = step("control: the same", "", "", step("GET https://aai.egi.test/"))
    assert failed_at(attribution, step("GET https://se.egi.test/vo"), outer) == ["aai"]


def test_what_an_answer_names_was_not_asked(attribution: Attribution) -> None:
    told = step("wait", "", "Location: https://se.egi.test/vo/f")
    assert failed_at(attribution, told) == []


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("GET https://storage.egi.test/vo/f", {"dpm-1.egi.test"}),
        ("GET https://cloud.egi.test:5000/v3", {"cloud.egi.test"}),
        ("ssh SE.EGI.test", {"se.egi.test"}),
        ("ssh six.egi.test", {"SIX.egi.test"}),
        ("no route by wan", {"wan"}),
        ("wander wan-2 wan.example", set()),
        ("GET https://open.se.egi.test/vo/f", set()),
    ],
)
def test_the_host_of_a_service_takes_part_whatever_the_name_of_its_endpoint(
    attribution: Attribution, text: str, hosts: set[str]
) -> None:
    found = attribution.services([text], cell(BACK))
    assert attribution.hosts([text], found) == hosts


WORDS = st.sampled_from(
    [
        "https://", "root://", "[", "]", ":", ":443", ":99999", ":٣", "/", "//", "/vo", "@", ".",
        "-", "%", "\n", "se.egi.test", "SE.EGI.TEST", "ſe.egi.test", "2001:db8::7", "cloud.test",
        "wan", "open.", "'", '"', "<", "x",
    ]
)  # fmt: skip


@given(
    st.lists(st.text() | st.lists(WORDS, max_size=8).map("".join), max_size=4),
    st.sampled_from([CROSS, BACK, HOME, RESOURCE, "ska:SKA-TWIN"]),
)
def test_whatever_a_text_holds_is_read(
    attribution: Attribution, testbed: Testbed, texts: list[str], route: str
) -> None:
    found = attribution.services(texts, cell(route))
    assert set(found) <= NAMES.keys()
    assert len(found) == len(set(found))
    hosts = attribution.hosts(texts, found)
    assert hosts >= {service(NAMES[one]).host for one in found}
    steps = [step(text, text) for text in texts]
    assert set(attribution.failed_at(steps, cell(route))) <= set(found)


@pytest.mark.parametrize(
    "endpoint", ["https://se.egi.test:x/vo", "https://se.egi.test:99999", "https://[::1/vo"]
)
def test_an_endpoint_whose_host_or_port_cannot_be_told_is_refused(endpoint: str) -> None:
    fields: dict[str, Any] = service("webdav").model_dump() | {"endpoint": endpoint}
    with pytest.raises(ValueError, match="endpoint"):
        Service.model_validate(fields)


def test_a_testbed_without_services_and_hosts_has_nothing_to_find(testbed: Testbed) -> None:
    bare = Attribution(testbed.model_copy(update={"sites": (), "hosts": ()}))
    assert bare.services(["GET https://se.egi.test/vo"], cell(BACK)) == ()
    nameless = service("webdav").model_copy(update={"endpoint": "aai"})
    site = Site(name="EGI-TWIN", infrastructure="egi", services=(nameless,))
    odd = Attribution(testbed.model_copy(update={"sites": (site,), "hosts": ()}))
    assert odd.services(["GET https://se.egi.test/vo"], cell(BACK)) == ()


def test_a_title_that_only_speaks_of_a_host_asks_nobody(attribution: Attribution) -> None:
    """What an operator undoes after a failure is no step towards a service."""
    failing = Step("GET https://se.cstcloud.test/vo/file", 1.0)
    mending = Step("let se.cstcloud.test reach aai.egi.test again", 2.0)
    (found,) = attribution.failed_at([failing, mending], cell(BACK))
    assert NAMES[found] == "theirs"
    assert attribution.asked([failing, mending], cell(BACK)) == (found,)
