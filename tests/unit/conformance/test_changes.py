"""What changed between two nights, and what it means to a reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.conformance import changes
from harness.conformance.changes import Change, Kind
from harness.conformance.statement import Statement
from harness.conformance.verdicts import Verdict
from tests.unit.nights import COPIES, TOKENS, make_night, make_statement

V = Verdict


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (V.CONFORMANT, V.DEVIATION, Kind.NEW_DEVIATION),
        (V.KNOWN_DEVIATION, V.SITE_FAULT, Kind.SITE_FAULT),
        (V.INCONCLUSIVE, V.DEVIATION, Kind.NEW_DEVIATION),
        (None, V.DEVIATION, Kind.NEW_DEVIATION),
        (V.DEVIATION, V.SITE_FAULT, Kind.OTHER),
        (V.DEVIATION, V.CONFORMANT, Kind.REPAIRED),
        (V.KNOWN_DEVIATION, V.CONFORMANT, Kind.REPAIRED),
        (V.DEVIATION, V.KNOWN_DEVIATION, Kind.OTHER),
        (V.DEVIATION, V.INCONCLUSIVE, Kind.INCONCLUSIVE),
        (V.CONFORMANT, V.NOT_RUN, Kind.INCONCLUSIVE),
        (V.INCONCLUSIVE, V.CONFORMANT, Kind.CONCLUSIVE),
        (V.INCONCLUSIVE, V.NOT_RUN, Kind.OTHER),
        (V.NOT_OFFERED, V.CONFORMANT, Kind.OTHER),
        (None, V.CONFORMANT, Kind.ADDED),
        (V.DEVIATION, None, Kind.REMOVED),
    ],
)
def test_a_change_has_a_meaning(before: Verdict | None, after: Verdict | None, kind: Kind) -> None:
    assert Change("AUTH-017", "egi:CSTCLOUD-TWIN", before, after).kind is kind


def test_equal_nights_have_no_changes(tmp_path: Path) -> None:
    before = make_statement(tmp_path, "20260101T011500Z-00aa")
    after = make_statement(tmp_path, "20260102T011500Z-00aa")
    assert not changes.compare(before, after)


def test_the_gravest_come_first_and_versions_are_told(tmp_path: Path) -> None:
    before = make_statement(tmp_path, "20260101T011500Z-00aa", (TOKENS, "cstcloud:EGI-TWIN"))
    after = Statement.read(
        make_night(
            tmp_path,
            "20260102T011500Z-00aa",
            {(TOKENS, "egi:CSTCLOUD-TWIN"): "accepted"},
            versions={"XRootD": "5.9.0"},
        )
    )
    found = changes.compare(before, after)
    assert [(one.kind, one.requirement, one.route) for one in found.verdicts] == [
        (Kind.NEW_DEVIATION, "AUTH-017", "egi:CSTCLOUD-TWIN"),
        (Kind.REPAIRED, "AUTH-017", "cstcloud:EGI-TWIN"),
    ]
    assert {(one.host, one.before, one.after) for one in found.upgrades} == {
        ("se.egi.test", "5.8.1", "5.9.0"),
        ("se.cstcloud.test", "5.8.1", "5.9.0"),
    }


def beyond(core: Statement, scenario: str) -> Statement:
    """Return a night of the core in which a scenario belongs to the full extent."""
    return core.model_copy(
        update={
            "scenarios": tuple(
                one.model_copy(update={"outside": True, "verdict": V.NOT_RUN})
                if one.scenario == scenario
                else one
                for one in core.scenarios
            )
        }
    )


def test_nights_of_two_extents_are_compared_by_what_both_show(tmp_path: Path) -> None:
    """What a heavy scenario found in the full night neither appears nor is repaired in the core."""
    failed = [(TOKENS, "egi:CSTCLOUD-TWIN"), (COPIES, "cstcloud:EGI-TWIN")]
    full = make_statement(tmp_path, "20260101T011500Z-00aa", *failed)
    core = beyond(make_statement(tmp_path, "20260102T011500Z-00aa"), TOKENS)
    for before, after in ((full, core), (core, full)):
        found = changes.compare(before, after).verdicts
        assert {one.requirement for one in found} == {"XFER-001", "XFER-017"}
        assert {one.route for one in found} == {"cstcloud:EGI-TWIN"}


def test_nights_of_one_extent_are_compared_wholly(tmp_path: Path) -> None:
    """A requirement that other scenarios show in the core counts there."""
    before = beyond(make_statement(tmp_path, "20260101T011500Z-00aa"), TOKENS)
    after = make_statement(tmp_path, "20260102T011500Z-00aa", (TOKENS, "egi:CSTCLOUD-TWIN"))
    (found,) = changes.compare(before, beyond(after, TOKENS)).verdicts
    assert found.kind in (Kind.NEW_DEVIATION, Kind.SITE_FAULT)
