"""The state of a night in one sentence, and where each of its numbers is told in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.conformance.changes import BROKEN, SILENT
from harness.report.site.groups import Group, group_of
from harness.report.site.night import Night
from harness.translation import PLAIN, Speaker

_NAMED = 3
"""Names that the sentence has space for."""


@dataclass(frozen=True)
class Part:
    """A part of the sentence. `link` leads to exactly what it counts; empty where it counts nothing."""

    text: str
    link: str = ""


@dataclass(frozen=True)
class Headline:
    """The state of a night: an answer in two words, and the sentence that says what it rests on."""

    state: Literal["good", "fair", "bad"]
    answer: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The sentence without its links."""
        return "".join(part.text for part in self.parts)


def headline(night: Night, tr: Speaker = PLAIN) -> Headline:
    """Say how the night was, in requirements.

    What arises from crossing comes first, then what fails for a site's own users too, what could not be
    judged, and what is new since the last night.
    """
    asked = sum(len(ids) for group, ids in night.groups.items() if group is not Group.ABSENT)
    begin = tr.plural("Of {n} requirement tested, ", "Of {n} requirements tested, ", asked)
    clauses = [_failing(night, Group.CROSSING, tr), _failing(night, Group.SOFTWARE, tr)]
    if Group.UNTOLD in night.groups:
        clauses.append(_failing(night, Group.UNTOLD, tr))
    clauses += [[_undecided(night, tr)], [_new(night, tr)]]
    parts = [Part(begin.format(n=asked))]
    for number, clause in enumerate(clauses):
        parts += [*([Part(tr("; "))] if number else []), *clause]
    parts.append(Part(tr(".")))
    verdicts = {one.verdict for one in night.statement.requirements}
    if verdicts & BROKEN or night.statement.complaints:
        return Headline("bad", tr("Action is needed."), tuple(parts))
    if verdicts & SILENT:
        return Headline("fair", tr("Not everything could be judged."), tuple(parts))
    return Headline("good", tr("Nothing new to repair."), tuple(parts))


def _failing(night: Night, group: Group, tr: Speaker) -> list[Part]:
    """Say how many requirements fail in a way, and where."""
    many = len(night.groups.get(group, ()))
    if not many:
        return [Part(_none(group, tr))]
    told = Part(_some(group, many, tr).format(n=many), f"matrix.html#{group}")
    found = [one for one in night.statement.requirements if group_of(one) is group]
    if group is Group.SOFTWARE:
        places = [one.responsible for one in found if one.responsible]
    else:
        places = [one.route.replace(":", " → ") for one in found]
    names = _listed(sorted(set(places)), tr)
    return [told, *([Part(tr(" ({names})").format(names=names))] if names else [])]


def _none(group: Group, tr: Speaker) -> str:
    if group is Group.SOFTWARE:
        return tr("none fails for everybody because of a site’s own software")
    return tr("none fails because of crossing")


def _some(group: Group, many: int, tr: Speaker) -> str:
    if group is Group.CROSSING:
        return tr.plural("{n} fails because of crossing", "{n} fail because of crossing", many)
    if group is Group.SOFTWARE:
        return tr.plural(
            "{n} fails for everybody because of a site’s own software",
            "{n} fail for everybody because of a site’s own software",
            many,
        )
    return tr.plural(
        "{n} fails for an unknown reason, as there is no control to compare it with",
        "{n} fail for an unknown reason, as there is no control to compare them with",
        many,
    )


def _undecided(night: Night, tr: Speaker) -> Part:
    many = len(night.groups.get(Group.UNDECIDED, ()))
    if not many:
        return Part(tr("all others could be judged"))
    told = tr.plural("{n} could not be judged", "{n} could not be judged", many)
    return Part(told.format(n=many), f"matrix.html#{Group.UNDECIDED}")


def _new(night: Night, tr: Speaker) -> Part:
    if not night.before:
        return Part(tr("there is no earlier night to compare with"))
    many = len(night.newly_failing)
    if not many:
        return Part(tr("no failure is new since the last night"))
    told = tr.plural(
        "{n} fails tonight but did not last night ({names})",
        "{n} fail tonight but did not last night ({names})",
        many,
    )
    return Part(told.format(n=many, names=_listed(night.newly_failing, tr)), "#action")


def _listed(names: Iterable[str], tr: Speaker, most: int = _NAMED) -> str:
    unique: Sequence[str] = list(dict.fromkeys(names))
    listed = tr(", ").join(unique[:most])
    if len(unique) <= most:
        return listed
    return tr("{names} and {n} more").format(names=listed, n=len(unique) - most)
