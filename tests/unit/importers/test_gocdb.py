"""Services of the GOCDB become sites that the inventory's loader takes, and what cannot is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from harness import inventory
from harness.conformance import downtimes
from harness.inventory.blanks import Unfilled
from harness.model import Service, Testbed
from tests.unit.importers import exports
from tests.unit.importers.exports import downtime, inside, results, service, written
from tests.unit.serving import Asked, serving

Import = Callable[..., CompletedProcess[str]]


def loaded(folder: Path) -> Testbed:
    exports.filled_in(folder)
    return inventory.load(folder).testbed


def services(testbed: Testbed) -> dict[str, Service]:
    return {one.endpoint: one for one in testbed.services() if one.site != "EGI-AAI"}


def flat(done: CompletedProcess[str]) -> str:
    """What was printed, without the lines of tables and without breaks."""
    return " ".join(done.stdout.replace("│", " ").split())


def test_a_whole_export_of_400_services_is_an_inventory(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    """Of five services a site, the testbed has clients for four; each comes out with its own site."""
    done = imports(
        "gocdb",
        written(tmp_path / "s.xml", exports.large()),
        written(tmp_path / "d.xml", exports.large_downtimes()),
    )
    assert "320 services of 80 sites, 80 downtimes read" in flat(done)
    with pytest.raises(Unfilled) as told:
        inventory.load(into)
    assert "values are still to be filled in" in str(told.value)
    assert "project: name or id of the VO's project" in str(told.value)
    testbed = loaded(into)
    assert len(testbed.sites) == 81
    assert len(services(testbed)) == 320
    assert {"SITE-001", "Site-007-Zilina"} <= {one.name for one in testbed.sites}
    found = downtimes.load(into / downtimes.FILE, testbed)
    assert len(found) == 80
    assert {frozenset(one.services) for one in found if one.site == "SITE-001"} == {
        frozenset({"webdav.s001.example", "xrootd.s001.example"})
    }
    again = imports("gocdb", tmp_path / "s.xml", tmp_path / "d.xml")
    assert "nothing changed" in flat(again)


def test_its_tables_fit_a_narrow_terminal(imports: Import, tmp_path: Path) -> None:
    done = imports("gocdb", written(tmp_path / "s.xml", exports.large(14)), columns=60)
    tables = [line for line in done.stdout.splitlines() if line[:1] in "│┃┏┡├└"]
    assert len(tables) > 10
    assert max(map(len, tables)) <= 60
    assert "and 11 more" in done.stdout
    each = imports("gocdb", tmp_path / "s.xml", "--each", columns=60).stdout
    assert "and 11 more" not in each


def test_a_nova_is_entered_as_its_keystone(imports: Import, into: Path, tmp_path: Path) -> None:
    """The URL of org.openstack.nova in the GOCDB is that of the Keystone, with hints for its monitoring."""
    entry = service(1, site="A", host="api.a.example", type_="org.openstack.nova")
    done = imports("gocdb", written(tmp_path / "s.xml", results(entry)))
    assert "entered as org.openstack.keystone" in flat(done)
    (one,) = services(loaded(into)).values()
    assert (one.type, one.endpoint) == ("org.openstack.keystone", "https://api.a.example:5000/v3")
    assert one.settings.data["login"]["identity_providers"] == {"egi": "egi.eu"}


@pytest.mark.parametrize(
    "case",
    [
        ("WebDAV", "davs://se.a.example:443/vo", ("webdav", "https://se.a.example:443/vo")),
        ("xrootd", "xroot://se.a.example//vo", ("XRootD", "root://se.a.example//vo")),
        ("webdav", "  se.a.example:2880/vo ", ("webdav", "https://se.a.example:2880/vo")),
        ("XRootD", "", ("XRootD", "roots://se.a.example:1094//")),
        (
            "ARC-CE",
            "https://se.a.example/arex",
            ("org.nordugrid.arex", "https://se.a.example/arex"),
        ),
        (
            "org.opensciencegrid.htcondorce",
            "",
            ("org.opensciencegrid.htcondorce", "condor://se.a.example:9619"),
        ),
        (
            "org.openstack.nova",
            "https://k.a.example:5000/v2.0/",
            ("org.openstack.keystone", "https://k.a.example:5000/v3"),
        ),
        (
            "org.openstack.swift",
            "https://k.a.example:5000/v3",
            ("org.openstack.keystone", "https://k.a.example:5000/v3"),
        ),
        (
            "org.openstack.swift",
            "https://s.a.example/v1/AUTH_x",
            ("org.openstack.swift", "https://s.a.example/v1"),
        ),
    ],
)
def test_types_and_addresses_are_read_as_administrators_write_them(
    imports: Import, into: Path, tmp_path: Path, case: tuple[str, str, tuple[str, str]]
) -> None:
    type_, url, comes = case
    entry = service(1, site="A", host="se.a.example", type_=type_, url=url)
    imports("gocdb", written(tmp_path / "s.xml", results(entry)))
    (one,) = services(loaded(into)).values()
    assert (one.type, one.endpoint) == comes


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"type_": "gLite-APEL"}, "no client for the service type gLite-APEL"),
        ({"type_": "ARC-CE", "url": "gsiftp://ce.a.example:2811/jobs"}, "address cannot be used"),
        ({"IN_PRODUCTION": "N"}, "not in production"),
        ({"BETA": "Y"}, "beta service"),
        ({"url": "srm://se.a.example:8443/"}, "no client of webdav speaks 'srm'"),
        ({"url": "https://user:secret@se.a.example/"}, "contains a user or a password"),
        ({"url": "https://se.a.example:99999/"}, "Port out of range"),
        ({"url": "https://{{ lookup('pipe', 'id') }}/"}, "template mark"),
        ({"type_": "egi.aai.oidc", "url": "https://aai.a.example"}, "one issuer"),
        ({"scope": "Local"}, "has not the scope egi"),
        ({"site": "山"}, "no letter or digit"),
        ({"host": ""}, "it has no HOSTNAME"),
        ({"site": "SITE-Z"}, "site is suspended"),
    ],
)
def test_what_cannot_be_used_is_left_out_with_its_reason(
    imports: Import, into: Path, tmp_path: Path, change: dict[str, str], why: str
) -> None:
    usual = {"site": "A", "host": "se.a.example", "type_": "webdav"}
    good = service(1, site="B", host="se.b.example", type_="webdav")
    known = results(exports.site("B"), exports.site("A"), exports.site("SITE-Z", "Suspended"))
    done = imports(
        "gocdb",
        written(tmp_path / "s.xml", results(good, service(2, **(usual | change)))),
        written(tmp_path / "sites.xml", known),
        "--scope",
        "egi",
    )
    assert "left out: 1" in flat(done)
    assert why in flat(done)
    assert "secret" not in done.stdout
    assert list(services(loaded(into))) == ["https://se.b.example:2880/vo.example"]


def test_each_endpoint_of_a_service_counts(imports: Import, into: Path, tmp_path: Path) -> None:
    """The service's own address repeats one of them; an interface that is a type says the type."""
    url = "https://se.a.example/vo"
    several = (
        inside(1, url, "webdav")
        + inside(2, "https://se.a.example:8443/vo", "https")
        + inside(3, "root://se.a.example:1094//vo", "XRootD")
    )
    entry = service(1, site="A", host="se.a.example", type_="webdav", url=url, endpoints=several)
    imports("gocdb", written(tmp_path / "s.xml", results(entry)))
    assert {one.endpoint: one.type for one in services(loaded(into)).values()} == {
        url: "webdav",
        "https://se.a.example:8443/vo": "webdav",
        "root://se.a.example:1094//vo": "XRootD",
    }


def test_names_that_an_inventory_cannot_have_are_mapped_and_told(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    names = ["Izola MRF", "izola-mrf", "all", "egi", "NO", "123", "../../etc", "hosts"]
    entries = [
        service(n, site=name, host=f"se{n}.example", type_="webdav") for n, name in enumerate(names)
    ]
    done = imports("gocdb", written(tmp_path / "s.xml", results(*entries)))
    assert "is called Izola-MRF: the inventory's names are plainer" in flat(done)
    found = {one.name for one in loaded(into).sites} - {"EGI-AAI"}
    assert found == {"Izola-MRF", "izola-mrf-2", "all", "egi-site", "NO", "123", "etc", "hosts"}
    assert not (tmp_path / "etc").exists()


def test_a_host_that_two_sites_share_is_there_for_both(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    entries = [service(n, site=f"SITE-{n}", host="se.example", type_="webdav") for n in (1, 2)]
    imports("gocdb", written(tmp_path / "s.xml", results(*entries)))
    testbed = loaded(into)
    assert {(one.site, one.host) for one in testbed.services() if one.type == "webdav"} == {
        ("SITE-1", "se.example"),
        ("SITE-2", "site-2.se.example"),
    }


def test_a_service_that_is_listed_twice_is_entered_once(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    entries = [service(n, site="A", host="se.example", type_="webdav") for n in (1, 2)]
    done = imports("gocdb", written(tmp_path / "s.xml", results(*entries)))
    assert "lists the same service twice" in flat(done)
    assert len(services(loaded(into))) == 1


# -- downtimes

STORAGES = [
    service(1, site="A", host="se.a.example", type_="webdav"),
    service(2, site="A", host="se.a.example", type_="XRootD"),
    service(3, site="A", host="se2.a.example", type_="webdav"),
]


def outages(
    imports: Import, into: Path, tmp_path: Path, *entries: str
) -> tuple[tuple[downtimes.Downtime, ...], str]:
    done = imports(
        "gocdb",
        written(tmp_path / "s.xml", results(*STORAGES)),
        written(tmp_path / "d.xml", results(*entries)),
    )
    return downtimes.load(into / downtimes.FILE, loaded(into)), flat(done)


def test_a_downtime_names_exactly_what_it_affects(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    a = {"site": "A"}
    found, _ = outages(
        imports,
        into,
        tmp_path,
        downtime(1, **a, host="se.a.example", type_="webdav", SEVERITY="WARNING"),
        downtime(2, **a, host="se.a.example", type_="webdav", DESCRIPTION="x\n\x85 y"),
        downtime(2, **a, host="se.a.example", type_="XRootD"),
        *(
            downtime(3, **a, host=h, type_=t, END_DATE=1764600000)
            for h, t in [
                ("se.a.example", "webdav"),
                ("SE.a.example", "xrootd"),
                ("se2.a.example", "webdav"),
            ]
        ),
    )
    assert [(one.severity, one.services) for one in found] == [
        ("at-risk", ("webdav@se.a.example",)),
        ("outage", ("se.a.example",)),
        ("outage", ("all",)),
    ]
    assert found[0].start.isoformat() == "2025-11-30T11:00:00+00:00"


def test_a_downtime_with_its_services_inside_is_read_too(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    """As `get_downtime_nested_services` gives them."""
    nested = (
        '<DOWNTIME ID="9" PRIMARY_KEY="9G0" CLASSIFICATION="UNSCHEDULED"><SEVERITY>OUTAGE</SEVERITY>'
        "<DESCRIPTION>x</DESCRIPTION><INSERT_DATE>1764500000</INSERT_DATE><START_DATE>1764500400</START_DATE>"
        "<END_DATE>1764529200</END_DATE><SERVICES><SERVICE><HOSTNAME>se2.a.example</HOSTNAME>"
        "<SERVICE_TYPE>webdav</SERVICE_TYPE><HOSTED_BY>A</HOSTED_BY></SERVICE></SERVICES></DOWNTIME>"
    )
    found, _ = outages(imports, into, tmp_path, nested)
    assert [one.services for one in found] == [("se2.a.example",)]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"SEVERITY": "MODERATE"}, "its severity is MODERATE"),
        ({"END_DATE": 1764500000}, "it ends at"),
        ({"END_DATE": 1864500000}, "a downtime lasts 366 at most"),
        ({"INSERT_DATE": 1764800000}, "48 hours is the maximum"),
        ({"START_DATE": "soon"}, "START_DATE is no time: soon"),
        ({"START_DATE": "", "FORMATED_START_DATE": ""}, "it has no START_DATE"),
        ({"HOSTED_BY": "ELSEWHERE"}, "none of its services"),
        ({"SERVICE_TYPE": "gLite-APEL"}, "none of its services"),
    ],
)
def test_a_downtime_that_the_rules_forbid_is_left_out(
    imports: Import, into: Path, tmp_path: Path, more: dict[str, object], why: str
) -> None:
    one = {"site": "A", "host": "se.a.example", "type_": "webdav"}
    found, told = outages(imports, into, tmp_path, downtime(1, **one, **more), downtime(2, **one))
    assert len(found) == 1
    assert why in told


def test_a_downtime_that_does_not_say_when_it_was_declared_is_heeded(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    """Else its site would be asked in mid-downtime; it counts as unscheduled."""
    one = {"site": "A", "host": "se.a.example", "type_": "webdav"}
    (found,), told = outages(imports, into, tmp_path, downtime(1, **one, INSERT_DATE=""))
    assert found.declared == found.start
    assert not found.is_scheduled
    assert "does not say when it was declared" in told


# -- addresses, and pages


def test_all_pages_of_an_address_are_read(imports: Import, into: Path) -> None:
    def reply(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        page = int(asked.target.rpartition("next_cursor=")[2])
        links = f'<link rel="next" href="/pi?method=get_service&amp;next_cursor={page + 1}"/>'
        count = 2 if page < 2 else 0
        meta = f"<meta>{links}<count>{count}</count><max_page_size>2</max_page_size></meta>"
        listed = [
            service(n, site="A", host=f"se{n}.a.example", type_="webdav")
            for n in range(2 * page, 2 * page + count)
        ]
        return 200, {"Content-Type": "application/xml"}, results(*listed, meta=meta).encode()

    with serving(reply) as server:
        imports("gocdb", f"{server.url}/pi?method=get_service&next_cursor=0")
    assert len(server.asked) == 3
    assert {one.headers["user-agent"].partition("/")[0] for one in server.asked} == {
        "interop-testbed"
    }
    assert len(services(loaded(into))) == 4


def test_a_page_of_an_export_says_nothing_of_what_it_lacks(
    imports: Import, into: Path, tmp_path: Path
) -> None:
    """A part may be imported after another; only a whole export tells what is gone."""
    meta = (
        '<meta><link rel="next" href="/x"/><count>1</count><max_page_size>1</max_page_size></meta>'
    )
    for number in (1, 2):
        entry = service(number, site="A", host=f"se{number}.a.example", type_="webdav")
        page = written(tmp_path / "s.xml", results(entry, meta=meta))
        assert "kept as it is" not in imports("gocdb", page).stdout
    assert len(services(loaded(into))) == 2
    rest = service(2, site="A", host="se2.a.example", type_="webdav")
    done = imports("gocdb", written(tmp_path / "s.xml", results(rest)))
    assert "is not among what this export offers" in flat(done)
    assert len(services(inventory.load(into).testbed)) == 2
