"""The patterns by which routes are chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import routes

SECOND = {"home": "cstcloud", "resource": "egi", "site": "EGI-SECOND"}


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("cstcloud:EGI-SECOND", True),
        ("cstcloud:egi", True),
        ("*:EGI-SECOND", True),
        ("*:egi", True),
        ("cstcloud:*", True),
        ("*:*", True),
        ("cstcloud:EGI-TWIN", False),
        ("egi:EGI-SECOND", False),
        ("*:cstcloud", False),
        ("egi:*", False),
        # names are compared as they are, and whole
        ("cstcloud:EGI", False),
        ("cstcloud:egi-second", False),
        ("cstcloud:EGI-*", False),
        ("cstcloud", False),
        ("EGI-SECOND", False),
        ("cstcloud:", False),
        (":egi", False),
        ("", False),
        ("*", False),
        ("cstcloud:EGI-SECOND:", False),
    ],
)
def test_a_pattern_names_home_and_site_or_infrastructure(pattern: str, meant: bool) -> None:
    assert routes.matches(pattern, **SECOND) is meant


@given(
    st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True),
)
def test_a_name_is_a_pattern_of_its_route(home: str, site: str) -> None:
    """Whatever the names of an infrastructure and a site are."""
    name = routes.name(home, site)
    assert routes.matches(name, home=home, resource="another", site=site)
    assert not routes.matches(name, home=f"{home}x", resource="another", site=site)
