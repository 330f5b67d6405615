"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

InventoryOption = Annotated[
    Path,
    typer.Option(
        "--inventory", "-i", envvar="TESTBED_INVENTORY", help="Folder of the Ansible inventory."
    ),
]
TWIN = Path("inventories/twin")

KeywordOption = Annotated[
    str, typer.Option("-k", metavar="EXPR", help="Only scenarios that match, as in pytest.")
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
]
RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")]
LATEST = Path("runs/latest")
