"""What a night found as metrics of Prometheus, for those who have a dashboard: `metrics.prom`.

Ages are not in it, for they grow while the file stands. Times are: a night is as old as
`time() - interop_testbed_night_start_timestamp_seconds`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from harness.conformance.statement import Statement
from harness.conformance.verdicts import Verdict
from harness.printable import storable

_ALWAYS = (Verdict.CONFORMANT, Verdict.DEVIATION, Verdict.SITE_FAULT, Verdict.INCONCLUSIVE)
"""Verdicts that have a figure where it is 0, too: an alert on a series that is not there never fires."""


def text(statement: Statement) -> str:
    """Return the metrics in Prometheus's text format (version 0.0.4)."""
    made = _Metrics(statement)
    made.night()
    made.verdicts()
    made.durations()
    made.sites()
    return generate_latest(made.registry).decode()


class _Metrics:
    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self.registry = CollectorRegistry()

    def night(self) -> None:
        """Tell of the night as a whole."""
        run, scope = self._statement.run, self._statement.scope
        self._set("night_start_timestamp_seconds", "When the night began.", _stamp(run.start))
        if run.end:
            self._set("night_end_timestamp_seconds", "When the night ended.", _stamp(run.end))
            seconds = _stamp(run.end) - _stamp(run.start)
            self._set("night_duration_seconds", "How long the night took.", seconds)
        self._set("night_exit_code", "0 as expected, 1 deviations, 3 inconclusive.", run.exit_code)
        self._set("requirements_in_scope", "Requirements of the catalogue.", scope.catalogue)
        self._set("requirements_covered", "Requirements with a scenario.", scope.covered)
        self._set("scenarios_executed", "Scenarios times routes that acted.", scope.executed)
        self._set("unhealthy_hosts", "Health checks that failed.", len(self._statement.faults))
        complaints = len(self._statement.complaints)
        self._set("complaints", "Entries of known deviations to correct.", complaints)
        due = [one.expires for one in self._statement.exceptions if one.cells]
        self._set("known_deviations", "Known deviations in force.", len(due))
        if due:
            end = dt.datetime.combine(min(due), dt.time.max, dt.UTC).timestamp()
            what = "When the next known deviation in force expires."
            self._set("known_deviation_expiry_timestamp_seconds", what, end)

    def verdicts(self) -> None:
        """Count requirements by route, family and verdict."""
        gauge = self._gauge(
            "requirements",
            "Requirements by verdict; the worst of a requirement's scenarios on the route counts.",
            "route home site control family verdict",
        )
        routes = {route.id: route for route in self._statement.routes}
        counts: dict[tuple[str, str], Counter[Verdict]] = {}
        for one in self._statement.requirements:
            key = one.route, one.id.rpartition("-")[0]
            counts.setdefault(key, Counter())[one.verdict] += 1
        for (name, family), found in sorted(counts.items()):
            route = routes[name]
            for verdict in Verdict:
                if found[verdict] or verdict in _ALWAYS:
                    control = "true" if route.control else "false"
                    words = (name, route.home, route.site, control, family, verdict.value)
                    self._labelled(gauge, *words).set(found[verdict])

    def durations(self) -> None:
        """Sum the seconds of scenarios by route and family, and tell what they have measured."""
        spent = self._gauge(
            "scenarios_duration_seconds", "Sum of the scenarios' durations.", "route family"
        )
        sums: dict[tuple[str, str], float] = {}
        measured = self._gauge(
            "measurement_seconds", "What scenarios have measured.", "route what service detail"
        )
        for cell in self._statement.scenarios:
            key = cell.route, cell.family
            sums[key] = sums.get(key, 0) + (cell.seconds or 0)
            for one in cell.measurements:
                words = (cell.route, one.what, one.service, one.detail)
                self._labelled(measured, *words).set(one.seconds)
        for (route, family), seconds in sorted(sums.items()):
            self._labelled(spent, route, family).set(seconds)

    def sites(self) -> None:
        """Tell which services did what was asked of them."""
        gauge = self._gauge(
            "service_up",
            "1: it did what scenarios asked; 0: all of it failed. None where nothing was asked.",
            "site type endpoint implementation",
        )
        for one in self._statement.services:
            if one.status != "unknown":
                words = (one.site, one.type, one.endpoint, one.implementation)
                self._labelled(gauge, *words).set(one.status == "ok")

    def _set(self, name: str, what: str, value: float) -> None:
        self._labelled(self._gauge(name, what, "")).set(value)

    def _gauge(self, name: str, what: str, labels: str) -> Gauge:
        names = ["testbed", *labels.split()]
        return Gauge(f"interop_testbed_{name}", what, names, registry=self.registry)

    def _labelled(self, gauge: Gauge, *words: str) -> Gauge:
        return gauge.labels(self._statement.run.testbed, *map(storable, words))


def _stamp(time: str) -> float:
    return dt.datetime.fromisoformat(time).timestamp()
