"""The command that shows a use case to people."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import program
from harness.cli.options import TWIN, InventoryOption
from harness.cli.terminal import out

app = program()


@app.command()
def demo(
    *,
    case: Annotated[
        str, typer.Argument(metavar="CASE", help="Use case, such as environment.")
    ] = "",
    where: InventoryOption = TWIN,
    route: Annotated[
        str,
        typer.Option(
            "--route", metavar="HOME:SITE", help="The route: whose user, and at which site."
        ),
    ] = "",
    pace: Annotated[
        str,
        typer.Option(
            "--pace", metavar="SECONDS|key", help="Pause before each step, or wait for a key press."
        ),
    ] = "1",
    lang: Annotated[
        str,
        typer.Option("--lang", metavar="LANG", help="en or zh; by default, the language of LANG."),
    ] = "",
    listen: Annotated[
        str,
        typer.Option(
            "--listen", metavar="ADDRESS:PORT", help="Address at which the page is served."
        ),
    ] = "127.0.0.1:8765",
    with_page: Annotated[
        bool, typer.Option("--page/--no-page", help="Serve the page, or use only the terminal.")
    ] = True,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record", metavar="FILE", help="Write a page that replays the demonstration."
        ),
    ] = None,
) -> None:
    """Show a use case live, in the terminal and on a page.

    The scenario of the use case runs for real on one route, and after it a refusal: the computing element
    must refuse a job with an expired token. Each step shows who asks whom, what the token says of itself,
    and what came back. No token and no password is shown. Without CASE, all use cases are listed.
    """
    from harness import inventory, translation
    from harness.demo import acts, performance
    from harness.demo.pace import Pace
    from harness.demo.server import Address

    language = translation.chosen(lang, os.environ)
    speed = Pace.parse(pace)
    address = Address.parse(listen) if with_page else None
    acts.case(case)
    code = performance.show(
        inventory.load(where),
        case=case,
        route=route,
        pace=speed,
        listen=address,
        record=record,
        tr=translation.Speaker(language),
        console=out(),
    )
    raise typer.Exit(code)
