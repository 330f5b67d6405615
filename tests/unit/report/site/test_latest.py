"""`latest/` has the addresses of the newest night."""

from __future__ import annotations

from pathlib import Path

from harness.report.site import latest

FIRST, SECOND = "20260101T011500Z-00aa", "20260102T011500Z-00aa"


def make(site: Path, id_: str, *pages: str) -> None:
    for page in pages:
        (site / id_ / page).parent.mkdir(parents=True, exist_ok=True)
        (site / id_ / page).write_text("a page")
    latest.renew(site, id_, "2026-01-01T01:15:00+00:00")


def test_every_page_of_the_newest_night_has_its_address(tmp_path: Path) -> None:
    make(tmp_path, FIRST, "index.html", "cells/A-1/x.html", "zh/sites/y.html", "junit.xml")
    for page in ("index.html", "cells/A-1/x.html", "zh/sites/y.html"):
        text = (tmp_path / "latest" / page).read_text()
        up = "../" * page.count("/")
        assert f'src="{up}forward.js"' in text
        assert f'src="{up}../latest.js"' in text
    assert (tmp_path / "latest" / "junit.xml").read_text() == "a page"
    assert FIRST in (tmp_path / "latest.js").read_text()


def test_a_page_stays_as_it_was_when_another_night_comes(tmp_path: Path) -> None:
    make(tmp_path, FIRST, "index.html", "cells/A-1/x.html")
    page = tmp_path / "latest" / "cells" / "A-1" / "x.html"
    before = page.read_bytes(), page.stat().st_mtime_ns
    make(tmp_path, SECOND, "index.html", "cells/A-1/x.html")
    assert (page.read_bytes(), page.stat().st_mtime_ns) == before
    assert SECOND in (tmp_path / "latest.js").read_text()


def test_a_page_that_the_newest_night_has_not_says_so_until_it_is_back(tmp_path: Path) -> None:
    make(tmp_path, FIRST, "index.html", "cells/A-1/x.html")
    page = tmp_path / "latest" / "cells" / "A-1" / "x.html"
    leading = page.read_text()
    make(tmp_path, SECOND, "index.html")
    assert "has no such page" in page.read_text()
    make(tmp_path, SECOND, "cells/A-1/x.html")
    assert page.read_text() == leading


def test_no_unfinished_file_is_left(tmp_path: Path) -> None:
    make(tmp_path, FIRST, "index.html", "a.html", "b/c.html")
    assert not list((tmp_path / "latest").rglob(".*"))
