"""The word before a token is read in either case (RFC 9110, section 11.1)."""

from __future__ import annotations

import pytest

from harness.services.compute.arc import ArcElement
from harness.services.issuer.user import User


@pytest.mark.requirement("AUTH-055")
@pytest.mark.needs("org.nordugrid.arex", "submit")
@pytest.mark.killed_by("compares-schemes-by-letters")
@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_element_reads_the_scheme_in_either_case(
    element: ArcElement, member: User, scheme: str
) -> None:
    """A computing element accepts `Authorization: bearer` as it accepts `Bearer`."""
    token = element.token(member)
    element.request("GET", "/jobs", token).expect_ok()
    element.request("GET", "/jobs", token, scheme=scheme).expect_ok()
