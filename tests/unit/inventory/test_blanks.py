"""What a person must still fill in is told, each place with what is expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import inventory
from harness.inventory.blanks import Unfilled, blank, is_blank

Changed = Callable[[str, str, str], None]


def test_a_value_that_is_to_be_filled_in_is_told_with_its_place(
    folder: Path, changed: Changed
) -> None:
    changed("group_vars/all.yml", "vo: vo.north.test", f"vo: '{blank('the VO')}'")
    changed("hosts.yml", '"https://se.north.test/vo"', f'"{blank("the URL")}"')
    with pytest.raises(Unfilled) as told:
        inventory.load(folder)
    assert str(told.value) == (
        f"{folder}: 2 values are still to be filled in. Replace each mark `FILL IN: ...` with a value:\n"
        f"  {folder / 'hosts.yml'}:13: endpoint: the URL\n"
        f"  {folder / 'group_vars' / 'all.yml'}:14: vo: the VO"
    )


def test_many_places_are_counted(folder: Path) -> None:
    lines = "".join(f"key_{n}: '{blank(str(n))}'\n" for n in range(50))
    (folder / "group_vars" / "north.yml").write_text(f"infrastructure_name: north\n{lines}")
    with pytest.raises(Unfilled, match=r"(?s)50 values are .*and 10 more") as told:
        inventory.load(folder)
    assert len(str(told.value).splitlines()) == 42


def test_a_comment_is_no_value(folder: Path) -> None:
    with (folder / "hosts.yml").open("a") as file:
        file.write("# FILL IN: later\n")
    assert inventory.load(folder).testbed.sites


@pytest.mark.parametrize(("value", "is_one"), [("FILL IN: x", True), ("x", False), (None, False)])
def test_a_mark_begins_a_value(value: object, is_one: bool) -> None:
    assert is_blank(value) is is_one
