"""What is told from night to night: each thing once, recovery too, and silence is no recovery."""

from __future__ import annotations

from pathlib import Path

from harness.conformance.statement import Statement
from harness.conformance.verdicts import HostFault, Verdict
from harness.notice import causes, news
from harness.notice.known import Known
from harness.notice.news import Event, Notice, Told
from tests.unit.nights import COPIES, TOKENS, make_night
from tests.unit.notice.test_causes import FINDINGS, TODAY
from tests.unit.routes import BACK, CROSS, HOME, RESOURCE

ILL = HostFault(host="se.cstcloud.test", when="before", what="xrootd is down")
EVERYWHERE = (CROSS, BACK, HOME, RESOURCE)


class Nights:
    """Nights one after another, and what is told of each."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._number = folder, 0
        self.told: dict[str, Told] = {}

    def __call__(
        self,
        *failed: tuple[str, str],
        ill: bool = False,
        text: str = "",
        excused: bool = False,
        routes: tuple[str, ...] = EVERYWHERE,
    ) -> list[Notice]:
        self._number += 1
        folder = make_night(
            self._folder,
            f"202601{self._number:02}T011500Z-00aa",
            dict.fromkeys(failed, "it is not so"),
            faults=(ILL,) if ill else (),
            routes=routes,
        )
        statement = Statement.read(folder)
        if excused:
            statement = _excused(statement)
        found = causes.of(statement, Known(text, TODAY, statement.services))
        notices, self.told = news.since_last(self.told, found, statement)
        return notices


def _excused(statement: Statement) -> Statement:
    cells = tuple(
        cell.model_copy(update={"verdict": Verdict.KNOWN_DEVIATION, "exception": "storage group"})
        if cell.verdict in (Verdict.DEVIATION, Verdict.SITE_FAULT)
        else cell
        for cell in statement.scenarios
    )
    return statement.model_copy(update={"scenarios": cells})


def events(notices: list[Notice]) -> list[tuple[Event, str]]:
    return [(one.event, one.cause.key) for one in notices]


KEY = "AUTH-017 at CSTCLOUD-TWIN"


def test_a_failure_is_told_once_and_so_is_its_recovery(tmp_path: Path) -> None:
    night = Nights(tmp_path)
    assert night() == []
    (new,) = night((TOKENS, CROSS))
    assert (new.event, new.cause.key) == (Event.NEW, KEY)
    assert night((TOKENS, CROSS)) == []
    (recovered,) = night()
    assert (recovered.event, recovered.first) == (Event.RECOVERED, new.id)
    assert recovered.since == new.since == "2026-01-02T01:15:00+00:00"
    assert night() == []
    assert events(night((TOKENS, CROSS))) == [(Event.NEW, KEY)]


def test_a_night_that_could_not_judge_it_tells_no_recovery(tmp_path: Path) -> None:
    night = Nights(tmp_path)
    night((TOKENS, CROSS))
    down = (Event.NEW, "host se.cstcloud.test")
    assert events(night((TOKENS, CROSS), ill=True)) == [down]
    assert events(night((TOKENS, CROSS))) == [(Event.RECOVERED, "host se.cstcloud.test")]
    assert events(night()) == [(Event.RECOVERED, KEY)]


def test_a_finding_that_spreads_is_told_with_its_new_site(tmp_path: Path) -> None:
    night = Nights(tmp_path)
    egi, cstcloud = ((TOKENS, BACK), (TOKENS, HOME)), ((TOKENS, CROSS), (TOKENS, RESOURCE))
    night(*egi, text=FINDINGS)
    (spread,) = night(*egi, *cstcloud, text=FINDINGS)
    assert (spread.event, spread.added, spread.gone) == (Event.CHANGED, ("CSTCLOUD-TWIN",), ())
    assert night(*egi, *cstcloud, text=FINDINGS) == []
    (mended,) = night(*cstcloud, text=FINDINGS)
    assert (mended.event, mended.added, mended.gone) == (Event.CHANGED, (), ("EGI-TWIN",))
    assert set(mended.cause.parties) == {"EGI-TWIN", "CSTCLOUD-TWIN"}
    assert events(night(text=FINDINGS)) == [(Event.RECOVERED, "F-XROOTD-91")]


def test_a_site_that_is_down_is_not_told_as_mended(tmp_path: Path) -> None:
    night = Nights(tmp_path)
    everywhere = tuple((TOKENS, route) for route in EVERYWHERE)
    night(*everywhere, text=FINDINGS)
    told = night(*everywhere, text=FINDINGS, ill=True)
    assert events(told) == [(Event.NEW, "host se.cstcloud.test")]
    assert events(night(*everywhere, text=FINDINGS)) == [(Event.RECOVERED, "host se.cstcloud.test")]


def test_a_known_deviation_is_told_when_it_becomes_one_and_when_it_ends_to_be(
    tmp_path: Path,
) -> None:
    night = Nights(tmp_path)
    assert night((COPIES, BACK), excused=True) == []
    assert events(night((COPIES, BACK))) == [(Event.NEW, "XFER-001 at EGI-TWIN")]
    assert events(night((COPIES, BACK), excused=True)) == [(Event.KNOWN, "XFER-001 at EGI-TWIN")]
    assert night((COPIES, BACK), excused=True) == []
    assert night() == []


def test_a_failure_that_a_finding_explains_since_is_not_told_again(tmp_path: Path) -> None:
    night = Nights(tmp_path)
    failed = ((TOKENS, CROSS), (TOKENS, RESOURCE))
    night(*failed)
    assert night(*failed, text=FINDINGS) == []
    assert events(night(text=FINDINGS)) == [(Event.RECOVERED, "F-XROOTD-91")]


def test_what_is_tested_no_longer_has_not_recovered(tmp_path: Path) -> None:
    night = Nights(tmp_path)
    night((TOKENS, CROSS))
    assert events(night(routes=(BACK, HOME))) == [(Event.WITHDRAWN, KEY)]


def test_looking_at_a_night_twice_tells_nothing_twice(tmp_path: Path) -> None:
    statement = Statement.read(
        make_night(tmp_path, "20260101T011500Z-00aa", {(TOKENS, CROSS): "no"})
    )
    found = causes.of(statement, Known("", TODAY, statement.services))
    notices, told = news.since_last({}, found, statement)
    assert news.since_last(told, found, statement) == ([], told)
    assert [one.id for one in news.since_last({}, found, statement)[0]] == [
        one.id for one in notices
    ]


def test_very_many_news_are_one_message(tmp_path: Path) -> None:
    failed = [(scenario, route) for scenario in (TOKENS, COPIES) for route in (CROSS, BACK)]
    notices = Nights(tmp_path)(*failed)
    assert news.joined(notices, at_most=len(notices)) == notices
    (one,) = news.joined(notices, at_most=len(notices) - 1)
    assert one.event is Event.MANY
    assert list(one.listed) == notices
    assert {"EGI-TWIN", "CSTCLOUD-TWIN"} <= set(one.cause.parties)
