"""What can be read and makes no sense is refused when it is loaded, with the place and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import inventory

from .conftest import HOSTS

Refused = Callable[..., str]
Changed = Callable[[str, str, str], None]
ALL = "group_vars/all.yml"
ENDPOINT = 'endpoint: "https://se.north.test/vo"'


@pytest.mark.parametrize(
    "text", ["all:\n", "all: {children: }\n", "all: {hosts: }\n", "all: {vars: {a: 1}}\n"]
)
def test_an_inventory_without_a_host_is_refused(folder: Path, refused: Refused, text: str) -> None:
    (folder / "hosts.yml").write_text(text)
    assert refused() == f"{folder}: no host is defined; put them under all.children."


def test_hosts_of_mutants_alone_are_none(folder: Path, refused: Refused) -> None:
    """Or `up` would remove every host that runs."""
    text = HOSTS.replace("          hosts:\n", "          hosts: &hosts\n", 1)
    names = ["aai.north.test", "se.north.test", "ui.north.test", "aai.south.test", "ui.south.test"]
    text += "    mutants: {hosts: {" + ", ".join(f"{name}: " for name in names) + "}}\n"
    (folder / "hosts.yml").write_text(text)
    said = refused()
    assert "no host of the testbed is defined (those of `mutants` do not count)" in said
    assert "`testbed up` would remove all running hosts" in said


def test_the_group_of_infrastructures_must_be_there(
    folder: Path, refused: Refused, changed: Changed
) -> None:
    changed("hosts.yml", "    infrastructures:", "    infrastructure:")
    assert "the group `infrastructures` is missing under all.children" in refused()


ISSUER = 'services: [{type: egi.aai.oidc, endpoint: "https://aai.south.test", implementation: x}]'
SECOND = ISSUER.replace("aai.south", "aai2.south")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (ISSUER, "services: []", "infrastructure south: it has no issuer, but needs exactly one"),
        (
            f"              {ISSUER}\n            ui.south.test: {{",
            f"              {ISSUER}\n            ui.south.test: {{{SECOND}, ",
            "infrastructure south: it has 2 issuers (https://aai.south.test at host aai.south.test, "
            "https://aai2.south.test at host ui.south.test), but needs exactly one",
        ),
        ("ui.south.test: {testbed_roles: [ui]}", "ui.south.test: {testbed_roles: []}",
         "infrastructure south: it has no workstation for its users"),
        ("vars: {site: S-SITE}", "vars: {site: N-SITE}",
         "the site N-SITE belongs to two infrastructures: north (host aai.north.test) and south"),
        ("vars: {site: S-SITE}", "vars: {site: n-site}",
         "the sites N-SITE and n-site differ only in upper and lower case"),
        ("            ui.south.test:", "            UI.north.test:",
         "the hosts ui.north.test and UI.north.test differ only in upper and lower case. Rename one."),
    ],
)  # fmt: skip
def test_an_infrastructure_that_could_not_be_tested_is_refused(
    refused: Refused, changed: Changed, old: str, new: str, said: str
) -> None:
    changed("hosts.yml", old, new)
    assert said in refused()


def test_an_infrastructure_without_a_site_is_refused(
    folder: Path, refused: Refused, changed: Changed
) -> None:
    text = (folder / ALL).read_text()
    third = text[text.index("  south:") :].replace("south", "east")
    (folder / ALL).write_text(text + third)
    assert "infrastructure east: it has no site. Give one of its hosts a `site`" in refused()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: rob-south", "name: ann-south",
         "infrastructures.south.members: two have the name ann_south"),
        ("name: rob-south", "name: ann_south",
         "infrastructures.south.members: two have the name ann_south"),
        ("name: rob-north, kind: robot, account: a2", "name: rob-north, kind: robot, account: a1",
         "infrastructures.north.members: two have the account a1. Give each its own."),
        ("account: a2", "account: root", "members.1.account: 'root' is no name of a local account"),
        ("account: a2", "account: 'a 2'", "members.1.account: 'a 2' is no name of a local account"),
        ("name: ann-north", "name: ../ann", "members.0.name: '../ann' is no name of a member"),
        ("name: ann-north", "nam: ann-north", "members.0.nam: Extra inputs are not permitted"),
        ("    title: North", "    titel: North", "titel: Extra inputs are not permitted"),
        ("subject_scope: north", "subject_scop: north", "similar: subject_scope"),
        ("token_lifetime: 600", "token_lifetime: -1",
         "token_lifetime: Input should be greater than 0 (found -1)"),
        ("token_lifetime: 600", "token_lifetime: 0", "token_lifetime: Input should be greater than 0"),
        ("token_lifetime: 600", "token_lifetime: 99999999",
         "token_lifetime: Input should be less than or equal to"),
        ("token_lifetime: 600", "token_lifetime: yes", "token_lifetime: a number of seconds is expected"),
        ("token_lifetime: 600", "token_lifetime: .nan", "token_lifetime: Input should be"),
        ("issuer: https://aai.north.test", "issuer: aai.north.test", "issuer: a URL is expected"),
        ("issuer: https://aai.north.test", "issuer: 'https:///x'", "issuer: a URL is expected"),
        ("issuer: https://aai.north.test", "issuer: 'ftp://aai.north.test'", "issuer: a URL is expected"),
        ("jwks_uri: https://aai.north.test/jwks", "jwks_uri: 'https://aai.north.test/j wks'",
         "jwks_uri: a URL"),
        ("jwks_uri: https://aai.north.test/jwks", "jwks_uri: 'https://aai.north.test:99999/'",
         "jwks_uri: Port out"),
        ("testbed_name: small", "testbed_name:", "name: Input should be a valid string (found None)"),
        ("infrastructures:\n", "infrastructures: []\nother:\n",
         "infrastructures: a mapping is expected, not list"),
        ("infrastructures:\n", "infrastructures:\nother:\n",
         "infrastructures: a mapping is expected, not None"),
        ("infrastructures:\n", "infrastructures: {}\nother:\n", "known are "),
        ("client_id: cli\n", "client_id: cli\nsecret_names: {a: 1}\n",
         "secret_names: a list is expected, not dict"),
        ("client_id: cli\n", "client_id: cli\nsecret_names: [1]\n",
         "secret_names: a list of words is expected"),
        ("client_id: cli\n", "client_id: cli\nsecret_name: [a]\n",
         "unknown key 'secret_name'; similar: secret_names"),
    ],
)  # fmt: skip
def test_terms_that_make_no_sense_are_refused_with_their_key(
    refused: Refused, changed: Changed, old: str, new: str, said: str
) -> None:
    changed(ALL, old, new)
    assert said in refused()


@pytest.mark.parametrize(
    "known", ["ansible_ssh_retries", "ansible_ssh_pipelining", "ansible_sudo_user"]
)
def test_what_ansible_itself_reads_is_not_misspelt(
    folder: Path, changed: Changed, known: str
) -> None:
    changed(
        "hosts.yml", "testbed_roles: [trust]", f"testbed_roles: [trust]\n              {known}: x"
    )
    assert inventory.load(folder)


@pytest.mark.parametrize(
    "name",
    ["..", ".", "", "../../x", "a/b", "/tmp", "-x", ".x", "a b", "a\\tb", "ü", "x" * 64, "crashes"],
)
def test_a_name_that_leads_elsewhere_is_no_name_of_a_testbed(
    folder: Path, refused: Refused, changed: Changed, name: str
) -> None:
    changed(ALL, "testbed_name: small", f'testbed_name: "{name}"')
    assert "is no name of a testbed" in refused()


@pytest.mark.parametrize("name", ["..", "../x", "a/b", "-a", "a.next", "a b", "bundle.pem"])
def test_nor_of_an_infrastructure(
    folder: Path, refused: Refused, changed: Changed, name: str
) -> None:
    changed(ALL, "  north:\n", f'  "{name}":\n')
    assert "is no name of an infrastructure" in refused()


@pytest.mark.parametrize("name", ["../x", "a b", "-oProxyCommand=x", "ca", ".x", "x" * 254, "se/x"])
def test_nor_of_a_host(folder: Path, refused: Refused, changed: Changed, name: str) -> None:
    changed("hosts.yml", "            se.north.test:", f'            "{name}":')
    assert "is no name of a host" in refused()


@pytest.mark.parametrize("key", ["testbed_roles", "services", "addresses", "home", "capabilities"])
def test_a_key_without_a_value_is_an_empty_one(folder: Path, changed: Changed, key: str) -> None:
    if key == "testbed_roles":
        changed("hosts.yml", "testbed_roles: []", "testbed_roles:")
    elif key == "capabilities":
        changed("hosts.yml", ENDPOINT, f"{ENDPOINT}, capabilities: ")
    else:
        changed("hosts.yml", "ui.north.test: {", f"ui.north.test: {{{key}: , ")
    testbed = inventory.load(folder).testbed
    assert testbed.host("aai.north.test").roles == ()
    assert testbed.host("ui.north.test").addresses == {}
    assert not any(service.capabilities for service in testbed.services())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("testbed_roles: [trust]", "testbed_roles: trust",
         "host se.north.test: testbed_roles: a list is expected, not str"),
        ("testbed_roles: [trust]", "testbed_roles: {trust: 1}",
         "testbed_roles: a list is expected, not dict"),
        ("testbed_roles: [trust]", "testbed_roles: [7]",
         "testbed_roles: a list of words is expected (found 7)"),
        ("testbed_roles: [trust]", "testbed_role: [trust]",
         "unknown key 'testbed_role'; similar: testbed_roles"),
        ("testbed_roles: [trust]", "testbed_roles: [trust]\n              adress: 10.0.0.1",
         "similar: address"),
        ("testbed_roles: [trust]", "testbed_roles: [trust]\n              ansible_prot: 2222",
         "unknown key 'ansible_prot'; similar: ansible_port"),
        ("testbed_roles: [trust]", "testbed_roles: [trust]\n              ansible_become_usr: root",
         "similar: ansible_become_user"),
        ("services: [{type: webdav", "servces: [{type: webdav",
         "unknown key 'servces'; similar: services"),
        ("services: [{type: webdav", "service: [{type: webdav",
         "unknown key 'service'; similar: services"),
        ("testbed_roles: [trust]", "testbed_roles: [trust]\n              home: perhaps",
         "home: true or false is expected"),
        ("testbed_roles: [trust]", "testbed_roles: [trust]\n              addresses: [10.0.0.1]",
         "addresses: Input should be"),
        ("testbed_roles: [trust]", "testbed_roles: [trust]\n              address: 10.0.0",
         "address: Input is not a valid IPv4"),
        ("testbed_roles: [trust]", "testbed_roles: [trust]\n              ansible_connection: winrm",
         "host se.north.test: ansible_connection: unknown connection 'winrm'; known are docker"),
    ],
)  # fmt: skip
def test_a_host_that_makes_no_sense_is_refused_with_its_key(
    refused: Refused, changed: Changed, old: str, new: str, said: str
) -> None:
    changed("hosts.yml", old, new)
    assert said in refused()


def networks(folder: Path, north: str, south: str, address: str) -> None:
    text = (folder / ALL).read_text()
    for name, network in (("north", north), ("south", south)):
        text = text.replace(
            f"    domain: {name}.test\n", f"    domain: {name}.test\n    network: {network}\n"
        )
    (folder / ALL).write_text(text)
    hosts = HOSTS.replace(
        "testbed_roles: [trust]", f"testbed_roles: [trust]\n              address: {address}"
    )
    (folder / "hosts.yml").write_text(hosts)


@pytest.mark.parametrize(
    "case",
    [
        ("10.9.1.0/24", "10.9.0.0/16", "10.9.1.7", "network: 10.9.1.0/24 overlaps 10.9.0.0/16 of south"),
        ("10.9.1.0/24", "10.9.1.0/24", "10.9.1.7", "network: 10.9.1.0/24 overlaps 10.9.1.0/24 of south"),
        ("10.9.1.0/24", "10.9.2.0/24", "10.9.1.0", "address 10.9.1.0 is the address of the network itself"),
        ("10.9.1.0/24", "10.9.2.0/24", "10.9.1.255", "address 10.9.1.255 is the broadcast address"),
        ("10.9.1.0/24", "10.9.2.0/24", "10.9.1.1", "address 10.9.1.1 is the gateway"),
        ("10.9.1.64/27", "10.9.2.0/24", "10.9.1.95", "address 10.9.1.95 is the broadcast address"),
        ("10.9.1.0/24", "10.9.2.0/24", "10.9.2.7",
         "address 10.9.2.7 lies outside north's network 10.9.1.0/24"),
        ("10.9.1.0/31", "10.9.2.0/24", "10.9.1.1", "network: 10.9.1.0/31 has no room for hosts"),
        ("0.0.0.0/0", "10.9.2.0/24", "10.9.1.1", "network: 0.0.0.0/0 is not a private range"),
        ("224.0.0.0/24", "10.9.2.0/24", "224.0.0.9", "network: 224.0.0.0/24 is not a private range"),
        ("10.9.1.7/24", "10.9.2.0/24", "10.9.1.9", "network: Input is not a valid IPv4 network"),
    ],
)  # fmt: skip
def test_addresses_that_no_host_can_have_are_refused(
    folder: Path, refused: Refused, case: tuple[str, str, str, str]
) -> None:
    *given, said = case
    networks(folder, *given)
    assert said in refused()


def test_an_address_of_a_network_is_taken(folder: Path) -> None:
    networks(folder, "10.9.1.0/24", "10.9.2.0/24", "10.9.1.254")
    assert str(inventory.load(folder).testbed.host("se.north.test").address) == "10.9.1.254"


@pytest.mark.parametrize(
    ("type_", "given", "spoken"),
    [
        ("webdav", "davs://se.north.test:2880/vo", "https://se.north.test:2880/vo"),
        ("webdav", "dav://se.north.test/vo", "http://se.north.test/vo"),
        ("webdav", "DAVS://se.north.test/vo", "https://se.north.test/vo"),
        ("webdav", "HTTPS://SE.north.test/Vo", "https://SE.north.test/Vo"),
        ("webdav", "https://[2001:db8::15]:8443/vo", "https://[2001:db8::15]:8443/vo"),
        ("XRootD", "root://se.north.test//vo", "root://se.north.test//vo"),
        ("XRootD", "xroots://se.north.test:1094//vo", "roots://se.north.test:1094//vo"),
        ("org.opensciencegrid.htcondorce", "condor://se.north.test:9619", "condor://se.north.test:9619"),
    ],
)  # fmt: skip
def test_an_endpoint_gets_the_scheme_that_its_clients_speak(
    folder: Path, changed: Changed, type_: str, given: str, spoken: str
) -> None:
    changed("hosts.yml", f"type: webdav, {ENDPOINT}", f'type: {type_}, endpoint: "{given}"')
    services = inventory.load(folder).testbed.site("N-SITE").services
    assert [one.endpoint for one in services if one.type == type_] == [spoken]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("se.north.test:8443/vo", "is no URL. Write one with scheme and host"),
        ("//se.north.test/vo", "is no URL"),
        ("https:/se.north.test/vo", "is no URL"),
        ("https://", "is no URL"),
        ("https://:8443/vo", "is no URL"),
        ("", "is no URL"),
        ("gsiftp://se.north.test/vo",
         "no client of webdav speaks 'gsiftp'. Write one of https, http, davs, dav"),
        ("s3s://se.north.test/vo", "no client of webdav speaks 's3s'"),
        ("file:///etc/passwd", "is no URL"),
        ("https://se.north.test/v o", "has blanks or control characters"),
        (" https://se.north.test/vo", "has blanks or control characters"),
        ("https://se.north.test/vo\\n", "has blanks or control characters"),
        ("https://ada:pw@se.north.test/vo", "an endpoint has no user, password or fragment"),
        ("https://se.north.test/vo#x", "an endpoint has no user, password or fragment"),
        ("https://se.north.test:0/vo", "has the port 0"),
        ("https://se.north.test:65536/vo", "Port out of range"),
        ("https://[::1/vo", "Invalid IPv6 URL"),
    ],
)  # fmt: skip
def test_an_endpoint_that_no_client_could_reach_is_refused(
    refused: Refused, changed: Changed, given: str, said: str
) -> None:
    changed("hosts.yml", ENDPOINT, f'endpoint: "{given}"')
    found = refused()
    assert "host se.north.test: services[0]" in found
    assert "endpoint: " in found
    assert said in found
