"""Tells what a scenario does while it does it: makes events of the steps of its evidence."""

from __future__ import annotations

import base64
import json
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from harness.conformance.outcomes import Cell
from harness.demo import credentials
from harness.demo.events import (
    AnyEvent,
    Begin,
    End,
    Ending,
    Figures,
    Part,
    PartEnd,
    Picture,
    Place,
    Role,
    Row,
)
from harness.demo.pace import Pace
from harness.demo.places import USER, Map
from harness.demo.staging import moves
from harness.engine.refusal import CONTROL_STEP, REFUSED_STEP
from harness.evidence import Step
from harness.kinds import registry
from harness.narration import Action, Flow, Story, Told, Translate, action
from harness.redaction import redactor
from harness.science.exhibits import FIGURES
from harness.science.experiment import CHECK

_PICTURES = {".png": "image/png", ".svg": "image/svg+xml"}
_LARGEST = 400_000
"""Bytes of a picture: a page goes through a workshop's network."""
_RESULT = re.compile(r"HTTP (?P<status>\d{3})|exit code (?P<code>-?\d+)")


def _ending(step: Step, result: re.Match[str] | None) -> Ending:
    """Return how a step has ended, by what its answer begins with."""
    if step.status != "passed":
        return "failed"
    if result is not None and (int(result["status"] or 0) >= 400 or int(result["code"] or 0) != 0):
        return "declined"
    return "done"


@dataclass
class _Scene:
    """What is told at present."""

    cell: Cell
    cleaning: bool = False
    cleaned: bool = False
    """That something is removed is told, once."""
    numbers: dict[int, int] = field(default_factory=dict)
    """Of a step that is open and told of, by its `id`."""
    parts: dict[int, tuple[int, Role]] = field(default_factory=dict)

    def tells_of(self, within: tuple[Step, ...]) -> bool:
        """Tell whether a step among these is told of as a whole."""
        return any(id(one) in self.numbers for one in within)

    def role(self, within: tuple[Step, ...]) -> Role:
        """Return what the innermost part among these is there for."""
        parts = [self.parts[id(one)][1] for one in within if id(one) in self.parts]
        return next((role for role in reversed(parts) if role), "")


class Narrator:
    """An observer of evidence (`harness.evidence.Observer`).

    Parameters
    ----------
    publish
        takes each event.
    tr
        gives texts in the reader's language.
    """

    def __init__(
        self, publish: Callable[[AnyEvent], None], *, places: Map, pace: Pace, tr: Translate
    ) -> None:
        self._publish, self._places, self._pace, self._tr = publish, places, pace, tr
        self._scene: _Scene | None = None
        self._count = 0
        self._stories: dict[str, Story] = {
            kind.name: pkgutil.resolve_name(kind.story) for kind in registry() if kind.story
        }

    def begin(self, cell: Cell) -> None:
        """A scenario begins."""
        self._scene = _Scene(cell)

    def clean_up(self) -> None:
        """A scenario removes what it has stored."""
        if self._scene is not None:
            self._scene.cleaning = True

    # -- what an observer hears

    def opened(self, step: Step, within: tuple[Step, ...]) -> None:
        """Tell of a step that holds others together, or that only waits."""
        scene = self._scene
        if scene is None:
            return
        if scene.cleaning and not scene.cleaned:
            scene.cleaned = True
            self._part(self._tr("What was stored and submitted is removed again."), "clean-up")
        if scene.cleaning or scene.tells_of(within) or action(step.title) is not None:
            return  # an action is told when it is known what is sent
        if waiting := self._waiting(scene, step):
            told, place = waiting
            self._begin(scene, step, within, told, place)
        else:
            number = self._part(*self._titled(step.title))
            scene.parts[id(step)] = (number, self._titled(step.title)[1])

    def sends(self, step: Step, within: tuple[Step, ...]) -> None:
        """Tell of a request or a command before it goes out, and wait as the pace says."""
        scene = self._scene
        if scene is None or scene.cleaning or scene.tells_of(within):
            return
        done = action(step.title, step.sent)
        if done is None:
            return
        place = self._places.of_step(step, scene.cell)
        told = self._told(done, place)
        if not told.minor:
            self._begin(scene, step, within, told, place)
            self._pause()

    def closed(self, step: Step, within: tuple[Step, ...]) -> None:
        """Tell how a step has ended."""
        del within
        scene = self._scene
        if scene is None:
            return
        if (number := scene.numbers.pop(id(step), None)) is not None:
            found = _RESULT.match(step.answer)
            how = _ending(step, found)
            words = {"done": self._tr("done"), "declined": self._tr("declined")}
            self._publish(
                End(
                    number=number,
                    how=how,
                    result=found[0] if found else words.get(how, self._tr("failed")),
                    seconds=round(step.duration, 2),
                    credential=credentials.received(step.whole_answer, self._tr),
                    answer=step.answer,
                )
            )
            self._moves(scene, step)
        elif part := scene.parts.pop(id(step), None):
            self._publish(self._part_end(part, step))

    def exhibited(self, name: str, content: bytes) -> None:
        """Show a picture, or the figures of a result."""
        suffix = PurePosixPath(name).suffix
        if name.endswith(FIGURES):
            self._publish(self._figures(json.loads(content)))
            self._pause()
        elif suffix in _PICTURES and len(content) <= _LARGEST:
            data = base64.b64encode(content).decode()
            url = f"data:{_PICTURES[suffix]};base64,{data}"
            self._publish(Picture(title=self._tr("The result"), data=url))
            self._pause()

    # -- how it is told

    def _moves(self, scene: _Scene, step: Step) -> None:
        """Tell what a job has moved, where a step brought its report."""
        home = self._places.home_storage(scene.cell)
        there = self._places.of_kind("compute", scene.cell)
        if home is None or there is None:
            return
        for move in moves(step.whole_answer, self._tr):
            self._count += 1
            source, target = (home.id, there.id) if move.outward else (there.id, home.id)
            self._publish(
                Begin(number=self._count, text=move.text, source=source, target=target, moves=True)
            )
            self._pause()
            sums = move.sums
            told = f"sha256 {sums.sha256}\nadler32 {sums.adler32}"
            self._publish(
                End(
                    number=self._count,
                    how="done",
                    result=self._tr("{size} bytes").format(size=sums.size),
                    seconds=sums.seconds,
                    answer=told,
                )
            )

    def _pause(self) -> None:
        self._pace.wait()

    def _told(self, done: Action, place: Place | None) -> Told:
        if place is not None and (told := self._stories[place.kind](done, self._tr)):
            return told
        if done.command:
            return Told(self._tr("The user runs a command."), minor=place is None)  # asks nobody
        return Told(self._tr("The user sends a request ({method}).").format(method=done.method))

    def _waiting(self, scene: _Scene, step: Step) -> tuple[Told, Place | None] | None:
        """Return what a step means that waits at a service for something, where a kind knows it."""
        for kind, story in self._stories.items():
            if told := story(Action(title=step.title), self._tr):
                return told, self._places.of_kind(kind, scene.cell)
        return None

    def _begin(
        self,
        scene: _Scene,
        step: Step,
        within: tuple[Step, ...],
        told: Told,
        place: Place | None,
    ) -> None:
        self._count += 1
        scene.numbers[id(step)] = self._count
        near = self._places.of_url(told.other, scene.cell) if told.other else None
        here, there = (place.id if place else ""), (near.id if near else USER)
        if told.flow is Flow.GET and not near:
            source, target = here, there  # from the service to the user
        elif told.flow is Flow.PUT and near:
            source, target = here, there  # from the service to another
        else:
            source, target = there, here
        self._publish(
            Begin(
                number=self._count,
                text=redactor.redact(told.text),
                source=source,
                target=target,
                moves=told.flow is not Flow.ASK,
                role=scene.role(within),
                credential=credentials.carried(step.whole_carried, self._tr),
                sent=step.sent or step.title,
            )
        )

    def _part(self, title: str, role: Role = "") -> int:
        self._count += 1
        self._publish(Part(number=self._count, title=redactor.redact(title), role=role))
        return self._count

    def _titled(self, title: str) -> tuple[str, Role]:
        """Return the title of a part in the reader's language, and what the part is there for."""
        if title == CONTROL_STEP:
            return self._tr("With a good credential, the request must be granted."), "control"
        if title == REFUSED_STEP:
            return self._tr("With the bad credential, the same request must be refused."), "refused"
        if title.startswith(CHECK):
            return self._tr("The result is checked as a scientist would check it."), ""
        said = self._tr(title)
        return f"{said[:1].upper()}{said[1:]}", ""

    def _part_end(self, part: tuple[int, Role], step: Step) -> PartEnd:
        number, role = part
        ok = step.status == "passed"
        text = ""
        if role == "control":
            text = (
                self._tr("Granted.") if ok else self._tr("Should have been granted, but was not.")
            )
        if role == "refused":
            text = self._tr("Refused, as required.") if ok else self._tr("Not refused!")
        if step.title.startswith(CHECK) and ok:
            return PartEnd(number=number, ok=ok)  # the figures are shown by themselves
        return PartEnd(number=number, ok=ok, text=text or step.answer)

    def _figures(self, found: dict[str, Any]) -> Figures:
        tr, wrong = self._tr, str(found.get("wrong") or "")
        rows = tuple(
            Row(
                what=tr(str(one["what"])),
                value=f"{one['value']:.6g} {one['unit']}".strip(),
                wanted=f"{self._wanted(one['low'], one['high'])} {one['unit']}".strip(),
                right=bool(one["right"]),
                source=str(one.get("source", "")),
            )
            for one in found["figures"]
        )
        said = tr("The same, done wrongly on purpose, so that the check is seen to fail: {what}")
        return Figures(title=said.format(what=tr(wrong)) if wrong else tr("The figures"), rows=rows)

    def _wanted(self, low: float | None, high: float | None) -> str:
        """Return the bounds of a figure in words; None where there is none."""
        if low is None:
            return self._tr("at most {bound}").format(bound=f"{high:.6g}")
        if high is None:
            return self._tr("at least {bound}").format(bound=f"{low:.6g}")
        if low == high:
            return self._tr("exactly {bound}").format(bound=f"{low:.6g}")
        return self._tr("{low} to {high}").format(low=f"{low:.6g}", high=f"{high:.6g}")
