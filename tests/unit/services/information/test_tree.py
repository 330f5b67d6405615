"""LDIF as `ldapsearch` prints it."""

from __future__ import annotations

import base64

import pytest

from harness.services.information import tree

NAME = "北京"
LDIF = f"""\
# extended LDIF
dn: GLUE2DomainID=A,o=glue
objectClass: GLUE2Domain
objectClass: GLUE2AdminDomain
GLUE2DomainID: A
GLUE2EntityName:: {base64.b64encode(NAME.encode()).decode()}

dn: GLUE2EndpointID=e,GLUE2ServiceID=s,GLUE2GroupID=resource,GLUE2DomainID=A,
 o=glue
objectClass: GLUE2Endpoint
GLUE2EndpointID: e
GLUE2EndpointInterfaceName: webdav
GLUE2EndpointURL: https://se.a.test/a

# search result
search: 2
result: 0 Success
"""


def test_entries_are_read_folded_and_encoded() -> None:
    found = tree.read(LDIF)
    domain, endpoint = found.entries
    assert domain.classes == ("Domain", "AdminDomain")
    assert domain.one("EntityName") == NAME
    assert endpoint.name.endswith("GLUE2DomainID=A,o=glue")
    assert endpoint.domain == "A"
    assert endpoint.one("EndpointURL") == "https://se.a.test/a"
    assert found.ids == {"A", "e"}


def test_a_class_an_interface_and_a_site_choose() -> None:
    found = tree.read(LDIF)
    assert found.of("Endpoint") == found.endpoints("webdav") == found.required("Endpoint")
    assert found.endpoints("other") == ()
    assert len(found.within("A").entries) == 2
    assert found.within("B").entries == ()
    with pytest.raises(AssertionError, match="no GLUE2ComputingShare is published"):
        found.required("ComputingShare")


@pytest.mark.parametrize("line", ["no colon", "GLUE2EntityName:: %%%"])
def test_what_is_no_ldif_is_told(line: str) -> None:
    with pytest.raises(AssertionError, match="no LDIF"):
        tree.read(f"dn: o=glue\n{line}\n")


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("-1", -1), ("1.5", None), ("", None)])
def test_a_number_is_whole(text: str, number: int | None) -> None:
    assert tree.Entry("o=glue", {"X": (text,)}).number("X") == number
