"""The catalogue as tables: what is required, which scenarios show it, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.conformance.catalogue import Requirement
from harness.conformance.outcomes import Cell
from harness.conformance.runs import Run
from harness.conformance.verdicts import Judgement, Verdict

NO_VERDICT = "no verdict"
"""What stands where the run has no verdict on a requirement over a route."""

_IDS = 10
"""Ids on a line."""


def requirements(chosen: Sequence[Requirement], *, of: int, console: Console) -> None:
    """Print requirements, and how many of how many they are."""
    table = Table(show_lines=False)
    table.add_column("id", no_wrap=True)
    table.add_column("level", no_wrap=True)
    table.add_column("statement", overflow="fold", ratio=1)
    table.add_column("source", overflow="fold")
    table.add_column("check", overflow="fold")
    for one in chosen:
        marks = [
            *one.check,
            *([one.state] if one.state != "required" else []),
            *([f"profile {one.profile}"] if one.profile else []),
            *([] if one.confirmed else ["not confirmed"]),
        ]
        table.add_row(
            one.id, one.level, Text(one.statement), Text(one.source), Text(", ".join(marks))
        )
    console.print(table)
    console.print(f"{len(chosen)} of {of} requirements", highlight=False)


def coverage(
    chosen: Sequence[Requirement],
    *,
    cells: Iterable[Cell],
    run: Path | None,
    console: Console,
) -> None:
    """Print of each requirement its scenarios and the last verdicts, and what has no scenario and why.

    Raises
    ------
    BadInput
        where `run` is no judged run.
    """
    showing: dict[str, list[str]] = {}
    routes: dict[str, None] = {}
    for cell in cells:
        routes[cell.route] = None
        name = cell.scenario.partition("[")[0]
        for id_ in cell.requirements:
            if name not in showing.setdefault(id_, []):
                showing[id_].append(name)
    scope = [one for one in chosen if one.in_scope]
    shown = [one for one in scope if one.id in showing]
    verdicts = _verdicts(run)
    title = f"verdicts of {Run.read(run).id}" if run else "no run yet, so no verdicts"
    console.print(title, highlight=False)
    for one in shown:
        said = _by_route({route: verdicts.get((one.id, route)) for route in routes})
        marks = [one.level, *(["draft"] if one.state == "draft" else [])]
        console.print(
            Text.assemble((one.id, "bold"), f"  {' '.join(marks)}  {said}"), soft_wrap=True
        )
        for name in showing[one.id]:
            console.print(Text(f"    {name}", style="dim"), soft_wrap=True)
    for line in _missing([one for one in scope if one.id not in showing]):
        console.print(line, soft_wrap=True)
    if stale := [one.id for one in shown if one.unshown]:
        console.print(Text(f"shown by now, so `unshown` says nothing: {' '.join(stale)}"))
    console.print(f"{len(shown)} of {len(scope)} requirements have a scenario", highlight=False)
    if withdrawn := len(chosen) - len(scope):
        console.print(f"{withdrawn} deprecated are not counted", highlight=False)


def _verdicts(run: Path | None) -> dict[tuple[str, str], Verdict]:
    if run is None:
        return {}
    return {(found.id, found.route): found.verdict for found in Judgement.read(run).requirements}


def _by_route(verdicts: dict[str, Verdict | None]) -> str:
    """Return the verdicts of all routes, in one word where they agree."""
    words = {route: found.value if found else NO_VERDICT for route, found in verdicts.items()}
    if len(set(words.values())) == 1:
        return f"{next(iter(words.values()))} on every route"
    return ", ".join(f"{route} {word}" for route, word in words.items())


def _missing(missing: Iterable[Requirement]) -> Iterable[Text]:
    """Say what has no scenario, by the reason."""
    reasons: dict[str, list[str]] = {}
    for one in missing:
        reasons.setdefault(one.unshown or "no reason is given", []).append(one.id)
    for reason, ids in sorted(reasons.items(), key=lambda pair: -len(pair[1])):
        yield Text.assemble((f"without a scenario: {reason}: {len(ids)}\n", "bold"), *_lines(ids))


def _lines(ids: Sequence[str]) -> Iterable[str]:
    for start in range(0, len(ids), _IDS):
        end = "\n" if start + _IDS < len(ids) else ""
        yield f"    {' '.join(ids[start : start + _IDS])}{end}"
