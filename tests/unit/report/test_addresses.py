from __future__ import annotations

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
