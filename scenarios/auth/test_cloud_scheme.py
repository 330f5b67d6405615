"""The word before a token is read in either case (RFC 9110, section 11.1)."""

import pytest


@pytest.mark.requirement("AUTH-055")
@pytest.mark.killed_by("compares-schemes-by-letters")
@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_the_cloud_reads_the_scheme_in_either_case(route, cloud, member, scheme):
    """A cloud accepts `Authorization: bearer` as it accepts `Bearer`."""
    site = cloud.at(route.resource)
    token = member.token(site.audience)
    site.login(by=token).expect_ok()
    headers = {"Authorization": f"{scheme} {token.value}"}
    site.keystone.login(None, headers=headers, note=scheme).expect_ok()
