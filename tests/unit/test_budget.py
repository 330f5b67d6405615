"""Budgets as inventories declare them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from harness import inventory
from harness.budget import Budget, Contact, is_within
from harness.errors import InventoryError
from tests.unit.inventory.conftest import changed, folder, refused

__all__ = ["changed", "folder", "refused"]

BUDGET = (
    "budget: {requests_per_second: 5, jobs: 3, bytes: 1000000000, disturb_hours: '22:00-04:00'}"
)


def at(hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 11, 30, hour, minute, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("hours", "time", "within"),
    [
        ("22:00-04:00", at(23), True),
        ("22:00-04:00", at(3, 59), True),
        ("22:00-04:00", at(4), False),
        ("22:00-04:00", at(12), False),
        ("01:30-02:00", at(1, 30), True),
        ("01:30-02:00", at(2), False),
        (None, at(12), True),
    ],
)
def test_hours_may_pass_midnight(hours: str | None, time: dt.datetime, within: bool) -> None:
    assert is_within(hours, time) is within


@pytest.mark.parametrize(
    "wrong",
    [
        {"requests_per_second": 0},
        {"requests_per_second": -1},
        {"requests_per_second": float("inf")},
        {"requests_per_second": float("nan")},
        {"requests_per_second": True},
        {"jobs": 0},
        {"jobs": 1.5},
        {"bytes": "many"},
        {"disturb_hours": "at night"},
        {"disturb_hours": "24:00-04:00"},
        {"request_per_second": 1},
    ],
)
def test_a_limit_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Budget.model_validate(wrong)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("interop@example.org", True),
        ("https://interop.example.org/about", True),
        ("somebody", False),
        ("a@b\r\nX-Evil: 1", False),
        ("a b@example.org", False),
        ("ü@example.org", False),
        (f"a@{'x' * 300}", False),
    ],
)
def test_a_contact_can_stand_in_a_header(text: str, good: bool) -> None:
    check = TypeAdapter(Contact).validate_python
    if good:
        assert check(text) == text
    else:
        with pytest.raises(ValidationError):
            check(text)


def test_a_site_has_the_budget_of_its_group(
    folder: Path, changed: Callable[[str, str, str], None]
) -> None:
    changed("hosts.yml", "vars: {site: N-SITE}", f"vars: {{site: N-SITE, {BUDGET}}}")
    with (folder / "group_vars" / "all.yml").open("a") as file:
        file.write("\ncontact: interop@example.org\n")
    testbed = inventory.load(folder).testbed
    assert testbed.contact == "interop@example.org"
    assert testbed.site("N-SITE").budget.jobs == 3
    assert testbed.site("S-SITE").budget == Budget()
    assert {one.disturb_hours for one in testbed.hosts if one.site == "N-SITE"} == {"22:00-04:00"}


def test_two_budgets_of_one_site_are_refused(
    folder: Path, changed: Callable[[str, str, str], None], refused: Callable[..., str]
) -> None:
    changed("hosts.yml", "vars: {site: N-SITE}", f"vars: {{site: N-SITE, {BUDGET}}}")
    changed("hosts.yml", "{testbed_roles: [ui]}", "{testbed_roles: [ui], budget: {jobs: 9}}")
    assert (
        "the site N-SITE has two budgets: at host aai.north.test and at host ui.north.test"
        in refused()
    )


def test_a_budget_that_is_wrong_is_told_with_its_host(
    folder: Path, changed: Callable[[str, str, str], None]
) -> None:
    changed("hosts.yml", "{testbed_roles: [ui]}", "{testbed_roles: [ui], budget: {jobs: none}}")
    with pytest.raises(InventoryError, match=r"host ui\.north\.test: budget: jobs: "):
        inventory.load(folder)
