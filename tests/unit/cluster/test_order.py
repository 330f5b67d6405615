"""A machine runs parts only as the others do."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cluster import order as orders
from harness.cluster.order import Checkout, Order
from harness.engine.choice import EVERYTHING


@pytest.fixture
def order(tmp_path: Path) -> Order:
    inventory = tmp_path / "inventory"
    inventory.mkdir()
    (inventory / "hosts.yml").write_text("all:\n")
    folder = tmp_path / "20261130T010203Z-ab12"
    folder.mkdir()
    (folder / orders.MARK).write_text("m")
    return Order(
        shard="2/8",
        mine=("A", "B"),
        folder=folder,
        mark="m",
        checkout=Checkout.here(),
        testbed="twin",
        inventory=inventory,
        digest=orders.digest(inventory),
        choice=EVERYTHING,
        routes=(),
        sites=(),
        read_only=False,
        scenarios=tmp_path,
        settings={},
    )


def test_it_travels_whole(order: Order) -> None:
    assert Order.model_validate_json(order.model_dump_json()) == order
    assert order.name == "ab12-2of8"


def test_each_attempt_has_a_folder_of_its_own(order: Order) -> None:
    assert order.attempts() == 0
    order.place(1).mkdir()
    order.place(2).mkdir()
    assert order.attempts() == 2
    assert order.place(1).name == "20261130T010203Z-ab12-2of8-1"


def test_a_machine_with_the_same_fits(order: Order) -> None:
    assert order.misfit() == ""


def test_a_folder_that_is_not_shared_is_told(order: Order) -> None:
    (order.folder / orders.MARK).write_text("of another run")
    assert f"it does not see {order.folder}" in order.misfit()
    (order.folder / orders.MARK).unlink()
    assert "Let all workers share" in order.misfit()


def test_another_harness_is_told(order: Order) -> None:
    other = order.checkout.model_copy(update={"commit": "0000", "python": "3.99"})
    said = order.model_copy(update={"checkout": other}).misfit()
    assert "it has another harness" in said
    assert "commit 0000, Python 3.99" in said


def test_another_inventory_is_told(order: Order) -> None:
    (order.inventory / "hosts.yml").write_text("all: {}\n")
    assert "differs" in order.misfit()
