"""Which finding of docs/findings.md explains a failure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from harness.conformance.statement import ScenarioStatement, ServiceStatement
from harness.conformance.verdicts import Origin
from harness.report import findings
from harness.report.findings import Finding

_OF_CLIENTS = frozenset({"DAVIX", "OIDCAGENT"})
"""Software of users, which stands at no site."""


class Known:
    """The findings of a text on a day, and the software of the sites that they may be about."""

    def __init__(self, text: str, today: dt.date, services: Iterable[ServiceStatement]) -> None:
        self._found, self._today = tuple(findings.read(text)), today
        self._software: dict[str, set[str]] = {}
        for service in services:
            self._software.setdefault(service.site, set()).add(_letters(service.implementation))

    def explaining(self, cell: ScenarioStatement) -> Finding | None:
        """Return the finding that names the scenario, a requirement of it and its software."""
        found = (
            one
            for one in self._found
            if one.names(cell.scenario, cell.test_name)
            and one.concerns(cell.requirements)
            and self._is_of(one.id.split("-")[1], cell)
        )
        return next(found, None)

    def withheld(self, finding: Finding) -> bool:
        """Tell whether the public must not be told of a finding yet."""
        return finding.withheld(self._today)

    def _is_of(self, software: str, cell: ScenarioStatement) -> bool:
        """Tell whether a finding's software took part, as far as the cell says which did."""
        if software in _OF_CLIENTS:
            return cell.origin is Origin.HOME
        # An issuer is at home; the software that the scenario tests may be at the site.
        own = cell.implementation if cell.origin is not Origin.HOME else ""
        site = cell.responsible or cell.site
        found = {_letters(own)} if own else self._software.get(site, set())
        return any(one.startswith(software) for one in found)


def _letters(implementation: str) -> str:
    """Return a software's name as ids of findings have it: `oidc-provider` is `OIDCPROVIDER`."""
    return re.sub(r"\W", "", implementation).upper()
