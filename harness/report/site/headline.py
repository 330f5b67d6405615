"""The state of a night in one sentence, and where each of its numbers is told in full."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.conformance.changes import BROKEN, SILENT
from harness.report.site.groups import Group, group_of
from harness.report.site.night import Night

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


_ANSWERS = {
    "good": "Nothing new to repair.",
    "fair": "Not everything could be judged.",
    "bad": "Action is needed.",
}


def headline(night: Night) -> Headline:
    """Say how the night was, in requirements.

    What arises from crossing comes first, then what fails for a site's own users too, what could not be
    judged, and what is new since the last night.
    """
    asked = sum(len(ids) for group, ids in night.groups.items() if group is not Group.ABSENT)
    parts = [Part(f"Of {_many(asked, 'requirement')} tested, "), *_failing(night, Group.CROSSING)]
    parts += [Part("; "), *_failing(night, Group.SOFTWARE)]
    if Group.UNTOLD in night.groups:
        parts += [Part("; "), *_failing(night, Group.UNTOLD)]
    parts += [Part("; "), _undecided(night), Part("; "), _new(night), Part(".")]
    verdicts = {one.verdict for one in night.statement.requirements}
    state: Literal["good", "fair", "bad"] = "good"
    if verdicts & BROKEN or night.statement.complaints:
        state = "bad"
    elif verdicts & SILENT:
        state = "fair"
    return Headline(state, _ANSWERS[state], tuple(parts))


_BECAUSE = {
    Group.CROSSING: "because of crossing",
    Group.SOFTWARE: "for everybody because of a site’s own software",
    Group.UNTOLD: "for a reason that no control tells",
}


def _failing(night: Night, group: Group) -> Iterator[Part]:
    """Say how many requirements fail in a way, and where."""
    many = len(night.groups.get(group, ()))
    if not many:
        yield Part(f"none fails {_BECAUSE[group]}")
        return
    yield Part(
        f"{many} {'fails' if many == 1 else 'fail'} {_BECAUSE[group]}", f"matrix.html#{group}"
    )
    found = [one for one in night.statement.requirements if group_of(one) is group]
    if group is Group.SOFTWARE:
        places = [one.responsible for one in found if one.responsible]
    else:
        places = [one.route.replace(":", " → ") for one in found]
    if places:
        yield Part(f" ({_listed(sorted(set(places)))})")


def _undecided(night: Night) -> Part:
    many = len(night.groups.get(Group.UNDECIDED, ()))
    if not many:
        return Part("every other one could be judged")
    return Part(f"{many} could not be judged", f"matrix.html#{Group.UNDECIDED}")


def _new(night: Night) -> Part:
    if not night.before:
        return Part("there is no earlier night to compare with")
    if not night.newly_failing:
        return Part("no failure is new since the last night")
    many = len(night.newly_failing)
    verb = "fails" if many == 1 else "fail"
    return Part(f"{many} newly {verb} tonight ({_listed(night.newly_failing)})", "#action")


def _many(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"


def _listed(names: Iterable[str], most: int = _NAMED) -> str:
    unique: Sequence[str] = list(dict.fromkeys(names))
    more = f" and {len(unique) - most} more" if len(unique) > most else ""
    return ", ".join(unique[:most]) + more
