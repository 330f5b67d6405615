"""The pages of a night, each from its template."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property, partial
from typing import Any

from markupsafe import Markup

from harness import mutants
from harness.conformance import stability
from harness.conformance.catalogue import Requirement
from harness.conformance.changes import Kind
from harness.conformance.history import ABSENT
from harness.conformance.history import Night as Entry
from harness.conformance.runs import RunRoute
from harness.conformance.statement import ScenarioStatement
from harness.conformance.verdicts import Verdict
from harness.names import slug
from harness.proof.judgement import Result
from harness.report import findings, withholding
from harness.report.addresses import cell_page, former_cell_page, scenario_page
from harness.report.site import (
    accounting,
    code,
    cure,
    editions,
    evidence,
    exceptions,
    framework,
    front,
    markdown,
    matrix,
    recent,
    science,
    sites,
    year,
)
from harness.report.site.editions import EDITIONS, IN_ENGLISH, Edition
from harness.report.site.matrix import Matrix
from harness.report.site.night import RECENT, Night
from harness.report.site.reasons import why
from harness.report.site.recent import Counted
from harness.report.site.templating import NAVIGATION, Page, environment, script

_ID = re.compile(r"\b([A-Z]+-\d{3})\b")
_HEADING = re.compile(r"<h3>(F-[A-Z0-9]+-\d+)")
_ROW = re.compile(r"<td>(F-[A-Z0-9]+-\d+)</td>")
_OF_NAVIGATION = frozenset(page for _, page in NAVIGATION)
_EARLIER = 10
"""Nights before that a cell's page links."""
_DETAILED = 60
"""Routes of a requirement with a row each, the worst first; the rest are links."""
_NIGHTS = 100
"""Nights that are listed; the year shows each day, and machines find all in `nights.json`."""
_OF_DAY = (
    ("D", "deviate"),
    ("S", "a site gets wrong"),
    ("I", "were not judged"),
    ("K", "are known to fail"),
)
"""What the year tells of the requirements of a day."""
_LINES = 300
"""Lines of a month's service levels; of more, sites alone are shown."""
_FEW = 12
"""Scenarios of a mutant that are listed by name."""


class Pages:
    """The pages of one night.

    Parameters
    ----------
    titles
        family -> its title.
    """

    def __init__(self, night: Night, *, titles: dict[str, str]) -> None:
        self.night = night
        self._rules = framework.rules(night)
        self._matrix = Matrix(night)
        self._findings = list(findings.read(findings.load()))
        self._use_cases = science.use_cases(night)
        self._common = {
            "night": night,
            "titles": titles,
            "run": night.statement.run,
            "scope": night.statement.scope,
            "excused": exceptions.excused(night),
        }

    def few(self) -> Iterator[Page]:
        """Make the pages of the whole night, of its sites and its requirements."""
        yield from self._front()
        yield from self._grid()
        for below in self._matrix.below():
            yield from self._way(below)
        yield self._exceptions()
        yield self._nights()
        yield self._compare()
        yield from self._levels()
        yield from self._in_all("usage.html", "usage.html", **accounting.words(self.night))
        yield from self._framework()
        yield from self._science()
        yield self._found()
        yield self._proof()
        yield from self._in_all("sites.html", "sites.html", sites=sites.listed(self.night))
        for site in sites.names(self.night):
            words = sites.words(self.night, site, self._findings)
            yield from self._in_all(f"sites/{slug(site)}.html", "site.html", **words)
        for requirement in self.night.requirements:
            yield self._requirement(requirement)
        yield from editions.words()

    def many(self) -> list[Callable[[], Page]]:
        """Return what makes the page of each cell and scenario, and packs its evidence, for any process."""
        cells = [
            (requirement, route)
            for requirement in self.night.requirements
            for route in self.night.statement.routes
            if (requirement.id, route.id) in self.night.verdicts
        ]
        former = cells if self.night.id in self.night.former else []
        return [
            *(partial(self._cell, requirement, route) for requirement, route in cells),
            *(partial(_lead_on, requirement.id, route) for requirement, route in former),
            *(partial(self._scenario, one) for one in self.night.statement.scenarios),
            *(
                partial(evidence.packed, self.night.folder, file)
                for file in self.night.statement.evidence
                if (self.night.folder / file).exists()  # what was lost, the front page tells
            ),
        ]

    def _page(self, path: str, template: str, edition: Edition = IN_ENGLISH, **words: Any) -> Page:
        """Make a page; `path` is where its English edition lies in the night's folder.

        In templates, `up` leads to that folder, and `own` to the folder of the page's language.
        """
        own = "../" * path.count("/")
        up = own + "../" * edition.folder.count("/")
        rendered = environment(edition.language).get_template(template)
        # What the frame tells is alike for all pages of a folder that are neither in the navigation nor
        # in several languages.
        kind = path if path in _OF_NAVIGATION or editions.in_all(path) else path.partition("/")[0]
        frame = self._frame(edition, up, own, kind)
        return edition.folder + path, rendered.render(
            **self._common, **frame, up=up, own=own, here=edition.folder + path, **words
        )

    def _in_all(self, path: str, template: str, **words: Any) -> Iterator[Page]:
        """Make a page in every language."""
        for edition in EDITIONS:
            yield self._page(path, template, edition, **words)

    @cache  # noqa: B019, one object a night
    def _frame(self, edition: Edition, up: str, own: str, here: str) -> dict[str, Markup]:
        """Return what stands above and below a page."""
        words = {
            "up": up,
            "own": own,
            "folder": edition.folder,
            "language": edition.language,
            "here": here,
            "in_all": editions.in_all,
            "follows": editions.follows(f"{here}/"),
            "others": [one for one in EDITIONS if one != edition],
        }
        return {
            name: Markup(  # noqa: S704, made by a template
                environment(edition.language)
                .get_template(f"{name}.html")
                .render(**self._common, **words)
            )
            for name in ("header", "footer")
        }

    def _front(self) -> Iterator[Page]:
        words = front.words(self.night, self._matrix, self._counted)
        damaged = self.night.damaged()
        for edition in EDITIONS:
            told = front.told(self.night, self._findings, edition.tr)
            yield self._page("index.html", "front.html", edition, damaged=damaged, **words, **told)

    @cached_property
    def _counted(self) -> Sequence[Counted]:
        """The requirements of every night by their worst verdict."""
        return recent.counted(self.night)

    def _link(self, night: Entry) -> str:
        """Return the page of another night, seen from this one's folder; empty where it has none."""
        return f"../{night.id}/index.html" if night.id in self.night.published else ""

    def _grid(self) -> Iterator[Page]:
        grid = self._matrix.grid()
        words = self._matrix.words(
            self.night.statement.routes, beside=4 * len(grid["rows"]) * (1 + len(grid["columns"]))
        )
        yield from self._in_all("matrix.html", "matrix.html", grid=grid, **_told(words))

    def _way(self, below: matrix.Below) -> Iterator[Page]:
        """Make the page of a route, or of all routes from an infrastructure to another one's sites."""
        sites = self._matrix.sites(below.routes) if len(below.routes) > 1 else []
        words = self._matrix.words(below.routes, beside=4 * len(sites))
        yield from self._in_all(below.page, "route.html", below=below, sites=sites, **_told(words))

    def _exceptions(self) -> Page:
        return self._page(
            "exceptions.html",
            "exceptions.html",
            listed=exceptions.listed(self.night, self._findings),
        )

    def _nights(self) -> Page:
        every = self._counted
        before = ["", *(one.night.id for one in every[:-1])]
        listed = [
            {"counted": one, "link": self._link(one.night), "before": former}
            for one, former in zip(every, before, strict=True)
        ]
        return self._page(
            "nights.html",
            "nights.html",
            number=len(every),
            months=year.months(every),
            told=_OF_DAY,
            nights=listed[::-1][:_NIGHTS],
            older=len(listed[:-_NIGHTS]),
            flakes=stability.flakes(self.night.grid),
        )

    def _compare(self) -> Page:
        words = {
            "letters": {verdict.letter: verdict.value for verdict in Verdict},
            "kinds": [kind.value for kind in Kind],
            "former": {f"{r.home}:{r.resource}": r.id for r in self.night.statement.routes},
        }
        return self._page("compare.html", "compare.html", words=script(words))

    def _levels(self) -> Iterator[Page]:
        """Make the page of the newest month, and one of each before it."""
        months = self.night.months
        for number, month in enumerate(months or [None]):
            path = "ola.html" if number == 0 else f"ola/{month.month}.html" if month else ""
            lines = (month.lines if len(month.lines) <= _LINES else month.sites) if month else ()
            yield self._page(path, "ola.html", month=month, lines=lines[:_LINES])

    def _framework(self) -> Iterator[Page]:
        """Make the page of all rules and their verdicts, and the text of each policy."""
        sections = list(framework.sections(self.night))
        ways = self.night.statement.routes
        columns = ways if len(ways) <= matrix.SITES else ()
        yield self._page(
            "framework.html",
            "framework.html",
            sections=sections,
            columns=columns,
            counted=matrix.COUNTED,
        )
        for policy in self.night.policies:
            html = self._linked(framework.html(policy), up="../")
            yield self._page(
                f"framework/{policy.name}.html",
                "policy.html",
                policy=policy,
                html=Markup(html),  # noqa: S704, made of a text without HTML
            )

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """The files beside the pages: pictures and provenance of the use cases."""
        return dict(science.files(self.night, self._use_cases))

    def _science(self) -> Iterator[Page]:
        """Make the page of all use cases, and one of each."""
        yield self._page("science.html", "science.html", cases=self._use_cases)
        for case in self._use_cases:
            yield self._page(case.page, "use_case.html", case=case, files=self.files)

    def _found(self) -> Page:
        text = findings.published(findings.load(), dt.datetime.now(dt.UTC).date())
        html = self._linked(markdown.rendered(text, trusted=True))
        html = _HEADING.sub(r'<h3 id="\1">\1', html)
        html = _ROW.sub(r'<td><a href="#\1">\1</a></td>', html)
        return self._page("findings.html", "prose.html", heading="Findings", html=Markup(html))  # noqa: S704, of our own documentation

    def _linked(self, html: str, up: str = "") -> str:
        """Link the requirements that a text names to their pages, but in code."""
        shown = {one.id for one in self.night.requirements}

        def link(found: re.Match[str]) -> str:
            id_ = found[1]
            return f'<a href="{up}requirements/{id_}.html">{id_}</a>' if id_ in shown else id_

        parts = re.split(r"(<pre[^>]*>.*?</pre>|<code>.*?</code>|<[^>]*>)", html, flags=re.S)
        return "".join(part if part[:1] == "<" else _ID.sub(link, part) for part in parts)

    def _proof(self) -> Page:
        proof = self.night.proof
        killed: dict[str, dict[str, None]] = {}
        for pair in proof.pairs if proof else ():
            if pair.result is Result.KILLED:
                name = pair.scenario.partition("[")[0]
                killed.setdefault(pair.mutant, {})[name] = None
        listed = [
            {
                "id": one.id,
                "fault": one.fault,
                "names": list(killed[one.id]),
                "few": len(killed[one.id]) <= _FEW,
            }
            for one in mutants.load()
            if one.id in killed
        ]
        survivors = proof.of(Result.SURVIVED) if proof else ()
        return self._page("proof.html", "proof.html", mutants=listed, survivors=survivors)

    def _requirement(self, requirement: Requirement) -> Page:
        routes: list[dict[str, Any]] = []
        for route in self.night.statement.routes:
            letters = self._strip(requirement.id, route.id)
            routes.append(
                {
                    "route": route,
                    "verdict": self.night.verdicts.get((requirement.id, route.id)),
                    "letters": letters,
                    "standing": stability.standing(self.night.grid, letters),
                }
            )
        if len(routes) > _DETAILED:
            routes.sort(key=lambda one: -(one["verdict"].verdict.rank if one["verdict"] else -1))
        return self._page(
            f"requirements/{requirement.id}.html",
            "requirement.html",
            brief=[one for one in routes[_DETAILED:] if one["verdict"]],
            requirement=requirement,
            link=self.night.catalogue.link(requirement),
            rule=self._rules.get(requirement.id),
            routes=routes[:_DETAILED],
            scenarios=list(self._functions(requirement.id)),
        )

    def _functions(self, requirement: str) -> Iterator[dict[str, Any]]:
        """Return the scenarios of a requirement, whatever their parameters and routes."""
        found: dict[str, list[ScenarioStatement]] = {}
        for cell in self.night.showing.get(requirement, ()):
            found.setdefault(cell.scenario.partition("[")[0], []).append(cell)
        for name, cells in found.items():
            parameters = dict.fromkeys(
                cell.scenario.partition("[")[2].removesuffix("]") for cell in cells
            )
            killers = dict.fromkeys(
                mutant for cell in cells for mutant in self.night.killers.get(cell.scenario, ())
            )
            yield {
                "name": name,
                "anchor": _anchor(name),
                "title": cells[0].title,
                "parameters": [one for one in parameters if one],
                "source": code.source(name),
                "killers": list(killers),
            }

    def _cell(self, requirement: Requirement, route: RunRoute) -> Page:
        page = cell_page(requirement.id, route.id)
        shown = self.night.shown_by(requirement.id, route.id)
        strip = self._strip(requirement.id, route.id)
        verdict = self.night.verdicts[requirement.id, route.id]
        return self._page(
            page,
            "cell.html",
            page=page,
            requirement=requirement,
            route=route,
            verdict=verdict,
            why=why(self.night, requirement.id, route.id),
            link=self.night.catalogue.link(requirement),
            standing=stability.standing(self.night.grid, strip),
            recent=strip[-RECENT:],
            earlier=self._earlier(strip, requirement.id, route),
            shown=shown,
            **self._worst(shown[0]),
        )

    def _worst(self, cell: ScenarioStatement) -> dict[str, Any]:
        """Return what a cell's page shows of its worst scenario; of one that passed, its own page does."""
        if cell.verdict is Verdict.CONFORMANT:
            return {"scenario": None, "cure": None}
        page = scenario_page(cell.scenario, cell.route)
        return self._seen(cell) | {"page_of_steps": page}

    def _earlier(self, strip: str, requirement: str, route: RunRoute) -> list[tuple[str, str, str]]:
        """Return id, letter and page of the nights before that have one of this cell, newest first."""
        page = cell_page(requirement, route.id)
        before = former_cell_page(requirement, route.home, route.resource)
        found = [
            (night.id, letter, before if night.id in self.night.former else page)
            for night, letter in zip(self.night.grid.nights, strip, strict=True)
            if letter != ABSENT and night.id in self.night.published and night.id != self.night.id
        ]
        return found[::-1][:_EARLIER]

    def _scenario(self, cell: ScenarioStatement) -> Page:
        return self._page(
            scenario_page(cell.scenario, cell.route),
            "scenario.html",
            **self._seen(cell),
            page_of_steps="",
        )

    def _seen(self, cell: ScenarioStatement) -> dict[str, Any]:
        """Return what the pages tell of a scenario's evidence, its control's beside it."""
        folder = self.night.folder
        control = self.night.control_of(cell)
        last = control.evidence[-1] if control and control.evidence else ""
        attempts = [one for file in cell.evidence if (one := evidence.read(folder, file))]
        if cell.reason == withholding.WITHHELD:
            attempts = [replace(one, message="") for one in attempts]
        return {
            **cure.words(self.night, cell, attempts[-1] if attempts else None, self._findings),
            "scenario": cell,
            "attempts": attempts,
            "control": control,
            "control_evidence": evidence.read(folder, last) if last else None,
            "source": code.source(cell.scenario),
            "source_page": self._source_page(cell),
            "allure": self.night.allure.get((cell.scenario, cell.route)),
            "versions": [
                (host, found)
                for host, found in self.night.statement.versions.items()
                if host in cell.hosts and found
            ],
        }

    def _source_page(self, cell: ScenarioStatement) -> str:
        """Return the page that shows a scenario's source; empty where its requirements have none."""
        for id_ in cell.requirements:
            if (id_, cell.route) in self.night.verdicts:
                return f"requirements/{id_}.html#{_anchor(cell.scenario)}"
        return ""

    def _strip(self, requirement: str, route: str) -> str:
        return self.night.grid.strip("requirement", requirement, route)


def _anchor(scenario: str) -> str:
    """Return where a requirement's page tells of a scenario, whatever its parameters."""
    return slug(scenario.partition("[")[0])


def _told(words: dict[str, Any]) -> dict[str, Any]:
    """Return a matrix's words, with what its script reads."""
    return words | {"columns": script(words["columns"])}


def _lead_on(requirement: str, route: RunRoute) -> Page:
    """Make the page at a cell's former address, which people may have kept."""
    page = cell_page(requirement, route.id)
    leave = environment().get_template("leave.html")
    return former_cell_page(requirement, route.home, route.resource), leave.render(
        page=f"../../{page}", text=f"{requirement}: {route.id}"
    )
