"""Which finding of docs/findings.md explains a failure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from harness.conformance.statement import ScenarioStatement, ServiceStatement
from harness.conformance.verdicts import Origin
from harness.report import findings

_SECTION = re.compile(r"^### (F-([A-Z0-9]+)-\d+) (.*?)\n(.*?)(?=^##|\Z)", re.M | re.S)
_SCENARIOS = re.compile(r"^- Scenario: (.*)$", re.M)
_REQUIREMENTS = re.compile(r"^- Requirement: (.*)$", re.M)
_QUOTED = re.compile(r"`([^`]+)`")
_ID = re.compile(r"\b[A-Z]+-\d+\b")


@dataclass(frozen=True)
class Explanation:
    """A finding, and what it explains."""

    id: str
    title: str
    software: str
    """As the finding's id has it: `XROOTD`."""
    requirements: frozenset[str]
    scenarios: frozenset[str]


_OF_CLIENTS = frozenset({"DAVIX", "OIDCAGENT"})
"""Software of users, which stands at no site."""


class Known:
    """The findings of a text on a day, and the software of the sites that they may be about."""

    def __init__(self, text: str, today: dt.date, services: Iterable[ServiceStatement]) -> None:
        self._found = tuple(_read(text))
        self._withheld = {one.id for one in findings.read(text) if one.withheld(today)}
        self._software: dict[str, set[str]] = {}
        for service in services:
            self._software.setdefault(service.site, set()).add(_letters(service.implementation))

    def explaining(self, cell: ScenarioStatement) -> Explanation | None:
        """Return the finding that names the scenario, a requirement of it and its software."""
        names = {cell.scenario, cell.test_name, cell.test_name.partition("[")[0]}
        for one in self._found:
            if (
                one.scenarios & names
                and one.requirements.intersection(cell.requirements)
                and self._is_of(one.software, cell)
            ):
                return one
        return None

    def _is_of(self, software: str, cell: ScenarioStatement) -> bool:
        """Tell whether a finding's software took part, as far as the cell says which did."""
        if software in _OF_CLIENTS:
            return cell.origin is Origin.HOME
        # An issuer is at home; the software that the scenario tests may be at the site.
        own = cell.implementation if cell.origin is not Origin.HOME else ""
        site = cell.responsible or cell.site
        found = {_letters(own)} if own else self._software.get(site, set())
        return any(one.startswith(software) for one in found)

    def withheld(self, finding: Explanation) -> bool:
        """Tell whether the public must not be told of a finding yet."""
        return finding.id in self._withheld


def _letters(implementation: str) -> str:
    """Return a software's name as ids of findings have it: `oidc-provider` is `OIDCPROVIDER`."""
    return re.sub(r"\W", "", implementation).upper()


def _read(text: str) -> list[Explanation]:
    found = []
    for section in _SECTION.finditer(text):
        scenarios, requirements = (
            line[1] if (line := pattern.search(section[4])) else ""
            for pattern in (_SCENARIOS, _REQUIREMENTS)
        )
        found.append(
            Explanation(
                id=section[1],
                title=section[3].replace(findings.MARK, "").strip(),
                software=section[2],
                requirements=frozenset(_ID.findall(requirements)),
                scenarios=frozenset(_QUOTED.findall(scenarios)),
            )
        )
    return found
