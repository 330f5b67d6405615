"""What a demonstration tells, in the order in which it happens; texts are in the reader's language.

The page takes them as JSON, live and from a recording; the terminal prints them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Role = Literal["", "control", "refused", "clean-up"]
"""What a part of the story is there for: a refusal is shown beside its control."""


Ending = Literal["done", "declined", "failed"]
"""A service does what it is asked, or answers that it does not; or our own client gets no further."""


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)


class Place(_Event):
    """Something on the map."""

    id: str
    title: str
    note: str
    """The software, or whose it is."""
    kind: str


class Land(_Event):
    """An infrastructure on the map."""

    name: str
    title: str
    home: bool
    """Whether it is the user's own."""
    places: tuple[Place, ...]


class Credential(_Event):
    """What a token says of itself; never the token."""

    title: str
    rows: tuple[tuple[str, str], ...]
    """Name of a claim in words, and its value."""
    good: bool
    """False of one whose time is over, or has not come."""


class Opening(_Event):
    """What will be shown, and where."""

    kind: Literal["opening"] = "opening"
    title: str
    question: str
    method: str
    software: tuple[str, ...]
    route: str
    start: str
    lands: tuple[Land, ...]
    acts: tuple[str, ...]


class Act(_Event):
    """A scenario begins."""

    kind: Literal["act"] = "act"
    number: int
    title: str


class Part(_Event):
    """A part of an act begins."""

    kind: Literal["part"] = "part"
    number: int
    title: str
    role: Role = ""


class PartEnd(_Event):
    """A part of an act has ended."""

    kind: Literal["part-end"] = "part-end"
    number: int
    ok: bool
    text: str = ""


class Begin(_Event):
    """An action is about to be done."""

    kind: Literal["begin"] = "begin"
    number: int
    text: str
    source: str
    """Id of the place where something goes from; empty where it is not on the map."""
    target: str
    moves: bool
    """Whether data, a job or a token go that way, and not only a question."""
    role: Role = ""
    credential: Credential | None = None
    """With which it is done."""
    sent: str = ""


class End(_Event):
    """An action is done."""

    kind: Literal["end"] = "end"
    number: int
    how: Ending
    result: str
    """The service's answer in a few words: `HTTP 201`."""
    seconds: float
    credential: Credential | None = None
    """That came back."""
    answer: str = ""


class Picture(_Event):
    """The picture that a scientist looks at."""

    kind: Literal["picture"] = "picture"
    title: str
    data: str
    """As a `data:` URL."""


class Row(_Event):
    """A figure of the result."""

    what: str
    value: str
    wanted: str
    right: bool
    source: str = ""


class Figures(_Event):
    """The figures by which a scientist judges the result."""

    kind: Literal["figures"] = "figures"
    title: str
    rows: tuple[Row, ...]


class ActEnd(_Event):
    """A scenario has ended."""

    kind: Literal["act-end"] = "act-end"
    number: int
    ok: bool
    text: str


class Closing(_Event):
    """All is over."""

    kind: Literal["closing"] = "closing"
    ok: bool
    text: str


AnyEvent = Opening | Act | Part | PartEnd | Begin | End | Picture | Figures | ActEnd | Closing


class Stamped(_Event):
    """An event with its place in the story."""

    number: int
    at: float
    """Seconds since the opening."""
    event: Annotated[AnyEvent, Field(discriminator="kind")]
