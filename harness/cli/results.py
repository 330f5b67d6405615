"""Commands for what was found: the nights, the month's figures, the catalogue, the publication."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import program
from harness.cli.options import TWIN, DryRunOption, InventoryOption
from harness.cli.terminal import out
from harness.errors import ExitCode

app = program()


@app.command()
def history(
    *,
    where: InventoryOption = TWIN,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option("--compare", metavar="RUN RUN", help="Show what changed between two runs."),
    ] = None,
    add: Annotated[
        list[Path] | None,
        typer.Option("--add", metavar="FOLDER", help="Enter a run or a published night."),
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="RUN", help="Remove a run.")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of statement.json.")
    ] = False,
    dry_run: DryRunOption = False,
) -> None:
    """List or compare nights; add or remove one."""
    from harness import inventory
    from harness.conformance import statement
    from harness.report import nights

    if schema:
        _print_json(statement.schema(), indent=1)
    elif compare:
        nights.compare(*compare, console=out())
    elif add or remove:
        nights.add(add or [], dry_run=dry_run, console=out())
        nights.remove(remove or [], dry_run=dry_run, console=out())
    else:
        nights.show(testbed=inventory.load(where).testbed.name, console=out())


@app.command()
def ola(
    where: InventoryOption = TWIN,
    month: Annotated[
        str, typer.Option("--month", metavar="YYYY-MM", help="By default, the newest month.")
    ] = "",
) -> None:
    """Report a month's availability and reliability.

    They are held against the agreement. Agreement and downtimes are those that the newest run of the
    inventory found when it began; what was declared afterwards counts from the next run on.
    """
    from harness.conformance.availability import Month
    from harness.report import levels

    chosen = Month.parse(month) if month else None
    met = levels.show(where, chosen, console=out())
    raise typer.Exit(ExitCode.AS_EXPECTED if met else ExitCode.DEVIATIONS)


@app.command()
def prune(
    keep: Annotated[
        int, typer.Option("--keep", help="Number of nights whose evidence and pages are kept.")
    ] = 30,
    *,
    dry_run: DryRunOption = False,
) -> None:
    """Remove evidence and pages of old nights.

    Statements and verdicts stay for ever.
    """
    from harness.report import prune as pruning

    pruning.prune(keep=keep, dry_run=dry_run, console=out())


@app.command()
def catalogue(
    *,
    family: Annotated[str, typer.Option("--family", help="AUTH, XFER, JOB ...")] = "",
    level: Annotated[str, typer.Option("--level", help="MUST, MUST NOT, SHOULD, MAY.")] = "",
    check: Annotated[str, typer.Option("--check", help="automatic, drill, record.")] = "",
    text: Annotated[str, typer.Option("--text", help="Text in id, statement or source.")] = "",
    coverage: Annotated[
        bool,
        typer.Option(
            "--coverage", help="Show the scenarios of each requirement, and their last verdicts."
        ),
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a family's file.")
    ] = False,
    where: InventoryOption = TWIN,
    run_: Annotated[
        Path | None,
        typer.Option("--run", metavar="RUN", help="Use verdicts of this run, not of runs/latest."),
    ] = None,
) -> None:
    """List the requirements, and their coverage by scenarios.

    With --coverage, which scenarios show each requirement, and what came of it.
    """
    from harness.conformance import catalogue as catalogues

    if schema:
        _print_json(catalogues.schema(), indent=2)
        return
    requirements = catalogues.load()
    chosen = requirements.select(family=family, level=level, check=check, text=text)
    from harness.report import listing

    if not coverage:
        listing.requirements(chosen, of=len(requirements), console=out())
        return
    from harness import inventory, overview
    from harness.conformance import runs

    listing.coverage(
        chosen,
        cells=overview.cells(inventory.load(where)),
        run=run_ or (runs.RUNS / runs.LATEST if (runs.RUNS / runs.LATEST).exists() else None),
        console=out(),
    )


@app.command()
def publish(
    *,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="TARGET",
            envvar="TESTBED_PUBLISH",
            help="A folder, ssh://[user@]host[:port]/path, s3://bucket[/prefix] or "
            "swift://container[/prefix].",
        ),
    ],
    dry_run: DryRunOption = False,
    where: InventoryOption = TWIN,
) -> None:
    """Publish the pages of all nights.

    The command can be interrupted and repeated at any time. What is there already is not sent again,
    and a night that is published is never touched. A page that holds a secret of the testbed is not
    published.
    """
    import datetime as dt

    from harness import inventory
    from harness.provision import vault
    from harness.report import findings, site
    from harness.report import publish as publishing
    from harness.state import State

    testbed = inventory.load(where).testbed
    publishing.publish(
        site.SITES / testbed.name,
        to,
        console=out(),
        secrets=vault.needles(State(testbed.name)),
        dry_run=dry_run,
    )
    if notice := findings.notice(findings.load(), dt.datetime.now(dt.UTC).date()):
        out().print(notice, highlight=False)


@app.command()
def notify(
    *,
    run_: Annotated[
        Path | None,
        typer.Argument(
            metavar="[RUN]",
            help="Folder of a night; by default, the newest of the history.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show the messages, without sending or recording them."),
    ] = False,
    where: InventoryOption = TWIN,
) -> None:
    """Notify those concerned of what has changed.

    By mail, webhook or ticket, as notify.yaml beside the inventory says; one message for each cause, and
    one when it has recovered. What cannot be delivered is sent the next time.
    """
    from harness import inventory
    from harness.notice import notify as notices

    notices.notify(inventory.load(where), folder=run_, dry_run=dry_run, console=out())


def _print_json(document: object, *, indent: int) -> None:
    import json

    typer.echo(json.dumps(document, indent=indent))
