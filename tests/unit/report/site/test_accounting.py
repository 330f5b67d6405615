"""The page of usage: sums by site and home, whether repositories agree, the month, and its data file."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from harness.conformance import usage as kept
from harness.conformance.usage import Jobs, Reported, Stored, Usage
from harness.report import site as sites
from harness.report.site.accounting import hours, size
from tests.unit.nights import make_night

FIRST, SECOND, LATER = "20260101T011500Z-00aa", "20260102T011500Z-00bb", "20260201T011500Z-00cc"


def jobs(site: str, home: str, number: int) -> Jobs:
    vo = f"vo.{home}" if home else ""
    return Jobs(site=site, home=home, vo=vo, users=1, jobs=number, wall=3600, processor=1800)


USAGE = Usage(
    since="2026-01-01T01:15:00+00:00",
    until="2026-01-01T01:20:00+00:00",
    sites={"EGI-TWIN": "egi", "CSTCLOUD-TWIN": "cstcloud"},
    repositories=(
        Reported(
            infrastructure="egi",
            endpoint="https://ops.egi.test",
            jobs=(jobs("EGI-TWIN", "egi", 3), jobs("EGI-TWIN", "cstcloud", 4)),
            storage=(Stored(site="EGI-TWIN", group="interop", shares=2, files=3, bytes=3072),),
        ),
        Reported(
            infrastructure="cstcloud",
            endpoint="https://ops.cstcloud.test",
            jobs=(jobs("EGI-TWIN", "egi", 3), jobs("CSTCLOUD-TWIN", "egi", 5)),
        ),
    ),
)


def built(folder: Path, id_: str, usage: Usage | None = USAGE) -> Path:
    run = make_night(folder / "runs", id_)
    if usage:
        usage.keep(run)
    console = Console(file=io.StringIO(), width=200)
    index = sites.build(run, console=console, sites=folder / "site", proofs=folder / "proofs")
    return index.parent / id_


def text_of(page: Path) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")).split())


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published night, to be read only."""
    return built(tmp_path_factory.mktemp("night"), FIRST)


def test_the_page_says_whose_users_used_whose_site(night: Path) -> None:
    text = text_of(night / "usage.html")
    assert "Used by whose users at whose site" in text
    assert "site users of CSTCloud users of EGI total CSTCLOUD-TWIN 5 5 EGI-TWIN 4 3 7" in text
    assert "total 4 8 12 Visitors from other infrastructures: 75.0 % of the total." in text
    assert "EGI-TWIN CSTCloud vo.cstcloud 1 4 1.0 0.500 50 %" in text
    assert "EGI-TWIN interop 2 3 3.0 KiB" in text


def test_a_repository_that_lacks_jobs_is_seen(night: Path) -> None:
    text = text_of(night / "usage.html")
    assert "CSTCLOUD-TWIN 5 EGI : 0 different" in text.replace("EGI:", "EGI :")
    assert "EGI-TWIN 7 CSTCloud : 3 different" in text.replace("CSTCloud:", "CSTCloud :")


def test_the_data_lie_beside_the_page(night: Path) -> None:
    assert kept.read(night) == USAGE


def test_a_month_adds_up_its_nights_alone(tmp_path: Path) -> None:
    """A night counts by its pages where its run is gone."""
    first = text_of(built(tmp_path, FIRST) / "usage.html")
    assert "the only night of the month" in first
    (tmp_path / "runs" / FIRST / kept.FILE).unlink()
    second = text_of(built(tmp_path, SECOND) / "usage.html")
    assert "2026-01: 2 nights together" in second
    assert "total 8 16 24" in second
    assert "2026-02: 1 night" in text_of(built(tmp_path, LATER) / "usage.html")


def test_a_run_without_records_says_so(tmp_path: Path) -> None:
    page = built(tmp_path, FIRST, usage=None)
    assert "This run kept no usage records" in text_of(page / "usage.html")
    assert not (page / kept.FILE).exists()


def test_the_page_is_there_in_chinese(night: Path) -> None:
    text = text_of(night / "zh" / "usage.html")
    assert "谁的用户在谁的站点上用了多少" in text
    assert "Used by" not in text


def test_an_unreadable_repository_and_unknown_users_are_told(tmp_path: Path) -> None:
    broken = Reported(infrastructure="cstcloud", endpoint="https://ops.test", error="HTTP 401")
    stranger = Reported(
        infrastructure="egi", endpoint="https://ops.test", jobs=(jobs("EGI-TWIN", "", 1),)
    )
    found = USAGE.model_copy(update={"repositories": (broken, stranger)})
    text = text_of(built(tmp_path, FIRST, found) / "usage.html")
    assert "of CSTCloud could not be read, so its sites have no figures: HTTP 401" in text
    assert "unknown users total" in text


def test_a_page_of_many_sites_stays_small(tmp_path: Path) -> None:
    sites = {f"SITE-{n}": f"i{n % 12}" for n in range(300)}
    every = tuple(jobs(site, f"i{home}", n) for n, site in enumerate(sites) for home in range(12))
    many = Usage(
        since=USAGE.since,
        until=USAGE.until,
        sites=sites,
        repositories=tuple(
            Reported(infrastructure=f"i{n}", endpoint="https://ops.test", jobs=every)
            for n in range(12)
        ),
    )
    built(tmp_path, FIRST, many)
    page = (built(tmp_path, SECOND, many) / "usage.html").read_text(encoding="utf-8")
    assert "28 of 300 sites are shown" in page
    assert len(re.findall(r"<[a-z]", page)) < 5000


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0.000"), (90, "0.025"), (5400, "1.5"), (36_000_000, "10,000.0")]
)
def test_hours(seconds: int, shown: str) -> None:
    assert hours(seconds) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 B"), (1023, "1023 B"), (3072, "3.0 KiB"), (2**60, "1024.0 PiB")]
)
def test_size(number: int, shown: str) -> None:
    assert size(number) == shown
