"""A site's page as one file, and what it tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.conformance.history import Figure, FigureKey
from harness.errors import BadInput
from harness.report.site import letter, plots, problems
from harness.report.site.night import Night
from tests.unit.report.site.test_cure import FINDINGS, OPEN, stated
from tests.unit.statements import night


@pytest.fixture
def shown(tmp_path: Path) -> Night:
    return night(tmp_path, stated(1, "AUTHZ-001"), stated(2, "XFER-022"))


def test_it_needs_nothing_beside_it(shown: Night) -> None:
    text = letter.text(shown, "EGI-TWIN", FINDINGS, address="")
    assert "<script" not in text
    assert "@import" not in text
    assert re.findall(r'(?:href|src)="((?!mailto:|data:|#)[^"]*)"', text) == []
    assert "MOVE replaces a file" in text
    assert "admins@egi.test" in text


def test_its_links_lead_to_where_the_pages_are_read(shown: Night) -> None:
    address = "https://www.example.org/interop"
    text = letter.text(shown, "EGI-TWIN", FINDINGS, address=address)
    found = re.findall(r'(?:href|src)="((?!mailto:|data:|#)[^"]*)"', text)
    assert found
    assert all(one.startswith(f"{address}/") for one in found)
    assert f"{address}/latest/sites/EGI-TWIN.html" in found


def test_a_site_that_is_not_there_is_told_with_those_that_are(shown: Night) -> None:
    with pytest.raises(BadInput, match=r"--site NOWHERE: .*EGI-TWIN"):
        letter.text(shown, "NOWHERE", FINDINGS, address="")


def test_a_problem_is_told_once_with_all_its_routes(shown: Night) -> None:
    ((software, (one,)),) = problems.own(shown, "EGI-TWIN", FINDINGS).items()
    assert software == "XRootD 5.8.1"
    assert list(one.routes) == ["egi:EGI-TWIN", "cstcloud:EGI-TWIN"]
    assert problems.of_visitors(shown, "EGI-TWIN", FINDINGS) == {}
    assert problems.own(shown, "CSTCLOUD-TWIN", FINDINGS) == {}


def test_what_a_finding_withholds_is_not_in_it(tmp_path: Path) -> None:
    found = night(tmp_path, stated(1, "AUTHZ-001"))
    text = letter.text(found, "EGI-TWIN", FINDINGS, address="")
    assert "F-XROOTD-02" in text
    assert OPEN not in text


def test_a_night_without_a_figure_is_a_gap(tmp_path: Path) -> None:
    nights = [stated(day, "XFER-022") for day in range(1, 6)]
    key = FigureKey("EGI-TWIN", "containment time", "https://se.egi.test/", "")
    values = [Figure(one.run.id, 10.0 * n, False) for n, one in enumerate(nights) if n != 2]
    found = night(tmp_path, *nights)
    object.__setattr__(found, "figures", {key: values})
    (plot,) = plots.plots(found, "EGI-TWIN")
    assert [len(line.split()) for line in plot.lines] == [2, 2]
    assert (plot.least, plot.most, plot.last.seconds) == (0, 40, 40)
    assert plots.plots(found, "CSTCLOUD-TWIN") == []
