"""No sentence of a page tells what a finding withholds."""

from __future__ import annotations

import datetime as dt

from harness.conformance.verdicts import Verdict
from harness.report import withholding
from tests.unit.report.site.test_cure import ENTRIES, FINDINGS, stated

TODAY = dt.date(2026, 1, 2)


def reasons(requirement: str) -> set[str]:
    """Return the reasons of what fails, as pages may tell them."""
    shown = withholding.statement(stated(1, requirement), FINDINGS, TODAY)
    return {one.reason for one in shown.scenarios if one.verdict is not Verdict.CONFORMANT}


def test_the_reason_of_a_failure_is_withheld_with_its_finding() -> None:
    """Beside it the control: a finding that is open is told of."""
    assert reasons("AUTHZ-001") == {withholding.WITHHELD}
    assert reasons("XFER-022") == {"HTTP 201"}


def test_the_reason_of_a_known_deviation_is_withheld_too() -> None:
    shown = withholding.statement(stated(1, "AUTHZ-001"), FINDINGS, TODAY)
    told = {one.requirement: one.reason for one in shown.exceptions}
    assert told["AUTHZ-001"] == withholding.WITHHELD
    assert told["XFER-022"] == ENTRIES[0].reason


def test_an_entry_without_a_scenario_speaks_of_the_findings_of_its_requirement() -> None:
    entry = ENTRIES[1].model_copy(update={"scenario": None})
    assert [one.id for one in withholding.about(entry, FINDINGS)] == ["F-XROOTD-02"]


def test_a_cell_that_quotes_a_withheld_entry_is_withheld() -> None:
    """An entry may excuse scenarios that its finding does not name."""
    found = stated(1, "XFER-022")
    quoting = f"followed up by x: {ENTRIES[1].reason} (https://example.org)"
    cells = tuple(
        one.model_copy(update={"reason": quoting}) if one.reason else one for one in found.scenarios
    )
    shown = withholding.statement(found.model_copy(update={"scenarios": cells}), FINDINGS, TODAY)
    assert {one.reason for one in shown.scenarios} == {"", withholding.WITHHELD}
