"""Every requirement is in one group."""

from __future__ import annotations

import pytest

from harness.conformance.statement import RequirementStatement
from harness.conformance.verdicts import Verdict
from harness.report.site.groups import Group, group_of
from tests.unit.routes import CROSS


@pytest.mark.parametrize(("outside", "group"), [(False, Group.UNDECIDED), (True, Group.ABSENT)])
def test_what_belongs_to_a_larger_extent_is_no_gap(outside: bool, group: Group) -> None:
    one = RequirementStatement(
        id="SCI-104",
        level="MUST",
        confirmed=True,
        route=CROSS,
        verdict=Verdict.NOT_RUN,
        outside=outside,
        scenarios=("science/test_use_cases.py::test_it",),
    )
    assert group_of(one) is group
