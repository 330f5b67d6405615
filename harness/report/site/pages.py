"""The pages of a night, each from its template."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from harness import mutants, routes
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
from harness.report import findings
from harness.report.addresses import cell_page, former_cell_page, scenario_page
from harness.report.site import code, evidence, framework, science, sites
from harness.report.site.night import RECENT, Night
from harness.report.site.reasons import why
from harness.report.site.templating import Page, environment, pack, script

_ID = re.compile(r"\b([A-Z]+-\d{3})\b")
_HEADING = re.compile(r"<h3>(F-[A-Z0-9]+-\d+)")
_ROW = re.compile(r"<td>(F-[A-Z0-9]+-\d+)</td>")
_EARLIER = 10
"""Nights before that a cell's page links."""
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
        self.night, self._titles = night, titles
        self._rules = framework.rules(night)
        self._use_cases = science.use_cases(night)
        self._common = {
            "night": night,
            "run": night.statement.run,
            "scope": night.statement.scope,
            "exceptions": night.statement.exceptions,
        }

    def all(self) -> Iterator[Page]:
        """Make every page."""
        yield self._front()
        yield self._matrix()
        yield self._nights()
        yield self._compare()
        yield from self._levels()
        yield from self._framework()
        yield from self._science()
        yield self._findings()
        yield self._proof()
        for site in sites.names(self.night):
            words = sites.words(self.night, site)
            yield self._page(f"sites/{slug(site)}.html", "site.html", **words)
        for requirement in self.night.requirements:
            yield self._requirement(requirement)
            for route in self.night.statement.routes:
                if (requirement.id, route.id) in self.night.verdicts:
                    yield self._cell(requirement, route)
                    if self.night.id in self.night.former:
                        yield _lead_on(requirement.id, route)
        for scenario in self.night.statement.scenarios:
            yield self._scenario(scenario)

    def _page(self, path: str, template: str, **words: Any) -> Page:
        up = "../" * path.count("/")
        rendered = environment().get_template(template)
        return path, rendered.render(**self._common, up=up, here=path, **words)

    def _front(self) -> Page:
        return self._page(
            "index.html",
            "front.html",
            titles=self._titles,
            kinds=list(Kind),
            trend=self._trend(),
            damaged=self.night.damaged(),
        )

    def _trend(self) -> list[dict[str, Any]]:
        return [
            {
                "night": one,
                "link": self._link(one),
                "shares": [
                    (letter, counts[letter])
                    for letter in (v.letter for v in Verdict if v is not Verdict.NOT_OFFERED)
                    if counts.get(letter)
                ],
                "text": ", ".join(
                    f"{counts[v.letter]} {v.value}" for v in Verdict if counts.get(v.letter)
                ),
            }
            for one, counts in self._counted()[-RECENT:]
        ]

    @cache  # noqa: B019, one object a night
    def _counted(self) -> list[tuple[Entry, dict[str, int]]]:
        """Return the verdicts on requirements of every night, by letter."""
        grid = self.night.grid
        numbers = {number for (kind, *_), number in grid.cells.items() if kind == "requirement"}
        counted = []
        for night, column in zip(grid.nights, grid.columns, strict=True):
            letters = [letter for number, letter in enumerate(column) if number in numbers]
            counted.append((night, {v.letter: letters.count(v.letter) for v in Verdict}))
        return counted

    def _link(self, night: Entry) -> str:
        """Return the page of another night, seen from this one's folder; empty where it has none."""
        return f"../{night.id}/index.html" if night.id in self.night.published else ""

    def _matrix(self) -> Page:
        routes = [route.id for route in self.night.statement.routes]
        strips = [
            [pack(self._strip(one.id, route)[-RECENT:]) for route in routes]
            for one in self.night.requirements
        ]
        history = {
            "nights": min(RECENT, len(self.night.grid.nights)),
            "routes": routes,
            "ends": [
                {"home": route.home, "resource": route.resource, "site": route.site}
                for route in self.night.statement.routes
            ],
            "names": {verdict.letter: verdict.value for verdict in Verdict},
            "strips": strips,
        }
        levels = dict.fromkeys(one.level for one in self.night.requirements)
        return self._page(
            "matrix.html", "matrix.html", levels=list(levels), history=script(history)
        )

    def _nights(self) -> Page:
        nights = [
            {"night": night, "counts": counts, "link": self._link(night)}
            for night, counts in reversed(self._counted())
        ]
        return self._page(
            "nights.html",
            "nights.html",
            nights=nights,
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
            yield self._page(path, "ola.html", month=month)

    def _framework(self) -> Iterator[Page]:
        """Make the page of all rules and their verdicts, and the text of each policy."""
        sections = list(framework.sections(self.night))
        yield self._page("framework.html", "framework.html", sections=sections)
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

    def _findings(self) -> Page:
        text = findings.published(findings.load(), dt.datetime.now(dt.UTC).date())
        html = self._linked(MarkdownIt("commonmark").enable("table").render(text))
        html = _HEADING.sub(r'<h3 id="\1">\1', html)
        html = _ROW.sub(r'<td><a href="#\1">\1</a></td>', html)
        return self._page("findings.html", "prose.html", heading="Findings", html=Markup(html))  # noqa: S704, of our own documentation

    def _linked(self, html: str, up: str = "") -> str:
        """Link the requirements that a text names to their pages, but in code."""
        shown = {one.id for one in self.night.requirements}

        def link(found: re.Match[str]) -> str:
            id_ = found[1]
            return f'<a href="{up}requirements/{id_}.html">{id_}</a>' if id_ in shown else id_

        parts = re.split(r"(<pre>.*?</pre>|<code>.*?</code>|<[^>]*>)", html, flags=re.S)
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
        routes = []
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
        return self._page(
            f"requirements/{requirement.id}.html",
            "requirement.html",
            requirement=requirement,
            link=self.night.catalogue.link(requirement),
            rule=self._rules.get(requirement.id),
            routes=routes,
            scenarios=list(self._functions(requirement.id)),
        )

    def _functions(self, requirement: str) -> Iterator[dict[str, Any]]:
        """Return the scenarios of a requirement, whatever their parameters and routes."""
        found: dict[str, list[ScenarioStatement]] = {}
        for cell in self.night.statement.scenarios:
            if requirement in cell.requirements:
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
                "title": cells[0].title,
                "parameters": [one for one in parameters if one],
                "source": code.source(name),
                "killers": list(killers),
            }

    def _cell(self, requirement: Requirement, route: RunRoute) -> Page:
        page = cell_page(requirement.id, route.id)
        shown = self.night.shown_by(requirement.id, route.id)
        strip = self._strip(requirement.id, route.id)
        excused = [
            one
            for one in self.night.statement.exceptions
            if one.requirement == requirement.id
            and (not one.routes or any(routes.means(pattern, route) for pattern in one.routes))
            and one.site in (None, route.site)
        ]
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
            known=excused if verdict.verdict is Verdict.KNOWN_DEVIATION else (),
            shown=shown,
            **self._seen(shown[0]),
        )

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
            scenario_page(cell.scenario, cell.route), "scenario.html", **self._seen(cell)
        )

    def _seen(self, cell: ScenarioStatement) -> dict[str, Any]:
        """Return what the pages tell of a scenario's evidence, its control's beside it."""
        folder = self.night.folder
        control = self.night.control_of(cell)
        last = control.evidence[-1] if control and control.evidence else ""
        return {
            "scenario": cell,
            "attempts": [read for file in cell.evidence if (read := evidence.read(folder, file))],
            "control": control,
            "control_evidence": evidence.read(folder, last) if last else None,
            "source": code.source(cell.scenario),
            "allure": self.night.allure.get((cell.scenario, cell.route)),
            "versions": [
                (host, found)
                for host, found in self.night.statement.versions.items()
                if host in cell.hosts and found
            ],
        }

    def _strip(self, requirement: str, route: str) -> str:
        return self.night.grid.strip("requirement", requirement, route)


def _lead_on(requirement: str, route: RunRoute) -> Page:
    """Make the page at a cell's former address, which people may have kept."""
    page = cell_page(requirement, route.id)
    leave = environment().get_template("leave.html")
    return former_cell_page(requirement, route.home, route.resource), leave.render(
        page=f"../../{page}", text=f"{requirement}: {route.id}"
    )
