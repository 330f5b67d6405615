"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness import extent

if TYPE_CHECKING:
    from harness.engine.choice import Choice

InventoryOption = Annotated[
    Path,
    typer.Option(
        "--inventory", "-i", envvar="TESTBED_INVENTORY", help="Folder of the Ansible inventory."
    ),
]
TWIN = Path("inventories/twin")

KeywordOption = Annotated[
    str,
    typer.Option(
        "-k",
        metavar="EXPR",
        help="Only scenarios of which file, name, marks or requirements match: 'checksum and not pull'.",
    ),
]
RequirementOption = Annotated[
    list[str] | None,
    typer.Option(
        "--requirement",
        metavar="ID",
        help="Only scenarios that show this requirement (AUTH-017), or these; may be repeated.",
    ),
]
FamilyOption = Annotated[
    list[str] | None,
    typer.Option(
        "--family",
        metavar="FAMILY",
        help="Only scenarios that show requirements of this family (XFER); may be repeated.",
    ),
]
ExtentOption = Annotated[
    str,
    typer.Option(
        "--extent",
        metavar="core|full",
        envvar=extent.SETTING,
        help="What is run: the core, or the full extent, with what is too heavy for every night.",
    ),
]
LangOption = Annotated[
    str,
    typer.Option("--lang", metavar="LANG", help="Language: en or zh; by default that of LANG."),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
]
_DAY = 86_400


def _seconds(value: float) -> float:
    """Refuse a time that nobody can wait for, `nan` too, which compares with nothing."""
    if 0 <= value <= _DAY:
        return value
    raise typer.BadParameter(f"{value:g} is no number of seconds from 0 to {_DAY}.")


WaitOption = Annotated[
    float,
    typer.Option(
        "--wait", metavar="SECONDS", callback=_seconds, help="How long services get to come up."
    ),
]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]
LATEST = Path("runs/latest")


def choice(keyword: str, requirements: list[str] | None, families: list[str] | None) -> Choice:
    """Return what these options ask for."""
    from harness.engine.choice import Choice

    return Choice(keyword, tuple(requirements or ()), tuple(families or ()))
