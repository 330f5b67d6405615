"""What the pages of the framework show: policies, their rules, and the verdicts on what shows each rule."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.conformance import framework, inputs
from harness.conformance.catalogue import Catalogue, Requirement
from harness.conformance.framework import Policy, Rule
from harness.conformance.runs import Run
from harness.report.site import markdown
from harness.report.site.night import Night

_RULE = re.compile(r"<h3>([A-Z]+-[1-9]\d?) ")
_WITHOUT_SCENARIO = "no scenario of this run shows it"


@dataclass(frozen=True)
class Line:
    """A requirement that shows a rule, and what came of it."""

    requirement: Requirement
    letters: Sequence[str]
    """Its verdict on each route; empty text where no scenario shows it on that route."""

    def count(self, letter: str) -> int:
        """Return on how many routes it has a verdict."""
        return sum(one == letter for one in self.letters)

    @property
    def tested(self) -> bool:
        """True where it has a verdict."""
        return any(self.letters)

    @property
    def reason(self) -> str:
        """Why it has none."""
        return "" if self.tested else self.requirement.unshown or _WITHOUT_SCENARIO


@dataclass(frozen=True)
class Section:
    """A policy on the page: its rules, and the requirements that show each."""

    policy: Policy
    rules: Sequence[tuple[Rule, Sequence[Line]]]
    without_rule: Sequence[Requirement]

    @property
    def lines(self) -> list[Line]:
        """The requirements of all its rules."""
        return [line for _, lines in self.rules for line in lines]

    @property
    def tested(self) -> int:
        """How many of them have a verdict."""
        return sum(line.tested for line in self.lines)


def adopted(folder: Path, catalogue: Catalogue) -> tuple[Policy, ...]:
    """Return the policies that a run's agreement adopts, where it was valid on the day of the run.

    None of a run of a former version, which kept no copy of its agreement.

    Raises
    ------
    BadInput
        where a copy in the run's folder is broken.
    """
    run = Run.read(folder)
    agreed = inputs.read_agreement(folder, inputs.read_testbed(folder)) if run.alone else None
    day = dt.datetime.fromisoformat(run.start).astimezone(dt.UTC).date()
    if not (agreed and agreed.policies and agreed.in_force(day, day)):
        return ()
    return framework.adopted(inputs.read_policies(folder, catalogue), agreed.policies)


def sections(night: Night) -> Iterator[Section]:
    """Return what the page shows of each policy that is adopted."""
    routes = [route.id for route in night.statement.routes]
    for policy in night.policies:
        rules = []
        for rule in policy.rules:
            lines = []
            for id_ in rule.requirements:
                found = [night.verdicts.get((id_, route)) for route in routes]
                letters = [one.verdict.letter if one else "" for one in found]
                lines.append(Line(night.catalogue[id_], letters))
            rules.append((rule, lines))
        yield Section(policy, rules, policy.without_rule(night.catalogue))


def rules(night: Night) -> dict[str, tuple[Policy, Rule]]:
    """Return requirement -> the rule that it shows, and the policy of that."""
    return {
        id_: (policy, rule)
        for policy in night.policies
        for rule in policy.rules
        for id_ in rule.requirements
    }


def html(policy: Policy) -> str:
    """Return a policy's text as HTML, each rule with its id as an anchor and a link to its verdicts.

    HTML within the text is shown, not obeyed: the copy may come from another machine.
    """
    text = markdown.rendered(policy.text)
    return _RULE.sub(r'<h3 id="\1"><a href="../framework.html#\1">\1</a> ', text)
