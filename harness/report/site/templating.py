"""The templates of the site, and the words and filters that all of them use."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from harness.conformance.outcomes import Measurement
from harness.conformance.statement import ScenarioStatement
from harness.conformance.verdicts import Verdict
from harness.names import slug
from harness.printable import storable
from harness.report.addresses import cell_page, route_page, scenario_page
from harness.report.site.groups import Group
from harness.report.site.localisation import Localised
from harness.report.site.night import runs_of
from harness.translation import ENGLISH

NAME = "Interoperability testbed"

NAVIGATION = (
    ("Overview", "index.html"),
    ("Matrix", "matrix.html"),
    ("Sites", "sites.html"),
    ("Nights", "nights.html"),
    ("Compare", "compare.html"),
    ("Service levels", "ola.html"),
    ("Usage", "usage.html"),
    ("Framework", "framework.html"),
    ("Science", "science.html"),
    ("Findings", "findings.html"),
    ("Exceptions", "exceptions.html"),
    ("Proof", "proof.html"),
    ("Allure", "allure/index.html"),
)

LEAVES = ("cells", "seen")
"""Folders of pages of which a night has thousands: what stands above and below them is short."""

NEAR = ("index.html", "matrix.html", "sites.html", "findings.html")
"""What the navigation of these pages leads to."""

Page = tuple[str, str]
"""Path within the night's folder, and content."""

_BEIJING, _EUROPE = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Amsterdam")

_BRIEF = 110
"""Characters of a statement in the matrix."""


def keyword(cell: ScenarioStatement) -> str:
    """Return what `testbed run -k` takes for this scenario: its function and its parameters."""
    function, _, parameters = cell.scenario.rpartition("::")[2].partition("[")
    simple = parameters.removesuffix("]")
    return f"{function} and {simple}" if simple.isidentifier() else function


def brief(text: str, most: int = _BRIEF) -> str:
    """Return a text cut at a word, as short as a row of the matrix wants it."""
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0]}…"


def time(text: str) -> str:
    """Return a time as readers read it: `2026-11-22 15:57 UTC`."""
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


@dataclass(frozen=True)
class Elsewhere:
    """A time as clocks show it in Beijing and in central Europe; the date is there where it differs."""

    beijing: str
    europe: str
    zone: str
    """`CET`, or `CEST` in summer."""


def elsewhere(text: str) -> Elsewhere:
    """Return a time as the clocks of both infrastructures show it."""
    when = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    beijing, europe = when.astimezone(_BEIJING), when.astimezone(_EUROPE)
    return Elsewhere(_clock(beijing, when), _clock(europe, when), europe.tzname() or "")


def _clock(there: dt.datetime, when: dt.datetime) -> str:
    return there.strftime("%H:%M" if there.date() == when.date() else "%m-%d %H:%M")


def prose(text: str) -> Markup:
    """Return a text for HTML, with what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704, escaped


def figure(percent: float | None) -> Markup:
    """Return a figure in per cent; a dash where too little was measured."""
    if percent is None:
        return Markup('<span title="too little was measured">–</span>')
    return Markup(f"{percent:.2f} %")  # noqa: S704, a number


def seconds(measurement: Measurement) -> str:
    """Return a figure as tables show it: `17.3`, or `> 60` where its end was not awaited."""
    return f"{'> ' if measurement.at_least else ''}{measurement.seconds:g}"


def _shown(value: Any) -> Any:
    """Return what a template puts into a page: no text without what HTML and XML cannot hold."""
    match value:
        case Markup():
            return Markup(storable(value))  # noqa: S704, as safe as it was
        case str():
            return storable(value)
    return value


@cache
def environment(language: str = ENGLISH) -> Localised:
    """Return the templates in a language, and the words that all of them use."""
    made = Localised(
        language,
        loader=PackageLoader("harness.report.site"),
        autoescape=select_autoescape(["html", "xml", "svg"]),
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
    )
    made.filters |= {
        "brief": brief,
        "elsewhere": elsewhere,
        "keyword": keyword,
        "day": lambda text: time(text)[:10],
        "day_of_month": lambda text: time(text)[8:10],
        "figure": figure,
        "prose": prose,
        "runs": runs_of,
        "seconds": seconds,
        "slug": slug,
        "time": time,
    }
    made.globals |= {
        "cell_page": cell_page,
        "route_page": route_page,
        "scenario_page": scenario_page,
        "groups": tuple(Group),
        "leaves": LEAVES,
        "near": NEAR,
        "name": made.gettext(NAME),
        "english": Markup("") if language == ENGLISH else Markup(' lang="en"'),
        "verdict_names": {verdict: made.gettext(verdict.value) for verdict in Verdict},
        "nav": NAVIGATION,
        "verdicts": tuple(sorted(Verdict, key=lambda v: -v.rank)),
    }
    return made


def script(data: Any) -> Markup:
    """Return data for a script element, in which no text can end it."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return Markup(text)  # noqa: S704, nothing in it ends the element
