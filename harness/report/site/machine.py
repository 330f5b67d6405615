"""What other tools read of a night: CSV, JUnit, badges, and the feed of changes."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

from harness.conformance.changes import Changes, Kind
from harness.conformance.statement import ScenarioStatement, Statement
from harness.conformance.verdicts import Verdict, worst
from harness.names import slug
from harness.printable import storable, tabular
from harness.proof.judgement import Proof
from harness.report.site.night import Night
from harness.report.site.templating import NAME, Page, environment

COLOURS = {
    Verdict.CONFORMANT: "#1b7f4b",
    Verdict.WARNING: "#8a6a00",
    Verdict.KNOWN_DEVIATION: "#5b53b0",
    Verdict.NOT_RUN: "#5c6470",
    Verdict.INCONCLUSIVE: "#b85600",
    Verdict.SITE_FAULT: "#a3217f",
    Verdict.DEVIATION: "#c21f2e",
    Verdict.NOT_OFFERED: "#7b8594",
}
_WIDTH = 7
"""Pixels of a letter on a badge."""


def matrix(night: Night) -> str:
    """Return requirements and routes as CSV."""
    page = io.StringIO()
    out = csv.writer(page, lineterminator="\n")
    routes = [route.id for route in night.statement.routes]
    out.writerow(map(tabular, ["requirement", "level", "statement", *routes]))
    for one in night.requirements:
        found = (night.verdicts.get((one.id, route)) for route in routes)
        verdicts = (verdict.verdict.value if verdict else "" for verdict in found)
        out.writerow(map(tabular, [one.id, one.level, one.statement, *verdicts]))
    return page.getvalue()


def pairs(proof: Proof) -> str:
    """Return what a proof saw as CSV: a line for each scenario against a mutant."""
    page = io.StringIO()
    out = csv.writer(page, lineterminator="\n")
    out.writerow(["mutant", "scenario", "route", "result", "reason"])
    for one in proof.pairs:
        cells = (one.mutant, one.scenario, one.route, one.result.value, one.reason)
        out.writerow(map(tabular, cells))
    return page.getvalue()


def junit(statement: Statement) -> str:
    """Return the verdicts as JUnit XML: a suite a route, a case a scenario.

    A case passes where the verdict is conformant, and nowhere else. Deviations and site faults are
    failures, what is inconclusive is an error; a warning and what is known, not offered or not run are
    skipped, with the verdict and its reason. Every case has its verdict as a property. Times are seconds.
    """
    root = ElementTree.Element("testsuites", name=storable(f"{NAME} {statement.run.id}"))
    on_route: dict[str, list[ScenarioStatement]] = {route.id: [] for route in statement.routes}
    for cell in statement.scenarios:
        on_route.setdefault(cell.route, []).append(cell)
    for route in statement.routes:
        cells = on_route[route.id]
        suite = ElementTree.SubElement(root, "testsuite", name=storable(route.id))
        found: Counter[str] = Counter()
        for cell in cells:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=storable(f"{route.id}.{cell.family}"),
                name=storable(cell.scenario),
                time=f"{cell.seconds or 0:.3f}",
            )
            properties = ElementTree.SubElement(case, "properties")
            ElementTree.SubElement(
                properties, "property", name="verdict", value=storable(cell.verdict.value)
            )
            if kind := _JUNIT.get(cell.verdict):
                ElementTree.SubElement(
                    case, kind, message=storable(f"{cell.verdict.value}: {cell.reason}")
                )
                found[kind] += 1
        suite.attrib |= {
            "tests": str(len(cells)),
            "failures": str(found["failure"]),
            "errors": str(found["error"]),
            "skipped": str(found["skipped"]),
            "time": f"{sum(cell.seconds or 0 for cell in cells):.3f}",
            "timestamp": statement.run.start,
        }
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


_JUNIT = {
    Verdict.DEVIATION: "failure",
    Verdict.SITE_FAULT: "failure",
    Verdict.INCONCLUSIVE: "error",
    Verdict.WARNING: "skipped",
    Verdict.KNOWN_DEVIATION: "skipped",
    Verdict.NOT_OFFERED: "skipped",
    Verdict.NOT_RUN: "skipped",
}


def verdicts(statement: Statement) -> str:
    """Return the verdicts on requirements as a script, which a page reads from a disk too.

    It says which of them a larger extent would show more of, so that nights are compared by the others.
    """
    letters = {f"{one.id} {one.route}": one.verdict.letter for one in statement.requirements}
    beyond = sorted(f"{id_} {route}" for id_, route in statement.beyond)
    words = (json.dumps(one, separators=(",", ":")) for one in (statement.run.id, letters, beyond))
    return f"testbedVerdicts({','.join(words)});\n"


def badges(night: Night) -> Iterator[Page]:
    """Make a badge for each route, for each family, and for both."""
    statement = night.statement
    for route in statement.routes:
        mine = [one.verdict for one in night.on_route.get(route.id, ())]
        yield _badge(slug(route.id), f"{route.home} → {route.site}", mine)
        for family in night.families:
            counts = night.counts(family, route.id)
            if counts:
                found = [verdict for verdict, number in counts.items() for _ in range(number)]
                yield _badge(slug(family, route.id), f"{family} {route.id}", found)
    crossing = {route.id for route in night.crossing}
    for family in night.families:
        found = [
            one.verdict
            for one in statement.requirements
            if one.route in crossing and one.id.rpartition("-")[0] == family
        ]
        if found:
            yield _badge(slug(family), family, found)


def _badge(name: str, label: str, found: Sequence[Verdict]) -> Page:
    """Make a badge: how many are conformant of those that were asked, in the worst one's colour."""
    asked = [one for one in found if one is not Verdict.NOT_OFFERED]
    met = sum(one is Verdict.CONFORMANT for one in asked)
    text = f"{met}/{len(asked)} conformant" if asked else "not offered"
    page = environment().get_template("badge.svg")
    return f"badges/{name}.svg", page.render(
        label=label,
        text=text,
        left=_WIDTH * len(label) + 10,
        right=_WIDTH * len(text) + 10,
        colour=COLOURS[worst(asked) if asked else Verdict.NOT_OFFERED],
    )


def told(changes: Changes | None) -> str:
    """Say in words what changed, as the feed tells it."""
    if changes is None:
        return "The first night of the history."
    lines = []
    for kind in Kind:
        if found := changes.of(kind):
            cells = ", ".join(f"{one.requirement} {one.route}" for one in found[:_MOST])
            more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
            lines.append(f"{kind.value} ({len(found)}): {cells}{more}")
    lines += [
        f"{one.software} at {one.host}: {one.before or 'absent'} -> {one.after or 'absent'}"
        for one in changes.upgrades
    ]
    return "\n".join(lines) or "Nothing changed."


_MOST = 20
"""Cells of a kind of change that the feed names."""


def feed(entries: Sequence[dict[str, Any]], *, testbed: str, now: str, address: str = "") -> str:
    """Return the Atom feed of changes (RFC 4287), newest first.

    `address` is where readers find the published pages. Where it is empty, links are relative to the
    feed, and the feed does not say where it is.
    """
    page = environment().get_template("feed.xml")
    return page.render(entries=entries, testbed=testbed, now=now, address=address)
