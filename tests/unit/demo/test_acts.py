"""What can be shown is known beforehand: use case and route."""

from __future__ import annotations

import pytest

from harness import inventory
from harness.demo import acts
from harness.errors import BadInput
from harness.inventory import Inventory
from tests.unit.demo.story import ROOT


@pytest.fixture(scope="module")
def found() -> Inventory:
    return inventory.load(ROOT / "inventories" / "twin")


def test_an_unknown_use_case_is_refused_and_all_are_listed() -> None:
    with pytest.raises(
        BadInput, match=r"unknown use case 'alchemy'; there are\n(.*\n)*  environment: "
    ):
        acts.case("alchemy")
    with pytest.raises(BadInput, match=r"name a use case; there are"):
        acts.case("")


def test_the_route_is_the_first_that_crosses_unless_one_is_named(found: Inventory) -> None:
    assert not acts.route(found, "").is_control
    assert acts.route(found, "cstcloud:EGI-TWIN").id == "cstcloud:EGI-TWIN"


def test_one_route_is_named_and_no_more(found: Inventory) -> None:
    with pytest.raises(BadInput, match="means several routes: egi:"):
        acts.route(found, "egi:*")
    with pytest.raises(BadInput, match="unknown route"):
        acts.route(found, "egi:NOWHERE")
