"""The report of a month: which figures are held against which targets, and what comes of it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol

import pytest

from harness.conformance import ola
from harness.conformance.agreement import Agreement
from harness.conformance.availability import Month, Sample, Status
from harness.conformance.downtimes import Downtime
from harness.conformance.ola import Line, MonthlyReport, Result, Subject
from harness.model import Service

NOVEMBER = Month(2026, 11)
LATER = dt.datetime(2027, 6, 1, tzinfo=dt.UTC)
SITE = "EGI-TWIN"
NEVER = dt.timedelta(days=400)
"""An age that no sample reaches: a status holds until the next."""


def service(type_: str, endpoint: str, site: str = SITE) -> Service:
    return Service(
        type=type_,
        endpoint=endpoint,
        implementation="x",
        host=f"{endpoint}.egi.test",
        site=site,
        infrastructure="egi",
        token_profile="wlcg",
    )


SERVICES = (
    service("egi.aai.oidc", "aai"),
    service("webdav", "dav-1"),
    service("webdav", "dav-2"),
    service("XRootD", "elsewhere", site="OTHER"),
)
CONTACTS = [{"name": "admins", "email": "admins@egi.test"}]


def agreement(**fields: Any) -> Agreement:
    known: dict[str, Any] = {
        "title": "Of one",
        "valid": {"from": dt.date(2026, 9, 1), "until": dt.date(2027, 12, 31)},
        "targets": {
            "site": {"availability": 80, "reliability": 85, "unknown": 10},
            "services": {"egi.aai.oidc": {"availability": 99}},
        },
        "parties": [{"site": SITE, "role": "resource centre", "contacts": CONTACTS}],
    }
    return Agreement.model_validate(known | fields)


def seen(*days: tuple[str, Status]) -> list[Sample]:
    return [
        Sample(dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC), status)
        for day, status in days
    ]


def down(*months: str, endpoint: str = "aai", days: int = 10) -> dict[str, list[Sample]]:
    """Make an endpoint critical for the first days of these months, and ok for the rest."""
    samples = seen(("2026-01-01", Status.OK))
    for month in months:
        samples += seen((f"{month}-01", Status.CRITICAL), (f"{month}-{days + 1:02}", Status.OK))
    fine = seen(("2026-01-01", Status.OK))
    return {"aai": fine, "dav-1": fine, "dav-2": fine, "elsewhere": fine} | {endpoint: samples}


class Reported(Protocol):
    def __call__(self, samples: dict[str, list[Sample]], **changes: Any) -> MonthlyReport: ...


@pytest.fixture
def reported() -> Reported:
    def make(samples: dict[str, list[Sample]], **changes: Any) -> MonthlyReport:
        given = {"agreement": agreement(), "downtimes": (), "month": NOVEMBER} | changes
        return ola.report(
            given["agreement"],
            samples,
            given["downtimes"],
            given["month"],
            services=given.get("services", SERVICES),
            now=given.get("now", LATER),
            max_age=given.get("max_age", NEVER),
        )

    return make


def site(found: MonthlyReport) -> Line:
    return next(line for line in found.sites if line.subject.site == SITE)


def line(found: MonthlyReport, *subject: str) -> Line:
    return next(line for line in found.lines if line.subject == Subject(SITE, *subject))


def test_a_site_is_followed_by_its_types_and_these_by_their_endpoints(reported: Reported) -> None:
    found = reported(down())
    assert [one.subject for one in found.lines] == [
        Subject(SITE),
        Subject(SITE, "egi.aai.oidc"),
        Subject(SITE, "egi.aai.oidc", "aai"),
        Subject(SITE, "webdav"),
        Subject(SITE, "webdav", "dav-1"),
        Subject(SITE, "webdav", "dav-2"),
        Subject("OTHER"),
        Subject("OTHER", "XRootD"),
        Subject("OTHER", "XRootD", "elsewhere"),
    ]
    assert [one.subject.service for one in found.services(SITE)] == ["egi.aai.oidc", "webdav"]
    assert [one.subject.endpoint for one in found.endpoints(SITE, "webdav")] == ["dav-1", "dav-2"]


def test_endpoints_of_a_type_stand_in_for_each_other_and_types_do_not(reported: Reported) -> None:
    one_lost = reported(down("2026-11", endpoint="dav-1"))
    assert line(one_lost, "webdav", "dav-1").figures.availability == 66.67
    assert line(one_lost, "webdav").figures.availability == 100
    assert site(one_lost).figures.availability == 100
    issuer_lost = reported(down("2026-11", endpoint="aai"))
    assert line(issuer_lost, "webdav").figures.availability == 100
    assert site(issuer_lost).figures.availability == 66.67


def test_figures_are_held_against_the_targets(reported: Reported) -> None:
    found = reported(down("2026-11", days=1))
    assert site(found).figures.availability == 96.67
    assert site(found).result is Result.MET
    issuer = line(found, "egi.aai.oidc")
    assert issuer.targets
    assert (issuer.targets.availability, issuer.targets.reliability) == (99, 85)
    assert (issuer.availability, issuer.reliability, issuer.unknown, issuer.result) == (
        Result.MISSED,
        Result.MET,
        Result.MET,
        Result.MISSED,
    )


def test_what_reaches_its_target_meets_it(reported: Reported) -> None:
    """At least 80 per cent (OLA-001): 24 days of 30."""
    exact = reported(down("2026-11", days=6))
    assert (site(exact).figures.availability, site(exact).availability) == (80.0, Result.MET)
    assert site(exact).reliability is Result.MISSED
    assert site(exact).months_below == 0


@pytest.mark.parametrize(
    ("days", "unknown", "result"),
    [(3, Result.MET, Result.MET), (4, Result.MISSED, Result.NO_DATA)],
)
def test_too_much_unknown_lets_nobody_judge(
    reported: Reported, days: int, unknown: Result, result: Result
) -> None:
    """At most 10 per cent (OLA-003): three days of 30."""
    samples = down()
    samples["aai"] = seen(("2026-11-01", Status.UNKNOWN), (f"2026-11-{days + 1:02}", Status.OK))
    found = site(reported(samples))
    assert found.figures.availability == 100
    assert (found.unknown, found.result) == (unknown, result)
    assert found.unwatched is (result is Result.NO_DATA)


def test_without_samples_nobody_knows(reported: Reported) -> None:
    found = site(reported({}))
    assert found.figures.availability is None
    assert (found.availability, found.unknown) == (Result.NO_DATA, Result.MISSED)
    assert found.result is Result.NO_DATA
    assert found.unwatched


def test_downtimes_count_for_the_services_that_they_name(reported: Reported) -> None:
    def announced(notice: int) -> Downtime:
        start = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
        return Downtime(
            severity="outage",
            site=SITE,
            services=("aai.egi.test",),
            declared=start - dt.timedelta(hours=notice),
            start=start,
            end=start + dt.timedelta(days=15),
            description="the issuer moves",
        )

    found = reported(down(), downtimes=[announced(notice=24)])
    assert (site(found).figures.availability, site(found).figures.reliability) == (50.0, 100.0)
    assert (site(found).availability, site(found).reliability) == (Result.MISSED, Result.MET)
    assert line(found, "webdav").figures.scheduled == dt.timedelta()
    late = site(reported(down(), downtimes=[announced(notice=23)]))
    assert (late.figures.availability, late.figures.reliability) == (50.0, 50.0)


def test_three_whole_months_below_suspend_a_site(reported: Reported) -> None:
    """Availability below 80 per cent in three consecutive months (OLA-007)."""
    months = ("2026-09", "2026-10", "2026-11")
    for number, suspended in ((1, False), (2, False), (3, True)):
        found = reported(down(*months[-number:]))
        assert (site(found).months_below, site(found).suspension) == (number, suspended)
    issuer = line(found, "egi.aai.oidc")
    assert (issuer.months_below, issuer.suspension) == (3, False)


@pytest.mark.parametrize("months", [("2026-09", "2026-10"), ("2026-08", "2026-09", "2026-11")])
def test_a_better_month_ends_the_count(reported: Reported, months: tuple[str, ...]) -> None:
    found = site(reported(down(*months)))
    assert (found.months_below, found.suspension) == (months[-1].endswith("11"), False)


def test_a_month_without_data_ends_the_count(reported: Reported) -> None:
    samples = down("2026-09", "2026-10", "2026-11")
    samples["aai"] += seen(("2026-10-01", Status.UNKNOWN), ("2026-10-11", Status.UNKNOWN))
    samples["aai"] = [
        one for one in samples["aai"] if one.time.month != 10 or one.status == "unknown"
    ]
    assert site(reported(samples)).months_below == 1


def test_months_before_the_agreement_do_not_count(reported: Reported) -> None:
    found = site(reported(down("2026-07", "2026-08", "2026-09"), month=Month(2026, 9)))
    assert (found.months_below, found.suspension) == (1, False)


def test_a_month_under_way_ends_now_and_suspends_nobody(reported: Reported) -> None:
    samples = down("2026-09", "2026-10", "2026-11")
    now = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    found = reported(samples, now=now)
    assert not found.complete
    assert found.period.end == now
    assert site(found).figures.availability == 50.0
    assert (site(found).months_below, site(found).suspension) == (2, False)
    assert reported(samples, now=NOVEMBER.period.end).complete


def test_a_month_ahead_has_no_data(reported: Reported) -> None:
    found = reported(down(), now=dt.datetime(2026, 10, 1, tzinfo=dt.UTC))
    assert found.period.end == found.period.start
    assert {one.figures.availability for one in found.lines} == {None}
    assert site(found).result is Result.NO_DATA
    assert site(found).unknown is Result.NO_DATA


def test_who_is_no_party_and_what_is_not_in_force_has_figures_only(reported: Reported) -> None:
    found = reported(down())
    other = next(one for one in found.lines if one.subject == Subject("OTHER"))
    assert other.figures.availability == 100
    assert (other.targets, other.result, other.availability) == (None, None, None)
    assert line(found, "webdav", "dav-1").targets is None
    before = reported(down("2026-08"), month=Month(2026, 8))
    assert before.agreement is None
    assert {one.result for one in before.lines} == {None}
    assert {one.unknown for one in reported(down(), agreement=None).lines} == {None}


def test_a_party_may_choose_the_types_that_make_its_figures(reported: Reported) -> None:
    party = {"site": SITE, "role": "centre", "contacts": CONTACTS, "services": ["webdav"]}
    found = reported(down("2026-11"), agreement=agreement(parties=[party]))
    assert site(found).figures.availability == 100
    assert line(found, "egi.aai.oidc").figures.availability == 66.67
    assert line(found, "egi.aai.oidc").targets is None


def test_samples_of_a_service_that_is_gone_are_left_out(reported: Reported) -> None:
    samples = down() | {"gone": seen(("2026-11-01", Status.CRITICAL))}
    assert reported(samples).lines == reported(down()).lines


def test_a_nightly_that_did_not_run_is_unknown(reported: Reported) -> None:
    nights = [f"2026-11-{day:02}" for day in range(1, 31) if day not in (10, 11)]
    samples = seen(*((night, Status.OK) for night in nights))
    found = site(
        reported(dict.fromkeys(("aai", "dav-1", "dav-2"), samples), max_age=dt.timedelta(days=1))
    )
    assert found.figures.unknown == dt.timedelta(days=2)
    assert found.figures.availability == 100


KEYSTONE = "https://cloud.test:5000/v3"
SHARED = tuple(service("org.openstack.keystone", KEYSTONE, site=one) for one in ("A", "B"))
ALL_MONTH = seen(*((f"2026-11-{day:02}", Status.OK) for day in range(1, 31)))


def outage(of: str) -> Downtime:
    return Downtime(
        severity="outage",
        site=of,
        services=("all",),
        declared="2026-10-01T00:00:00Z",
        start="2026-11-10T00:00:00Z",
        end="2026-11-20T00:00:00Z",
        description="x",
    )


@pytest.mark.parametrize("keyed", ["by service", "by endpoint, as in former nights"])
@pytest.mark.parametrize(("of", "scheduled"), [("A", (10, 0)), ("B", (0, 10))])
def test_a_downtime_is_that_of_the_site_that_declared_it(
    reported: Reported, of: str, scheduled: tuple[int, int], keyed: str
) -> None:
    """Also where another site has the same endpoint."""
    by_service = {(one.site, one.type, one.endpoint): ALL_MONTH for one in SHARED}
    samples: Any = by_service if keyed == "by service" else {KEYSTONE: ALL_MONTH}
    found = reported(samples, downtimes=[outage(of)], services=SHARED, agreement=None)
    days = {one.subject.site: one.figures.scheduled.days for one in found.sites}
    assert days == dict(zip(("A", "B"), scheduled, strict=True))
    assert {one.figures.reliability for one in found.sites} == {100}


def test_a_sample_is_that_of_one_site_where_two_share_an_endpoint(reported: Reported) -> None:
    down_at_b = {
        ("A", "org.openstack.keystone", KEYSTONE): ALL_MONTH,
        ("B", "org.openstack.keystone", KEYSTONE): seen(("2026-11-01", Status.CRITICAL)),
    }
    found = reported(down_at_b, services=SHARED, agreement=None)  # type: ignore[arg-type]
    assert {one.subject.site: one.figures.availability for one in found.sites} == {"A": 100, "B": 0}


def test_samples_of_former_nights_and_of_today_make_one_line(reported: Reported) -> None:
    half = seen(*((f"2026-11-{day:02}", Status.OK) for day in range(1, 16)))
    rest = seen(*((f"2026-11-{day:02}", Status.CRITICAL) for day in range(16, 31)))
    one = SHARED[0]
    samples: Any = {KEYSTONE: half, (one.site, one.type, one.endpoint): rest}
    found = reported(samples, services=(one,), agreement=None, max_age=dt.timedelta(days=1))
    assert found.sites[0].figures.availability == 50
