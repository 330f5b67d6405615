"""The sentence of the front page: what arises from crossing first, and one count everywhere."""

from __future__ import annotations

from pathlib import Path

from harness.conformance.runs import RunRoute
from harness.conformance.verdicts import Origin, Verdict
from harness.report.site.groups import Group
from harness.report.site.headline import headline
from harness.report.site.matrix import Matrix
from harness.report.site.recent import counted
from tests.unit.statements import CATALOGUE, TWIN, judged, night, routes, statement

WAYS = routes(TWIN)
ASKED = [CATALOGUE[id_] for id_ in ("AUTH-017", "AUTH-037", "JOB-001", "XFER-001", "XFER-022")]
GOOD = statement("20260101T011500Z-00aa", ASKED, WAYS, judged())


def at(site: str) -> object:
    return lambda way: way.site == site


def crosses(way: RunRoute) -> bool:
    return not way.control


BAD = statement(
    "20260102T011500Z-00aa",
    ASKED,
    WAYS,
    judged(
        AUTH_017=(Verdict.DEVIATION, Origin.CROSSING, crosses),
        XFER_022=(Verdict.KNOWN_DEVIATION, Origin.RESOURCE, at("EGI-TWIN")),
        AUTH_037=(Verdict.SITE_FAULT, Origin.HOME, lambda way: way.home == "cstcloud"),
        JOB_001=(Verdict.INCONCLUSIVE, None, crosses),
    ),
)


def test_the_order_is_crossing_then_sites_then_what_is_unknown_then_what_is_new(
    tmp_path: Path,
) -> None:
    found = headline(night(tmp_path, GOOD, BAD))
    assert found.text == (
        "Of 5 requirements tested, 1 fails because of crossing (cstcloud → EGI-TWIN, egi → CSTCLOUD-TWIN); "
        "2 fail for everybody because of a site’s own software (CSTCLOUD-TWIN, EGI-TWIN); "
        "1 could not be judged; 2 fail tonight but did not last night (AUTH-017, AUTH-037)."
    )
    assert (found.state, found.answer) == ("bad", "Action is needed.")


def test_each_number_leads_to_the_rows_that_it_counts(tmp_path: Path) -> None:
    """Of each link of the sentence, the section of the matrix has as many rows as the sentence says."""
    seen = night(tmp_path, GOOD, BAD)
    sections = dict(Matrix(seen).block(seen.statement.routes).sections)
    links = [part for part in headline(seen).parts if part.link.startswith("matrix.html#")]
    assert len(links) == 3
    for part in links:
        rows = sections[Group(part.link.partition("#")[2])]
        assert part.text.partition(" ")[0] == str(len(rows))


def test_what_is_not_excused_any_more_is_no_new_failure(tmp_path: Path) -> None:
    known = (Verdict.KNOWN_DEVIATION, Origin.RESOURCE, at("EGI-TWIN"))
    fault = (Verdict.SITE_FAULT, Origin.RESOURCE, at("EGI-TWIN"))
    before = statement("20260101T011500Z-00aa", ASKED, WAYS, judged(AUTH_017=known))
    after = statement("20260102T011500Z-00aa", ASKED, WAYS, judged(AUTH_017=fault))
    found = headline(night(tmp_path, before, after))
    assert found.state == "bad"
    assert "no failure is new since the last night" in found.text


def test_a_night_without_failures_needs_nobody(tmp_path: Path) -> None:
    found = headline(night(tmp_path, GOOD, GOOD.model_copy(update={"run": BAD.run})))
    assert (found.state, found.answer) == ("good", "Nothing new to repair.")
    assert "none fails because of crossing" in found.text
    assert "no failure is new since the last night" in found.text


def test_what_fails_in_two_ways_is_counted_once_by_the_worse(tmp_path: Path) -> None:
    def judge(one: object, way: RunRoute) -> tuple[Verdict, Origin]:
        if way.control:
            return Verdict.SITE_FAULT, Origin.RESOURCE
        return Verdict.DEVIATION, Origin.CROSSING

    seen = night(tmp_path, statement("20260101T011500Z-00aa", ASKED, WAYS, judge))
    assert {group: len(ids) for group, ids in seen.groups.items()} == {Group.CROSSING: len(ASKED)}


def test_the_strip_counts_as_the_sentence_does(tmp_path: Path) -> None:
    seen = night(tmp_path, GOOD, BAD)
    good, bad = counted(seen)
    assert {k: n for k, n in good.counts.items() if n} == {"C": 5}
    assert {k: n for k, n in bad.counts.items() if n} == {"D": 1, "S": 1, "K": 1, "I": 1, "C": 1}
    assert bad.bad == 3
    failing = sum(len(ids) for group, ids in seen.groups.items() if group.fails)
    assert failing == sum(bad.counts[letter] for letter in "DSK")
