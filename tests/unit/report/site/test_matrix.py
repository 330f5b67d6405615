"""The matrix: worst first, each cell linked, and no page that a browser or a reader cannot hold."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness.conformance.runs import RunRoute
from harness.conformance.verdicts import Origin, Verdict
from harness.report.site.groups import Group
from harness.report.site.matrix import Matrix
from harness.report.site.night import Night
from tests.unit.large import HUNDREDS, TWELVE, large_night, pages_of
from tests.unit.statements import CATALOGUE, TWIN, judged, night, routes, statement


class Elements(HTMLParser):
    """Counts the elements of a page."""

    count = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.count += 1

    handle_startendtag = handle_starttag


@pytest.fixture(scope="module", params=[TWELVE, HUNDREDS], ids=["12-infrastructures", "300-sites"])
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """A night of a testbed with 144 routes, or with 900, whose framework is adopted too."""
    return large_night(tmp_path_factory.mktemp("large"), request.param)


def test_no_page_is_too_large(large: Night) -> None:
    """At most 300 kB and 5,000 elements, whatever the number of infrastructures and sites."""
    for path, text in pages_of(large).items():
        counter = Elements()
        counter.feed(text)
        assert counter.count <= 5_000, path
        assert len(text.encode()) <= 300_000, path


def test_every_route_can_be_reached_from_the_grid(large: Night) -> None:
    matrix = Matrix(large)
    pages = {one.page: one for one in matrix.below()}
    assert {f"routes/{r.id.replace(':', '.')}.html" for r in large.statement.routes} <= set(pages)
    opened = {tile.page for _, tiles in matrix.grid()["rows"] for tile in tiles}
    for page in list(opened):
        opened |= {tile.page for tile in matrix.sites(pages[page].routes)}
    assert opened == set(pages)


def test_a_row_counts_its_routes_where_they_have_no_columns(large: Night) -> None:
    block = Matrix(large).block(large.statement.routes)
    assert block.columns == ()
    for _, rows in block.sections:
        for row in rows:
            assert sum(row.counts) == len(large.statement.routes)


WAYS = routes(TWIN)


def rows(seen: Night, ways: Sequence[RunRoute] | None = None) -> list[tuple[str, list[str]]]:
    block = Matrix(seen).block(ways or seen.statement.routes)
    return [(str(group), [row.requirement.id for row in found]) for group, found in block.sections]


def test_the_worst_comes_first_and_what_is_new_before_what_is_known(tmp_path: Path) -> None:
    def own(way: RunRoute) -> bool:
        return way.site == "EGI-TWIN"

    made = statement(
        "20260101T011500Z-00aa",
        [CATALOGUE[id_] for id_ in ("AUTH-017", "AUTH-018", "JOB-001", "XFER-022")],
        WAYS,
        judged(
            AUTH_018=(Verdict.KNOWN_DEVIATION, Origin.RESOURCE, own),
            JOB_001=(Verdict.SITE_FAULT, Origin.RESOURCE, own),
            XFER_022=(Verdict.DEVIATION, Origin.CROSSING, lambda way: not way.control),
        ),
    )
    seen = night(tmp_path, made)
    assert rows(seen) == [
        ("crossing", ["XFER-022"]),
        ("software", ["JOB-001", "AUTH-018"]),
        ("met", ["AUTH-017"]),
    ]
    assert rows(seen, [WAYS[1]]) == [
        ("crossing", ["XFER-022"]),
        ("met", ["AUTH-017", "AUTH-018", "JOB-001"]),
    ], "a route's page tells of that route alone"


def test_a_cell_of_the_grid_tells_the_worst_and_how_many(tmp_path: Path) -> None:
    made = statement(
        "20260101T011500Z-00aa",
        [CATALOGUE[id_] for id_ in ("AUTH-017", "AUTH-018", "JOB-001")],
        WAYS,
        judged(
            AUTH_017=(Verdict.DEVIATION, Origin.CROSSING, lambda way: way.id == "egi:CSTCLOUD-TWIN")
        ),
    )
    grid = Matrix(night(tmp_path, made)).grid()
    tiles = {tile.title: tile for _, found in grid["rows"] for tile in found}
    bad = tiles["egi → CSTCLOUD-TWIN"]
    assert (bad.worst, bad.number, bad.page) == (
        Group.CROSSING,
        1,
        "routes/egi.CSTCLOUD-TWIN.html",
    )
    good = tiles["cstcloud → EGI-TWIN"]
    assert (good.worst, good.number) == (Group.MET, 3)
