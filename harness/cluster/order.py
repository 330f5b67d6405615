"""What a part of a run is asked to do, and how it has ended; both travel between machines."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

from harness import checkout, files
from harness.engine.choice import Choice
from harness.engine.session import Part
from harness.shards import Shard

LIMITS = "limits"
"""Folder in which the parts of a run share what they have used of the sites' budgets."""
STOP = "stop"
"""File that tells all workers to end what they run."""
PARENT = "TESTBED_PART_OF"
"""Variable that tells the process of a part the process with which it ends, and its folder."""
MARK = "mark"
"""File by which a worker knows that it sees the folder of the run."""


class Checkout(BaseModel):
    """The harness of a machine: what all machines of one run must have alike."""

    model_config = ConfigDict(frozen=True)

    version: str
    commit: str | None
    python: str

    @classmethod
    def here(cls) -> Self:
        """Return this machine's."""
        python = ".".join(map(str, sys.version_info[:2]))
        return cls(version=checkout.version(), commit=checkout.commit(), python=python)

    def __str__(self) -> str:
        return f"harness {self.version}, commit {self.commit or 'unknown'}, Python {self.python}"


class Order(BaseModel):
    """One part of a run."""

    model_config = ConfigDict(frozen=True)

    shard: str
    """Which: `2/8`."""
    mine: tuple[str, ...]
    """Its sites."""
    folder: Path
    """Of the whole run, where each part makes its own; all machines see it under this path."""
    mark: str
    """What the file `MARK` of that folder holds."""
    checkout: Checkout
    testbed: str
    inventory: Path
    digest: str
    """Of the inventory's files."""
    choice: Choice
    routes: tuple[str, ...]
    sites: tuple[str, ...]
    read_only: bool
    scenarios: Path
    settings: dict[str, str]
    """Variables of the environment, for workers that have none of their own."""

    @property
    def name(self) -> str:
        """What the part makes at the sites bears this name."""
        return f"{self.folder.name[-4:]}-{self.shard.replace('/', 'of')}"

    @property
    def part(self) -> Part:
        """The part, as a session of pytest knows it."""
        return Part(self.name, self.folder / LIMITS)

    def place(self, attempt: int) -> Path:
        """Return the folder of an attempt at the part; the first is 1."""
        return self.folder / f"{self.folder.name}-{self.shard.replace('/', 'of')}-{attempt}"

    def attempts(self) -> int:
        """Return how many attempts were begun."""
        number = 0
        while self.place(number + 1).exists():
            number += 1
        return number

    def misfit(self) -> str:
        """Say why this machine cannot run the part as the others run theirs; empty where it can."""
        try:
            seen = (self.folder / MARK).read_text()
        except OSError:
            seen = ""
        if seen != self.mark:
            return (
                f"it does not see {self.folder}. Let all workers share the folder of the runs, under the "
                "same path"
            )
        if (mine := Checkout.here()) != self.checkout:
            return (
                f"it has another harness ({mine}) than the machine that started the run "
                f"({self.checkout}). Start its worker from the same checkout"
            )
        if digest(self.inventory) != self.digest:
            return f"its inventory {self.inventory} is not there, or differs. Bring it the same"
        return ""


def orders(order: Order, shards: dict[Shard, tuple[str, ...]]) -> list[Order]:
    """Return the order of each part, made from one for all."""
    return [
        order.model_copy(update={"shard": str(shard), "mine": sites})
        for shard, sites in shards.items()
    ]


@dataclass(frozen=True)
class End:
    """How a part has ended."""

    shard: str
    code: int
    folder: str = ""
    """Its run; empty where none was begun."""
    said: str = ""
    """What it said last, where it could not run."""


class Lost(Exception):
    """What ran a part was killed."""


def digest(inventory: Path) -> str:
    """Return digests of an inventory's files, the same on each machine; empty where it is not there."""
    folder = inventory if inventory.is_dir() else inventory.parent
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return ",".join(f"{path.relative_to(folder)}={files.digest(path)}" for path in paths)
