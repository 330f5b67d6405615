"""The site: every link leads somewhere, a night is whole or absent, and nothing is run that was seen."""

from __future__ import annotations

import csv
import errno
import io
import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from rich.console import Console

from harness.conformance.history import FILE as HISTORY
from harness.conformance.statement import Statement
from harness.conformance.verdicts import HostFault
from harness.errors import TestbedError
from harness.extent import Extent
from harness.proof.judgement import Pair, Proof, Result
from harness.report import site as sites
from harness.report.addresses import scenario_page
from tests.unit.nights import COPIES, ROUTES, TOKENS, make_night
from tests.unit.routes import BACK, CROSS, HOME, RESOURCE, ends

FIRST, SECOND, THIRD = (f"2026010{day}T011500Z-00aa" for day in (1, 2, 3))
SCRIPT = "</script><script>alert(1)</script><b>&"


class Links(HTMLParser):
    """Collects what a page leads to, and the ids in it."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            if name == "id" and value:
                self.ids.add(value)


def said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


@pytest.fixture
def build(tmp_path: Path, console: Console) -> Iterator[object]:
    def make(folder: Path) -> Path:
        index = sites.build(
            folder, console=console, sites=tmp_path / "site", proofs=tmp_path / "proofs"
        )
        return index.parent

    return make  # type: ignore[return-value]


@pytest.fixture
def nights(tmp_path: Path) -> list[Path]:
    """Three nights: all is well; one host ill and a new deviation; that one repaired by an upgrade."""
    runs = tmp_path / "runs"
    ill = HostFault(host="se.egi.test", when="before", what="xrootd")
    failing = {
        (TOKENS, "egi:CSTCLOUD-TWIN"): f"accepted {SCRIPT}",
        (COPIES, "egi:EGI-TWIN"): "no answer",
    }
    return [
        make_night(runs, FIRST),
        make_night(runs, SECOND, failing, faults=(ill,), seen=SCRIPT),
        make_night(runs, THIRD, versions={"XRootD": "5.9.0"}),
    ]


def parsed(page: Path) -> Links:
    found = Links()
    found.feed(page.read_text(encoding="utf-8"))
    return found


def prove(folder: Path) -> Proof:
    """Write a proof in which a mutant has killed a scenario."""
    pair = Pair(scenario=TOKENS, route=ROUTES[0], mutant="open", refusal=True, result=Result.KILLED)
    proof = Proof(pairs=(pair,), unproven=(), excused=(), scenarios=1, refusals=1, partial=False)
    folder.mkdir(parents=True)
    proof.write(folder)
    return proof


def test_every_link_leads_somewhere(build, nights: list[Path], tmp_path: Path) -> None:
    prove(tmp_path / "proofs" / "20260101T000000Z-0000")
    for night in nights:
        site = build(night)
    pages = [page for page in site.rglob("*.html") if "allure" not in page.parts]
    assert len(pages) > 50
    for page in pages:
        for link in parsed(page).links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.is_file(), f"{page.relative_to(site)} links {link}"
            anchor = parts.fragment
            if anchor and "=" not in anchor and "allure" not in parts.path:
                assert anchor in parsed(target).ids, f"{page.relative_to(site)} links {link}"


def test_no_page_lets_a_browser_ask_for_an_icon(build, nights: list[Path]) -> None:
    """A page that names no icon makes a browser ask the server for /favicon.ico, which is not there."""
    site = build(nights[-1])
    assert (site / "index.html").is_file()
    for page in site.rglob("*.html"):
        if "allure" not in page.parts:
            assert '<link rel="icon" href="data:,">' in page.read_text(encoding="utf-8"), page


def test_the_front_page_says_what_changed(build, nights: list[Path]) -> None:
    site = build(nights[0])
    assert "first night" in (site / FIRST / "index.html").read_text()
    build(nights[1])
    second = (site / SECOND / "index.html").read_text()
    assert "headline bad" in second
    said = text_of(site / SECOND / "index.html")
    assert "New: Does not hold: Title of test_an_expired_token_is_refused" in said
    assert "se.egi.test failed its health check before the run (xrootd)" in said
    build(nights[2])
    third = text_of(site / THIRD / "index.html")
    assert "headline good" in (site / THIRD / "index.html").read_text()
    assert "What needs action Nothing." in third
    assert f"Repaired: Title of test_an_expired_token_is_refused (AUTH-017; {CROSS})" in third
    assert "Judged again: Title of test_a_pulled_copy_keeps_its_checksum" in third
    assert "XRootD 5.8.1 → 5.9.0, on se.cstcloud.test, se.egi.test" in third


def test_the_entry_page_leads_to_the_newest_night(build, nights: list[Path]) -> None:
    site = build(nights[2])
    build(nights[0])  # an old night that is made anew is not the latest one
    assert f"{THIRD}/index.html" in (site / "index.html").read_text()
    assert Statement.read(site / "latest").run.id == THIRD
    found, of_night = ((site / name / "metrics.prom").read_text() for name in ("latest", THIRD))
    assert found == of_night


def test_an_old_night_knows_nothing_of_later_ones(build, nights: list[Path]) -> None:
    for night in (*nights, nights[0]):
        site = build(night)
    assert "first night" in (site / FIRST / "index.html").read_text()
    assert "1 night, oldest first" in (site / FIRST / "requirements" / "AUTH-017.html").read_text()


def test_what_a_site_answers_is_shown_and_never_run(build, nights: list[Path]) -> None:
    site = build(nights[1])
    for page in (site / SECOND).rglob("*.html"):
        assert "<script>alert" not in page.read_text(), page
    cell = (site / SECOND / "cells" / "AUTH-017" / "egi.CSTCLOUD-TWIN.html").read_text()
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in cell


def test_a_cell_page_tells_why_with_its_control_and_how_to_run_it_again(
    build, nights: list[Path]
) -> None:
    build(nights[0])
    site = build(nights[1])
    cell = (site / SECOND / "cells" / "AUTH-017" / "egi.CSTCLOUD-TWIN.html").read_text()
    for part in (
        "accepted",
        "Same test at home:</span> cstcloud:CSTCLOUD-TWIN",
        "--route egi:CSTCLOUD-TWIN -k 'test_an_expired_token_is_refused'",
        "2026-01-01 01:15 UTC",
        f"../../../{FIRST}/cells/AUTH-017/egi.CSTCLOUD-TWIN.html",
        "XRootD 5.8.1",
    ):
        assert part in cell, part
    copied = (site / SECOND / "cells" / "XFER-017" / "egi.CSTCLOUD-TWIN.html").read_text()
    page = scenario_page(COPIES, CROSS)
    assert page in copied, "what passed is told on its own page"
    copied = (site / SECOND / page).read_text()
    assert "Same test at home" in copied
    function = COPIES.rpartition("::")[2]
    assert f"requirements/XFER-017.html#transfer-test_third_party_copy.{function}" in copied
    assert f"def {function}(" in (site / SECOND / "requirements" / "XFER-017.html").read_text()


def test_figures_stand_on_the_pages_of_the_cell_and_of_the_site(build, nights: list[Path]) -> None:
    site = build(nights[0]) / FIRST
    home = (site / "cells" / "AUTH-017" / "egi.EGI-TWIN.html").read_text()
    assert '<td class="number">17.5</td>' in home
    assert '<td class="number">&gt; 60</td>' in home
    assert (
        "<h2>Measured</h2>" not in (site / "cells" / "XFER-017" / "egi.EGI-TWIN.html").read_text()
    )
    of_site = (site / "sites" / "EGI-TWIN.html").read_text()
    assert 'class="number">58</td>' in of_site, "the longest of several routes"
    assert 'class="number">17.5</td>' not in of_site


def test_the_matrix_has_each_cell_and_its_history(build, nights: list[Path]) -> None:
    for night in nights:
        site = build(night)
    page = (site / THIRD / "matrix.html").read_text()
    data = json.loads(re.search(r'id="columns">(.*?)</script>', page)[1])  # type: ignore[index]
    assert data["nights"] == 3
    assert '<td class=C data-h="CDC"><a href="cells/AUTH-017/egi.CSTCLOUD-TWIN.html">C</a>' in page
    assert page.count("<td class=C ") == 12


def test_the_proof_is_shown_and_told_in_full_to_machines(
    build, nights: list[Path], tmp_path: Path
) -> None:
    prove(tmp_path / "proofs" / "20260101T000000Z-0000")
    site = build(nights[0])
    assert "1 killed" in (site / FIRST / "proof.html").read_text()
    rows = list(csv.DictReader(io.StringIO((site / FIRST / "proof.csv").read_text())))
    assert [(row["mutant"], row["scenario"], row["result"]) for row in rows] == [
        ("open", TOKENS, "killed")
    ]


def test_findings_can_be_linked_and_open_ones_are_withheld(build, nights: list[Path]) -> None:
    page = (build(nights[0]) / FIRST / "findings.html").read_text()
    assert '<h3 id="F-XROOTD-01">F-XROOTD-01 No challenge' in page
    assert '<a href="#F-XROOTD-01">' in page
    assert "Withheld" in page


def test_a_cell_says_why_in_one_sentence_and_all_of_it_below(build, tmp_path: Path) -> None:
    long = "accepted: " + "word " * 100
    night = make_night(tmp_path / "runs", FIRST, {(TOKENS, "egi:CSTCLOUD-TWIN"): long})
    cell = (build(night) / FIRST / "cells" / "AUTH-017" / "egi.CSTCLOUD-TWIN.html").read_text()
    verdict = cell.partition('<p class="verdict">')[2].partition("</p>")[0]
    assert "word…" in verdict
    assert len(verdict) < 500
    assert cell.count("word") > 200


def test_pages_are_small(build, nights: list[Path]) -> None:
    site = build(nights[0])
    assert max(p.stat().st_size for p in (site / FIRST).rglob("*.html")) < 300_000


def test_machines_read_the_verdicts(build, nights: list[Path]) -> None:
    site = build(nights[1])
    rows = csv.DictReader((site / SECOND / "matrix.csv").read_text().splitlines())
    assert {row["requirement"]: row["egi:CSTCLOUD-TWIN"] for row in rows}["AUTH-017"] == "deviation"
    suites = ElementTree.parse(site / SECOND / "junit.xml").getroot()
    failures = {suite.get("name"): suite.get("failures") for suite in suites}
    assert failures == {"egi:CSTCLOUD-TWIN": "1", "cstcloud:EGI-TWIN": "0", "egi:EGI-TWIN": "0"} | {
        "cstcloud:CSTCLOUD-TWIN": "0"
    }
    feed = ElementTree.parse(site / "feed.xml").getroot()
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    badge = ElementTree.parse(site / "badges" / "AUTH.svg").getroot()
    assert badge.get("aria-label") == "AUTH: 1/2 conformant"
    assert json.loads((site / "nights.json").read_text())[0]["id"] == SECOND


def test_a_full_disk_harms_nothing_that_was_there(
    build, nights: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = build(nights[0])
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    written = Path.write_text

    def full(self: Path, data: str, **options: object) -> int:
        if "requirements" in self.parts:
            raise OSError(errno.ENOSPC, "No space left on device", str(self))
        return written(self, data, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(TestbedError, match=r"No space left.*nights before are as they were"):
        build(nights[1])
    monkeypatch.undo()
    after = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert after == before
    build(nights[1])
    assert (site / SECOND / "index.html").exists()


def test_a_damaged_entry_is_told_and_passed_over(
    build, nights: list[Path], console: Console
) -> None:
    import sqlite3

    build(nights[0])
    with sqlite3.connect(nights[0].parent / HISTORY) as db:
        db.execute("UPDATE runs SET statement = x'00'")
    db.close()
    site = build(nights[1])
    assert f"{FIRST} is damaged" in said(console)
    assert (site / SECOND / "index.html").exists()


def test_a_night_is_compared_to_the_one_before_of_its_extent(build, tmp_path: Path) -> None:
    """Where there is none, to the newest."""
    folder = tmp_path / "extents"
    extents: dict[str, Extent] = {FIRST: "core", SECOND: "full", THIRD: "core"}
    for id_, extent in extents.items():
        site = build(make_night(folder, id_, extent=extent))
    fronts = {id_: (site / id_ / "index.html").read_text() for id_ in extents}
    assert "This is the first night of the history" in fronts[FIRST]
    assert f"compare.html#from={FIRST}&amp;to={SECOND}" in fronts[SECOND]
    assert f"compare.html#from={FIRST}&amp;to={THIRD}" in fronts[THIRD]


def test_evidence_that_was_touched_is_told_on_the_front_page(build, nights: list[Path]) -> None:
    (nights[0] / "evidence" / "0.json").unlink()
    site = build(nights[0])
    assert "evidence/0.json is missing" in (site / FIRST / "index.html").read_text()


def test_no_half_made_folder_is_left(build, nights: list[Path]) -> None:
    site = build(nights[0])
    build(nights[0])
    assert not [path for path in site.iterdir() if path.name.startswith(".")]
    shutil.rmtree(site / FIRST)
    assert sites.published(site) == []


def text_of(page: Path) -> str:
    """Return what a reader sees of a page."""
    text = re.sub(r"</?(?:a|b|i|code)\b[^>]*>", "", page.read_text(encoding="utf-8"))
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_a_site_s_page_has_what_that_site_has_to_mend_and_nothing_else(
    build, tmp_path: Path
) -> None:
    """What fails its own users is the site's; what fails for visitors alone arises from crossing."""
    failing = dict.fromkeys([(TOKENS, CROSS), (TOKENS, RESOURCE)], "accepted it")
    crossing = {(COPIES, BACK): "only for visitors"}
    site = build(make_night(tmp_path / "runs", FIRST, failing | crossing)) / FIRST
    theirs = text_of(site / "sites" / "CSTCLOUD-TWIN.html")
    assert "AUTH-017" in theirs
    assert f"{CROSS}, {RESOURCE}" in theirs
    assert "XFER-017" not in theirs
    assert "What this site has to repair" in theirs
    mine = text_of(site / "sites" / "EGI-TWIN.html")
    to_repair, _, of_visitors = mine.partition("What fails here for visitors")
    assert "Nothing." in to_repair
    assert "AUTH-017" not in mine
    assert "XFER-017" not in to_repair
    assert "XFER-017" in of_visitors


def test_the_headline_counts_what_arises_from_crossing_first(build, tmp_path: Path) -> None:
    failing = dict.fromkeys([(TOKENS, CROSS), (TOKENS, RESOURCE)], "accepted it")
    crossing = {(COPIES, BACK): "only for visitors"}
    site = build(make_night(tmp_path / "runs", FIRST, failing | crossing)) / FIRST
    assert (
        "Of 3 requirements tested, 1 fails because of crossing (cstcloud → EGI-TWIN); "
        "1 fails for everybody because of a site’s own software (CSTCLOUD-TWIN); "
        "all others could be judged; there is no earlier night to compare with."
    ) in text_of(site / "index.html")


def test_the_headline_does_not_call_crossing_what_no_control_tells(build, tmp_path: Path) -> None:
    failing = dict.fromkeys([(TOKENS, CROSS), (TOKENS, HOME)], "refused")
    night = make_night(tmp_path / "runs", FIRST, failing, routes=(CROSS, HOME, RESOURCE))
    assert (
        "none fails because of crossing; none fails for everybody because of a site’s own software; "
        "1 fails for an unknown reason, as there is no control to compare it with (egi → CSTCLOUD-TWIN); "
    ) in text_of(build(night) / FIRST / "index.html")


def test_a_cell_says_where_its_failure_arises(build, tmp_path: Path) -> None:
    failing = dict.fromkeys([(TOKENS, CROSS), (TOKENS, RESOURCE)], "accepted it")
    crossing = {(COPIES, BACK): "only for visitors"}
    cells = build(make_night(tmp_path / "runs", FIRST, failing | crossing)) / FIRST / "cells"
    resource = text_of(cells / "AUTH-017" / "egi.CSTCLOUD-TWIN.html")
    assert "to be repaired by CSTCLOUD-TWIN" in resource
    assert "because of crossing" in text_of(cells / "XFER-001" / "cstcloud.EGI-TWIN.html")


def test_versions_beside_a_cell_are_those_of_the_hosts_that_took_part(
    build, nights: list[Path]
) -> None:
    cells = build(nights[1]) / SECOND / "cells" / "AUTH-017"
    page = text_of(cells / "egi.CSTCLOUD-TWIN.html")
    assert "se.cstcloud.test: XRootD 5.8.1" in page
    assert "se.egi.test: XRootD" not in page


def test_the_page_of_a_former_night_leads_from_its_cells_former_addresses(
    build, nights: list[Path]
) -> None:
    """A night that was published when routes led to infrastructures is built again."""
    site = build(nights[0])
    stated = site / FIRST / "statement.json"
    text = stated.read_text()
    assert '"version": "2.2"' in text
    # The file is a link to the run's own, which stays as it is.
    stated.unlink()
    stated.write_text(text.replace('"version": "2.2"', '"version": "1.1"', 1))
    build(nights[0])
    former = site / FIRST / "cells" / "AUTH-017" / "egi-cstcloud.html"
    (target,) = {link for link in parsed(former).links if link.endswith(".html")}
    page = site / FIRST / "cells" / "AUTH-017" / "egi.CSTCLOUD-TWIN.html"
    assert (former.parent / target).resolve() == page.resolve()
    assert page.exists()


def test_a_former_night_is_linked_by_its_cells_former_addresses(build, nights: list[Path]) -> None:
    site = build(nights[0])
    stated = site / FIRST / "statement.json"
    text = stated.read_text()
    stated.unlink()
    stated.write_text(text.replace('"version": "2.2"', '"version": "1.1"', 1))
    build(nights[1])
    cell = (site / SECOND / "cells" / "AUTH-017" / "egi.CSTCLOUD-TWIN.html").read_text()
    assert f"../../../{FIRST}/cells/AUTH-017/egi-cstcloud.html" in cell


def test_the_matrix_says_home_infrastructure_and_site_of_each_route(
    build, nights: list[Path]
) -> None:
    """By these its filter takes `egi:cstcloud` and `*:SITE`."""
    page = (build(nights[0]) / FIRST / "matrix.html").read_text()
    data = json.loads(re.search(r'id="columns">(.*?)</script>', page)[1])  # type: ignore[index]
    assert [one["id"] for one in data["routes"]] == list(ROUTES)
    assert data["routes"][0] == {"id": CROSS, **ends(CROSS)}
