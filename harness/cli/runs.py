"""Commands that run scenarios, and that judge, report and verify a run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from harness import extent as extents
from harness.cli.app import program
from harness.cli.options import (
    LATEST,
    TWIN,
    ExtentOption,
    FamilyOption,
    InventoryOption,
    KeywordOption,
    LangOption,
    RequirementOption,
    RunArgument,
    choice,
)
from harness.cli.terminal import out

app = program()


@app.command()
def run(
    *,
    where: InventoryOption = TWIN,
    keyword: KeywordOption = "",
    requirement: RequirementOption = None,
    family: FamilyOption = None,
    route: Annotated[
        list[str] | None,
        typer.Option(
            "--route",
            metavar="HOME:SITE",
            help="Only this route, as in egi:cstcloud or *:SITE; may be repeated.",
        ),
    ] = None,
    site: Annotated[
        list[str] | None,
        typer.Option("--site", metavar="SITE", help="Only routes to this site; may be repeated."),
    ] = None,
    shard: Annotated[
        str,
        typer.Option(
            "--shard",
            metavar="K/N",
            help="Only part K of N: every N-th site. `merge` joins the parts.",
        ),
    ] = "",
    shards: Annotated[
        int,
        typer.Option(
            "--shards",
            metavar="N",
            min=0,
            max=9999,
            help="Run in N parts, on the workers of a cluster.",
        ),
    ] = 0,
    cluster: Annotated[
        str,
        typer.Option(
            "--cluster",
            metavar="WHERE",
            help="A Dask scheduler (tcp://host:8786), slurm or htcondor; without it, this machine.",
        ),
    ] = "",
    extent: ExtentOption = "",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Read-only: run no scenario that stores or submits.")
    ] = False,
) -> None:
    """Run the scenarios over the routes and judge what was seen."""
    from harness import execution, inventory
    from harness.errors import BadInput
    from harness.shards import Shard

    if shards:
        from harness.cluster import driver

        if shard:
            raise BadInput(
                "--shard runs one part, and --shards runs all parts. Use only one of the two."
            )
        code = driver.run(
            inventory.load(where),
            shards=shards,
            cluster=cluster,
            choice=choice(keyword, requirement, family),
            routes=route or [],
            sites=site or [],
            read_only=read_only,
            console=out(),
        )
        raise typer.Exit(code)
    if cluster:
        raise BadInput("--cluster needs --shards, the number of parts of the run.")
    done = execution.run(
        inventory.load(where),
        choice=choice(keyword, requirement, family),
        routes=route or [],
        sites=site or [],
        shard=Shard.parse(shard) if shard else None,
        read_only=read_only,
        extent=extents.chosen(extent),
        console=out(),
    )
    raise typer.Exit(done.exit_code)


@app.command(hidden=True)
def part() -> None:
    """Run the part of a run that standard input describes; a worker of `run --shards` calls it."""
    import os
    import sys

    from harness.cluster import part as parts
    from harness.cluster.order import PARENT, Order

    parent, _, folder = os.environ[PARENT].partition(" ")
    order = Order.model_validate_json(sys.stdin.read())
    raise typer.Exit(parts.run(order, Path(folder), parent=int(parent), console=out()))


@app.command()
def nightly(
    *,
    where: InventoryOption = TWIN,
    keyword: KeywordOption = "",
    requirement: RequirementOption = None,
    family: FamilyOption = None,
    notify: Annotated[
        bool,
        typer.Option(
            "--notify",
            envvar="TESTBED_NOTIFY",
            help="Then run `testbed notify`.",
        ),
    ] = False,
    extent: ExtentOption = "",
) -> None:
    """Do everything: up, check, run, report.

    A night of a part of the scenarios does not count in the history of nights, and nobody is told of it.
    """
    from harness import inventory
    from harness import nightly as nights

    chosen = choice(keyword, requirement, family)
    wanted = extents.chosen(extent)
    loaded = inventory.load(where)
    code = nights.run(loaded, choice=chosen, extent=wanted, notify=notify, console=out())
    raise typer.Exit(code)


@app.command()
def merge(
    parts: Annotated[
        list[Path], typer.Argument(metavar="RUN...", help="Folders of all parts of a run.")
    ],
) -> None:
    """Join the parts of `testbed run --shard`, and judge them as one run.

    Parts that are missing, given twice or of different plans are reported.
    """
    from harness import shards

    raise typer.Exit(shards.merge(parts, console=out()))


@app.command()
def report(
    run_: RunArgument = LATEST,
    *,
    site: Annotated[
        str,
        typer.Option("--site", metavar="SITE", help="Write the page of this site, with --to."),
    ] = "",
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="One HTML file, which can be sent by mail."),
    ] = None,
    lang: LangOption = "",
) -> None:
    """Rebuild the report of a run, and show its table.

    With --site and --to, write the page of a site as one file that needs nothing beside it.
    """
    from harness import report as reports

    if not site and to is None:
        reports.build(run_, console=out(), lang=lang)
        return
    from harness.errors import BadInput

    if not site or to is None:
        raise BadInput("--site and --to go together: `testbed report --site SITE --to FILE.html`.")
    from harness.conformance.statement import Statement
    from harness.provision import vault
    from harness.report import site as pages
    from harness.state import State
    from harness.translation import chosen

    pages.write_letter(
        run_.resolve(),
        site,
        to,
        console=out(),
        secrets=vault.needles(State(Statement.read(run_).run.testbed)),
        language=chosen(lang, os.environ),
    )
    out().print(f"{site}: {to}", highlight=False, markup=False, soft_wrap=True)


@app.command()
def judge(run_: RunArgument = LATEST, lang: LangOption = "") -> None:
    """Judge a run again, and show its table."""
    from harness import report as reports

    raise typer.Exit(reports.judge(run_, console=out(), lang=lang).exit_code)


@app.command()
def verify(
    run_: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run, or of a published night.")
    ] = LATEST,
) -> None:
    """Check that a run's files are unchanged.

    They are plan, copies, outcomes and all evidence. Of a published night, the evidence is held against
    its statement.json.
    """
    from harness.conformance import evidence, statement, verification
    from harness.printable import storable

    complaints = verification.verify(run_)
    for complaint in complaints:
        out().print(storable(complaint), markup=False, highlight=False, soft_wrap=True)
    if evidence.pruned(run_):
        out().print("its evidence was removed by `testbed prune`", highlight=False)
    out().print(f"complaints: {len(complaints)}", highlight=False)
    raise typer.Exit(statement.exit_code(complaints))


@app.command()
def prove(
    *,
    where: InventoryOption = TWIN,
    keyword: KeywordOption = "",
    requirement: RequirementOption = None,
    family: FamilyOption = None,
    mutant: Annotated[
        list[str] | None,
        typer.Option("--mutant", metavar="ID", help="Only this mutant; may be repeated."),
    ] = None,
    extent: ExtentOption = "",
) -> None:
    """Prove that the scenarios fail at broken sites.

    The mutants are listed in scenarios/mutants.yaml. Starts the testbed and the hosts that make the
    broken sites; ends with 1 where a scenario survives, naming it.
    """
    from harness import inventory
    from harness.proof import prove as proofs

    proof = proofs.prove(
        inventory.load(where),
        choice=choice(keyword, requirement, family),
        only=mutant or [],
        extent=extents.chosen(extent),
        console=out(),
    )
    raise typer.Exit(proof.exit_code)
