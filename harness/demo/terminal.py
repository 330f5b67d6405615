"""The demonstration in a terminal: what is done, line by line, as it is done."""

from __future__ import annotations

from functools import singledispatchmethod
from typing import ClassVar

from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from harness.demo.events import (
    Act,
    ActEnd,
    AnyEvent,
    Begin,
    Closing,
    Credential,
    End,
    Figures,
    Opening,
    Part,
    PartEnd,
    Picture,
)
from harness.narration import Translate
from harness.printable import printable

_INDENT = 2
_LINES = 6
"""Of what a part has to say at its end."""


class Terminal:
    """Prints events."""

    _colours: ClassVar = {"control": "green", "refused": "magenta", "clean-up": "dim", "": "bold"}

    _marks: ClassVar = {
        "done": ("✓", "green"),
        "declined": ("⊘", "magenta"),
        "failed": ("✗", "red"),
    }

    def __init__(self, console: Console, tr: Translate) -> None:
        self._console, self._tr = console, tr
        self._names: dict[str, str] = {}
        """Of the places, by their ids."""
        self._seen: set[Credential] = set()
        """Credentials whose claims were told."""

    def __call__(self, event: AnyEvent) -> None:
        """Print an event; go on in silence where the terminal was closed."""
        try:
            self._tell(event)
        except (OSError, SystemExit):  # rich ends the program where a pipe is broken
            self._console.quiet = True

    @singledispatchmethod
    def _tell(self, event: AnyEvent) -> None:
        raise NotImplementedError(type(event).__name__)

    @_tell.register
    def _(self, event: Opening) -> None:
        self._names = {
            place.id: f"{land.title} {place.title}" for land in event.lands for place in land.places
        }
        lands = Table.grid(padding=(0, 3), expand=True)
        lands.add_row(
            *(
                Panel(
                    Text("\n".join(f"{p.title}  {p.note}" for p in land.places), overflow="fold"),
                    title=Text(land.title),
                    border_style="blue" if land.home else "yellow",
                )
                for land in event.lands
            )
        )
        head = Text(event.title, style="bold")
        self._console.print(head)
        self._console.print(Text(event.question))
        self._console.print(Text(event.route, style="dim"))
        self._console.print(lands)

    @_tell.register
    def _(self, event: Act) -> None:
        self._console.print()
        self._console.rule(Text(f"{event.number}. {event.title}", style="bold"), align="left")

    @_tell.register
    def _(self, event: Part) -> None:
        self._console.print(Text(event.title, style=self._colours[event.role]))

    @_tell.register
    def _(self, event: PartEnd) -> None:
        for line in event.text.splitlines()[:_LINES]:
            style = "green" if event.ok else "red"
            self._indented(Text(printable(line), style=style))

    @_tell.register
    def _(self, event: Begin) -> None:
        way = Text()
        if event.source and event.target:
            arrow = " ━━▶ " if event.moves else " ──▷ "
            way = Text(f"{self._name(event.source)}{arrow}{self._name(event.target)}", style="cyan")
        self._indented(Group(Text(printable(event.text)), *([way] if way else [])))
        if event.credential:
            self._credential(event.credential)

    @_tell.register
    def _(self, event: End) -> None:
        mark, style = self._marks[event.how]
        self._indented(
            Text.assemble((f"{mark} {event.result}", style), (f"  {event.seconds:.2f} s", "dim"))
        )
        if event.credential:
            self._credential(event.credential)

    @_tell.register
    def _(self, _event: Picture) -> None:
        self._indented(Text(self._tr("The picture is on the page."), style="dim"))

    @_tell.register
    def _(self, event: Figures) -> None:
        table = Table(title=Text(event.title), title_justify="left", box=None, padding=(0, 1))
        for column in (self._tr("Figure"), self._tr("Value"), self._tr("Wanted"), ""):
            table.add_column(column, overflow="fold")
        for row in event.rows:
            said = self._tr("✓ right") if row.right else self._tr("✗ wrong")
            table.add_row(
                Text(row.what),
                Text(row.value),
                Text(row.wanted),
                Text(said, style="green" if row.right else "red"),
            )
        self._indented(table)

    @_tell.register
    def _(self, event: ActEnd) -> None:
        self._console.print(Text(event.text, style="bold green" if event.ok else "bold red"))

    @_tell.register
    def _(self, event: Closing) -> None:
        self._console.print()
        self._console.print(Text(event.text, style="bold green" if event.ok else "bold red"))

    def _credential(self, credential: Credential) -> None:
        """Tell what a token says; of one that was told before, only that it is that one."""
        title = Text(f"⚿ {credential.title}", style="yellow" if credential.good else "red")
        if credential in self._seen:
            self._indented(title.append(self._tr(" (as above)"), style="dim"), times=2)
            return
        self._seen.add(credential)
        grid = Table.grid(padding=(0, 1))
        for name, value in credential.rows:
            grid.add_row(Text(name, style="dim"), Text(printable(value), overflow="fold"))
        self._indented(Group(title, grid), times=2)

    def _indented(self, what: Text | Group | Table, *, times: int = 1) -> None:
        self._console.print(Padding(what, (0, 0, 0, times * _INDENT), expand=False))

    def _name(self, place: str) -> str:
        return self._names.get(place, place)
