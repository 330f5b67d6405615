from __future__ import annotations

import pytest

from harness.errors import BadInput
from harness.report import addresses


def test_scenarios_that_differ_in_punctuation_alone_have_pages_of_their_own() -> None:
    names = [f"data/test_names.py::test_listed[{word}]" for word in ("a#b", "a+b", ":443", ":443/")]
    assert len({addresses.scenario_page(name, "egi:egi") for name in names}) == 4
    assert len({addresses.scenario_page(names[0], way) for way in ("egi:a-b", "egi:a:b")}) == 2


def test_the_address_of_a_cell_is_permanent() -> None:
    assert (
        addresses.cell_page("AUTH-017", "egi:CSTCLOUD-TWIN")
        == "cells/AUTH-017/egi.CSTCLOUD-TWIN.html"
    )


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("", ""),
        ("https://www.example.org/interop/", "https://www.example.org/interop"),
        ("http://localhost:8000", "http://localhost:8000"),
    ],
)
def test_where_readers_find_the_pages_is_said_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, said: str, found: str
) -> None:
    monkeypatch.setenv(addresses.ADDRESS, said)
    assert addresses.published() == found


@pytest.mark.parametrize(
    "said",
    ["www.example.org", "ssh://web@host/srv", "https://", "https://a.example/?q=1", "https://[::1"],
)
def test_what_is_no_address_of_the_web_is_refused(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv(addresses.ADDRESS, said)
    with pytest.raises(BadInput, match=r"TESTBED_ADDRESS: .* is no address of the web"):
        addresses.published()
