"""The judge: from recorded outcomes to verdicts, after the run and never inline.

A pure function of what a run's folder holds, so an old run can be judged again. The rules stand in the
order in which they apply, from `_judge_cell` on.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.conformance.catalogue import Catalogue, Requirement, not_held
from harness.conformance.controls import Controls
from harness.conformance.deviations import KnownDeviation
from harness.conformance.outcomes import OURS, Cell, Outcome
from harness.conformance.verdicts import (
    Attempt,
    CellVerdict,
    HostFault,
    Judgement,
    Origin,
    RequirementVerdict,
    Verdict,
    told_once,
)
from harness.extent import Extent, includes
from harness.routes import Side

_NAMED = 5
"""Routes that a reason names: of a hundred sites each cell would name them all."""


def judge(
    plan: Iterable[Cell],
    outcomes: Iterable[Outcome],
    *,
    catalogue: Catalogue,
    faults: Iterable[HostFault] = (),
    why_not_run: str = "no outcome was recorded",
    known: Iterable[KnownDeviation] = (),
    day: dt.date = dt.date.min,
    homes: Mapping[str, str] | None = None,
    extent: Extent = "full",
) -> Judgement:
    """Judge every planned cell, and every requirement over every route.

    `why_not_run` is said of cells that have no outcome: the run was interrupted, or its tool crashed.
    `day` is the run's, by which deviations that are `known` count or have expired. `homes` names the site
    of each infrastructure where its users' data lie. What belongs to a larger `extent` than the run's does
    not count for a requirement that other scenarios show.
    """
    cells, known = tuple(plan), tuple(known)
    judge_cell = _Bench(
        outcomes=outcomes,
        controls=Controls(cells, homes or {}),
        catalogue=catalogue,
        faults=faults,
        why_not_run=why_not_run,
        known=[entry for entry in known if not entry.expired(day)],
    )
    verdicts = tuple(judge_cell(cell) for cell in cells)
    return Judgement(
        scenarios=verdicts,
        requirements=tuple(_requirements(cells, catalogue, judge_cell, extent)),
        totals=dict(Counter(verdict.verdict for verdict in verdicts)),
        executed=sum(judge_cell.executed(cell) for cell in cells),
        covered=len({i for cell in cells for i in cell.requirements if catalogue[i].in_scope}),
        catalogue=sum(requirement.in_scope for requirement in catalogue),
        complaints=tuple(_complaints(known, verdicts, day)),
    )


def _complaints(
    known: Iterable[KnownDeviation], verdicts: Iterable[CellVerdict], day: dt.date
) -> Iterator[str]:
    """Say which entries must be removed or renewed; those that the run did not touch are left alone."""
    cells = tuple(verdicts)
    for entry in known:
        touched = [cell for cell in cells if entry.covers(cell)]
        found = {cell.verdict for cell in touched}
        if touched and entry.expired(day):
            yield (
                f"{entry}: the known deviation expired on {entry.expires}; "
                f"{entry.owner} must fix it, or set a new date with a reason."
            )
        elif Verdict.CONFORMANT in found and found <= {Verdict.CONFORMANT, Verdict.NOT_OFFERED}:
            yield f"{entry}: the known deviation now passes. Remove the entry."


@dataclass(frozen=True)
class _Found:
    """A verdict and why."""

    verdict: Verdict
    reason: str = ""
    origin: Origin | None = None
    responsible: str = ""


class _Bench:
    """The outcomes at hand, and the rules that turn one cell's into a verdict."""

    def __init__(
        self,
        *,
        outcomes: Iterable[Outcome],
        controls: Controls,
        catalogue: Catalogue,
        faults: Iterable[HostFault],
        why_not_run: str,
        known: Sequence[KnownDeviation],
    ) -> None:
        self._catalogue, self._why_not_run, self._known = catalogue, why_not_run, known
        self._controls = controls
        self._faults: dict[str, list[str]] = {}
        for fault in told_once(faults):
            self._faults.setdefault(fault.host, []).append(str(fault))
        self._attempts: dict[tuple[str, str], list[Outcome]] = {}
        for outcome in sorted(outcomes, key=_age):
            self._attempts.setdefault(outcome.key, []).append(outcome)
        self._failing_users: dict[tuple[str, str], Mapping[tuple[str, str], str]] = {}
        self._last = {key: attempts[-1] for key, attempts in self._attempts.items()}

    def executed(self, cell: Cell) -> bool:
        """Tell whether the cell acted on the sites."""
        outcome = self._last.get(cell.key)
        return outcome is not None and outcome.executed

    def __call__(self, cell: Cell, *, by: Requirement | None = None) -> CellVerdict:
        """Judge a cell by all that it shows, or by one requirement alone."""
        shown = [self._catalogue[id_] for id_ in cell.requirements]
        held = [one for one in ([by] if by else shown) if one.held_by(cell.profiles)]
        outcome = self._last.get(cell.key)
        earlier = tuple(map(_attempt, self._attempts.get(cell.key, ())[:-1]))
        known = None
        if held:
            binding = any(requirement.binding for requirement in held)
            found = self._judge_cell(cell, outcome, binding=binding)
            if found.verdict in (Verdict.DEVIATION, Verdict.SITE_FAULT):
                known = self._entry(cell)
            if known is not None:
                found = replace(
                    found, verdict=Verdict.KNOWN_DEVIATION, reason=_excused(known, found.reason)
                )
        else:
            found = _Found(Verdict.NOT_OFFERED, not_held(cell.site, cell.profiles, shown))
        return CellVerdict(
            **{name: getattr(cell, name) for name in Cell.model_fields},
            known=known,
            verdict=found.verdict,
            reason=_joined(found.reason, *_told(earlier, outcome)),
            origin=found.origin,
            responsible=found.responsible,
            stage=outcome.stage if outcome else None,
            error=outcome.error if outcome else None,
            attempts=outcome.attempt if outcome else 0,
            earlier=earlier,
            evidence=outcome.evidence if outcome else None,
            measurements=outcome.measurements if outcome else (),
            hosts=outcome.hosts if outcome else (),
        )

    def _entry(self, cell: Cell) -> KnownDeviation | None:
        """Return the entry that covers the cell by a requirement that the site is held to."""
        held = [i for i in cell.requirements if self._catalogue[i].held_by(cell.profiles)]
        narrowed = cell.model_copy(update={"requirements": tuple(held)})
        return next((entry for entry in self._known if entry.covers(narrowed)), None)

    def _judge_cell(self, cell: Cell, outcome: Outcome | None, *, binding: bool) -> _Found:
        if outcome is None:
            return _Found(Verdict.NOT_RUN, self._why_not_run)
        if outcome.status == "not run":
            return _Found(Verdict.NOT_RUN, outcome.message)
        if outcome.status == "not offered":
            verdict = Verdict.WARNING if outcome.warning else Verdict.NOT_OFFERED
            return _Found(verdict, _joined(outcome.message, outcome.warning))
        if cause := self._inconclusive(outcome):
            return _Found(Verdict.INCONCLUSIVE, cause)
        if outcome.status == "passed":
            return _Found(Verdict.CONFORMANT, outcome.warning)
        return self._judge_failed(cell, outcome, binding=binding)

    def _judge_failed(self, cell: Cell, outcome: Outcome, *, binding: bool) -> _Found:
        found = self._judge_origin(cell, outcome)
        if not binding and found.verdict is not Verdict.INCONCLUSIVE:
            said = f"Recommended, but not met: {found.reason}"
            return replace(found, verdict=Verdict.WARNING, reason=said)
        return found

    def _judge_origin(self, cell: Cell, outcome: Outcome) -> _Found:
        """Hold a failure against the users of the site and the users at home, for whom it should pass."""
        first, second = self._sides(cell, outcome)
        brought = self._where_users_alone_fail(cell) if first == "resource" else []
        if not brought:
            return self._judge_sides(cell, outcome, first, second)
        more = f" and {len(brought) - _NAMED} more" if len(brought) > _NAMED else ""
        where = f"{', '.join(brought[:_NAMED])}{more}"
        users = f"for its users at several sites, where others succeed ({where}): {_said(outcome)}"
        return self._own_failure(cell, outcome, "home", users)

    def _judge_sides(self, cell: Cell, outcome: Outcome, first: Side, second: Side) -> _Found:
        said = _said(outcome)
        if cell.is_control:
            return self._own_failure(cell, outcome, first, f"for its own users: {said}")
        control = self._last.get(self._controls.of(cell, first))
        if control is not None and (cause := self._inconclusive(control)):
            return _Found(
                Verdict.INCONCLUSIVE,
                f"failed ({said}), and the same test on {control.route} is inconclusive: {cause}",
            )
        for side in (first, second):
            other = self._last.get(self._controls.of(cell, side))
            if other is not None and _fails_likewise(other, outcome):
                users = f"for its own users too ({other.route}): {said}"
                return self._own_failure(cell, outcome, side, users)
        if control is None or control.status != "passed":
            return self._judge_without_control(cell, control, first, said)
        at_home = self._last.get(self._controls.of(cell, second))
        if at_home is not None and at_home.status == "failed" and not self._others_fail_at(at_home):
            at = ", ".join(map(str, at_home.failed_at))
            why = (
                f"the same test on {at_home.route} fails too, at {at}; nobody else was tested there"
            )
            return _Found(Verdict.DEVIATION, _joined(said, why))
        return _Found(Verdict.DEVIATION, said, Origin.CROSSING)

    def _judge_without_control(
        self, cell: Cell, control: Outcome | None, side: Side, said: str
    ) -> _Found:
        """Judge a failure of which the control tells nothing: it failed elsewhere, or was not made."""
        if control is not None and control.status == "failed":
            at = ", ".join(map(str, control.failed_at))
            return _Found(
                Verdict.INCONCLUSIVE,
                f"failed ({said}), and the same test on {control.route} fails elsewhere, at "
                f"{at}, so it says nothing about this failure",
            )
        why = (
            "has no such service" if control and control.status == "not offered" else "was not run"
        )
        route = self._controls.route(cell, side)
        return _Found(Verdict.DEVIATION, _joined(said, f"the same test on {route} {why}"))

    def _where_users_alone_fail(self, cell: Cell) -> list[str]:
        """Return the routes that show that a failure lies in what the users bring: their tokens.

        They fail at home and at another site, and at both some other infrastructure's users succeed.
        """
        failing = self._failing(cell.test_name, cell.home)
        return sorted(set(failing.values())) if cell.key in failing else []

    def _failing(self, test: str, home: str) -> Mapping[tuple[str, str], str]:
        """Return key -> route of the cells that show so of one test and one infrastructure's users.

        It is found out once, for all its cells ask.
        """
        known = self._failing_users.get((test, home))
        if known is not None:
            return known
        failing = [
            one
            for one in self._controls.of_users(test, home)
            if self._status(one) == "failed"
            and any(self._status(other) == "passed" for other in self._controls.beside(one))
        ]
        sites = {one.site for one in failing}
        wherever = len(sites) > 1 and self._controls.home_of(home) in sites
        found = {one.key: one.route for one in failing} if wherever else {}
        self._failing_users[test, home] = found
        return found

    def _others_fail_at(self, outcome: Outcome) -> bool:
        """Tell whether users of another infrastructure fail the same test of the same service."""
        return any(self._status(other) == "failed" for other in self._controls.beside(outcome))

    def _status(self, cell: Cell) -> str:
        """Return how a cell ended; empty where that shows nothing."""
        outcome = self._last.get(cell.key)
        return "" if outcome is None or self._inconclusive(outcome) else outcome.status

    def _sides(self, cell: Cell, outcome: Outcome) -> tuple[Side, Side]:
        """Return whose service failed, and then the other: by the failed step, or else by the scenario.

        On a route within an infrastructure, the issuer counts as the home's.
        """
        at_home = {self._controls.is_at_home(cell, one) for one in outcome.failed_at}
        side: Side = cell.side
        if len(at_home) == 1:
            side = "home" if at_home.pop() else "resource"
        return (side, "resource") if side == "home" else (side, "home")

    def _own_failure(self, cell: Cell, outcome: Outcome, side: Side, said: str) -> _Found:
        """Return the verdict on what a site's own software gets wrong for everybody."""
        if side == "resource":
            site, origin = cell.site, Origin.RESOURCE
        else:
            named = [one.site for one in outcome.failed_at if self._controls.is_at_home(cell, one)]
            site = named[0] if named else self._controls.home_of(cell.home)
            origin = Origin.HOME
        return _Found(Verdict.SITE_FAULT, f"{site} fails {said}", origin, site)

    def _inconclusive(self, outcome: Outcome) -> str:
        """Return why this outcome shows nothing; empty where it does show something."""
        if outcome.status == "passed":
            return "" if outcome.acted else ASKED_NOBODY
        idle = "" if outcome.acted else FAILED_ALONE
        unhealthy = [one for host in outcome.hosts for one in self._faults.get(host, ())]
        if outcome.error in OURS:
            said = f"{OURS[outcome.error]}, so this says nothing about the site: {_said(outcome)}"
            return _joined(f"{outcome.stage} failed: {said}", *unhealthy)
        if outcome.status == "error":
            return _joined(f"{outcome.stage} failed: {_said(outcome)}", *unhealthy)
        if outcome.status == "failed" and (idle or unhealthy):
            return _joined(idle, *unhealthy, f"{outcome.stage} failed: {_said(outcome)}")
        return ""


ASKED_NOBODY = "it passed, but no step contacted a service, so nothing was shown"
FAILED_ALONE = "it failed, but no step contacted a service, so this says nothing about the site"


def _fails_likewise(control: Outcome, outcome: Outcome) -> bool:
    """Tell whether another route's failure is of a service that this cell asked too.

    Where it is not known which service failed, it is taken for the same failure.
    """
    if control.status != "failed":
        return False
    places = set(control.failed_at)
    return not places or not outcome.services or not places.isdisjoint(outcome.services)


def _requirements(
    cells: tuple[Cell, ...],
    catalogue: Catalogue,
    judge_cell: Callable[..., CellVerdict],
    extent: Extent,
) -> Iterable[RequirementVerdict]:
    """Judge each requirement by its own level: one scenario may show a MUST and a SHOULD."""
    showing: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        for id_ in cell.requirements:
            showing.setdefault((id_, cell.route), []).append(cell)
    for (id_, route), shown_by in sorted(showing.items()):
        requirement = catalogue[id_]
        inside = [cell for cell in shown_by if includes(extent, cell.extent)]
        verdicts = [judge_cell(cell, by=requirement) for cell in inside or shown_by]
        last = max(verdicts, key=_gravity)
        yield RequirementVerdict(
            id=id_,
            level=requirement.level,
            confirmed=requirement.confirmed,
            route=route,
            verdict=last.verdict,
            origin=last.origin,
            responsible=last.responsible,
            outside=not inside,
            scenarios=tuple(cell.scenario for cell in shown_by),
        )


def _gravity(cell: CellVerdict) -> tuple[int, int]:
    """Order verdicts, the gravest last; of equal ones, what arises from crossing."""
    return cell.verdict.rank, list(Origin).index(cell.origin) if cell.origin else -1


_SEVERITY = {"not run": 0, "not offered": 1, "passed": 2, "failed": 3, "error": 4}


def _age(outcome: Outcome) -> tuple[object, ...]:
    """Order attempts, wherever they stand in the file: by number, by their end, the worse last."""
    severity = _SEVERITY[outcome.status]
    return outcome.attempt, outcome.stop, severity, outcome.model_dump_json()


def _told(earlier: Iterable[Attempt], last: Outcome | None) -> Iterator[str]:
    """Tell of the attempts before the last; that a control passed twice says nothing new."""
    passed = last is not None and last.status == "passed"
    return (str(one) for one in earlier if not (passed and one.status == "passed"))


def _attempt(outcome: Outcome) -> Attempt:
    fields = {name: getattr(outcome, name) for name in Attempt.model_fields if name != "number"}
    return Attempt(number=outcome.attempt, **fields)


def _excused(entry: KnownDeviation, seen: str) -> str:
    reason = entry.reason.strip().rstrip(".")
    return f"owner: {entry.owner}, until {entry.expires}: {reason} ({entry.link}); {seen}"


def _said(outcome: Outcome) -> str:
    """Return what failed; where no word is on record, that it did."""
    return outcome.message or "no message was recorded"


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
