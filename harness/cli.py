"""The command `testbed`: reads arguments, calls one stage, turns its result into an exit code."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from harness import execution, inventory, nightly, report, tokens
from harness.conformance import catalogue, evidence, runs, statement, verification
from harness.conformance.availability import Month
from harness.errors import ExitCode, TestbedError
from harness.model import MemberKind
from harness.proof import prove as proofs
from harness.provision import doctor as doctors
from harness.provision import health, lifecycle, vault
from harness.report import findings, levels, listing, nights, site
from harness.report import prune as pruning
from harness.report import publish as publishing
from harness.services.issuer.client import SCOPE
from harness.state import State

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Provision paired testbed sites, run interoperability scenarios over every route, "
    "and publish verdicts.",
    epilog="Exit codes: 0 as expected, 1 deviations or failures, 2 usage or bad input, "
    "3 inconclusive.",
)
INTERRUPTED = 130
out = Console()
err = Console(stderr=True)

InventoryOption = Annotated[
    Path,
    typer.Option(
        "--inventory", "-i", envvar="TESTBED_INVENTORY", help="Folder of the Ansible inventory."
    ),
]
TWIN = Path("inventories/twin")
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
]


@app.command()
def up(
    where: InventoryOption = TWIN,
    again: Annotated[
        bool, typer.Option("--again", help="Run the playbooks once more on hosts that are up.")
    ] = False,
) -> None:
    """Start every host: from snapshots where nothing changed, else by provisioning it.

    Makes what is missing on the way: the container engine (as root on Debian or Ubuntu), the base
    image, keys and secrets. Settings: TESTBED_MIRROR (a Debian mirror), TESTBED_BASE_IMAGE (an image
    to use instead of one made here), TESTBED_ANSIBLE_STRATEGY (`free` where mitogen is not wanted).
    """
    if again:
        changed = lifecycle.again(inventory.load(where), console=out)
        raise typer.Exit(ExitCode.DEVIATIONS if changed else ExitCode.AS_EXPECTED)
    found = lifecycle.up(inventory.load(where), console=out)
    raise typer.Exit(ExitCode.AS_EXPECTED if found.healthy else ExitCode.INCONCLUSIVE)


@app.command()
def check(
    where: InventoryOption = TWIN,
    wait: Annotated[
        float, typer.Option("--wait", help="Seconds that services get to come up.")
    ] = 10,
) -> None:
    """Check services, ports and versions of every host, as each role's health.yml says."""
    findings = health.check(inventory.load(where), deadline=wait)
    health.show(findings, console=out)
    raise typer.Exit(ExitCode.AS_EXPECTED if findings.healthy else ExitCode.INCONCLUSIVE)


@app.command()
def run(
    where: InventoryOption = TWIN,
    keyword: Annotated[
        str, typer.Option("-k", metavar="EXPR", help="Only scenarios that match, as in pytest.")
    ] = "",
    route: Annotated[
        list[str] | None,
        typer.Option("--route", metavar="HOME:RESOURCE", help="Only this route; may be repeated."),
    ] = None,
) -> None:
    """Run the scenarios over the routes and judge what was seen."""
    done = execution.run(inventory.load(where), keyword=keyword, routes=route or [], console=out)
    raise typer.Exit(done.exit_code)


@app.command(name="report")
def report_(
    run_: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")] = Path(
        "runs/latest"
    ),
) -> None:
    """Build the report of a run again, and show its table."""
    report.build(run_, console=out)


@app.command()
def judge(
    run_: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a run.")] = Path(
        "runs/latest"
    ),
) -> None:
    """Judge a run again from its files alone, and show its table."""
    raise typer.Exit(report.judge(run_, console=out).exit_code)


@app.command()
def verify(
    run_: Annotated[
        Path, typer.Argument(metavar="RUN", help="Folder of a run, or of a published night.")
    ] = Path("runs/latest"),
) -> None:
    """Check that a run's files are as the run left them: plan, copies, outcomes and all evidence.

    Of a published night, the evidence is held against its statement.json.
    """
    complaints = verification.verify(run_)
    for complaint in complaints:
        out.print(escape(complaint), highlight=False, soft_wrap=True)
    if evidence.pruned(run_):
        out.print("its evidence was removed by `testbed prune`", highlight=False)
    out.print(f"complaints: {len(complaints)}", highlight=False)
    raise typer.Exit(statement.exit_code(complaints))


@app.command(name="history")
def history_(
    *,
    where: InventoryOption = TWIN,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option("--compare", metavar="RUN RUN", help="What changed from one to the other."),
    ] = None,
    add: Annotated[
        list[Path] | None,
        typer.Option("--add", metavar="FOLDER", help="Enter a run or a published night."),
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="RUN", help="Take a run out.")
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of statement.json.")
    ] = False,
    dry_run: DryRunOption = False,
) -> None:
    """List the nights; compare two; enter or take out others."""
    if schema:
        typer.echo(json.dumps(statement.schema(), indent=1))
    elif compare:
        nights.compare(*compare, console=out)
    elif add or remove:
        nights.add(add or [], dry_run=dry_run, console=out)
        nights.remove(remove or [], dry_run=dry_run, console=out)
    else:
        nights.show(testbed=inventory.load(where).testbed.name, console=out)


@app.command(name="ola")
def ola_(
    where: InventoryOption = TWIN,
    month: Annotated[
        str, typer.Option("--month", metavar="YYYY-MM", help="The newest month where not given.")
    ] = "",
) -> None:
    """Report a month: availability and reliability, held against the agreement.

    Agreement and downtimes are those that the newest run of the inventory found when it began; what was
    declared afterwards counts from the next run on.
    """
    chosen = Month.parse(month) if month else None
    met = levels.show(where, chosen, console=out)
    raise typer.Exit(ExitCode.AS_EXPECTED if met else ExitCode.DEVIATIONS)


@app.command()
def prune(
    keep: Annotated[int, typer.Option("--keep", help="Nights whose evidence and pages stay.")] = 30,
    *,
    dry_run: DryRunOption = False,
) -> None:
    """Remove evidence and pages of old nights; statements and verdicts stay for ever."""
    pruning.prune(keep=keep, dry_run=dry_run, console=out)


@app.command(name="catalogue")
def catalogue_(
    *,
    family: Annotated[str, typer.Option("--family", help="AUTH, XFER, JOB ...")] = "",
    level: Annotated[str, typer.Option("--level", help="MUST, MUST NOT, SHOULD, MAY.")] = "",
    check_: Annotated[str, typer.Option("--check", help="automatic, drill, record.")] = "",
    text: Annotated[str, typer.Option("--text", help="In id, statement or source.")] = "",
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Scenarios of each, and last verdicts.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a family's file.")
    ] = False,
    where: InventoryOption = TWIN,
    run_: Annotated[
        Path | None,
        typer.Option("--run", metavar="RUN", help="Verdicts of this run, not of runs/latest."),
    ] = None,
) -> None:
    """List the requirements; with --coverage, which scenarios show them, and what came of it."""
    if schema:
        typer.echo(json.dumps(catalogue.schema(), indent=2))
        return
    requirements = catalogue.load()
    chosen = requirements.select(family=family, level=level, check=check_, text=text)
    if not coverage:
        listing.requirements(chosen, of=len(requirements), console=out)
        return
    listing.coverage(
        chosen,
        cells=execution.cells(inventory.load(where)),
        run=run_ or (runs.RUNS / runs.LATEST if (runs.RUNS / runs.LATEST).exists() else None),
        console=out,
    )


@app.command()
def prove(
    where: InventoryOption = TWIN,
    keyword: Annotated[
        str, typer.Option("-k", metavar="EXPR", help="Only scenarios that match, as in pytest.")
    ] = "",
    mutant: Annotated[
        list[str] | None,
        typer.Option("--mutant", metavar="ID", help="Only this mutant; may be repeated."),
    ] = None,
) -> None:
    """Prove that the scenarios can fail: run each against the broken sites that must make it fail.

    The mutants are listed in scenarios/mutants.yaml. Starts the testbed and the hosts that make the
    broken sites; ends with 1 where a scenario survives, naming it.
    """
    proof = proofs.prove(inventory.load(where), keyword=keyword, only=mutant or [], console=out)
    raise typer.Exit(proof.exit_code)


@app.command(name="nightly")
def nightly_(where: InventoryOption = TWIN) -> None:
    """Do it all: up, check, run, report."""
    raise typer.Exit(nightly.run(inventory.load(where), console=out))


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
    """Publish the pages of all nights; can be interrupted and repeated at any time.

    What is there already is not sent again, and a night that is published is never touched. No page goes
    out that holds a secret of the testbed.
    """
    testbed = inventory.load(where).testbed
    publishing.publish(
        site.SITES / testbed.name,
        to,
        console=out,
        secrets=vault.needles(State(testbed.name)),
        dry_run=dry_run,
    )
    if notice := findings.notice(findings.load(), dt.datetime.now(dt.UTC).date()):
        out.print(notice, highlight=False)


@app.command()
def down(
    where: InventoryOption = TWIN,
    purge: Annotated[
        bool, typer.Option("--purge", help="Remove snapshots, keys and secrets too.")
    ] = False,
) -> None:
    """Remove the testbed's containers and networks, and nothing else.

    Snapshots, keys and secrets stay, so that the next `testbed up` takes seconds.
    """
    lifecycle.down(inventory.load(where), purge=purge, console=out)


@app.command()
def status(where: InventoryOption = TWIN) -> None:
    """Show what of the testbed is there, and who works on it."""
    lifecycle.status(inventory.load(where), console=out)


@app.command(name="list")
def list_(where: InventoryOption = TWIN) -> None:
    """List infrastructures, sites, services, routes and scenarios."""
    execution.listing(inventory.load(where), console=out)


@app.command()
def token(
    *,
    where: InventoryOption = TWIN,
    home: Annotated[str, typer.Option("--home", help="The user's infrastructure.")] = "egi",
    member: Annotated[MemberKind, typer.Option("--member", help="Which of its users.")] = "member",
    audience: Annotated[
        str | None, typer.Option("--audience", help="The service that it is for.")
    ] = None,
    scope: Annotated[str, typer.Option("--scope", help="What it permits.")] = SCOPE,
    expired: Annotated[bool, typer.Option("--expired", help="It ended an hour ago.")] = False,
    not_before: Annotated[
        int | None, typer.Option("--not-before", metavar="SECONDS", help="It begins only then.")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option("--without", metavar="CLAIM", help="Leave it out; may be repeated."),
    ] = None,
    claim: Annotated[
        list[str] | None,
        typer.Option("--claim", metavar="NAME=TEXT", help="Put it in; NAME:=JSON; repeatable."),
    ] = None,
) -> None:
    """Print a token of one of the testbed's users, to look at a site by hand: `T=$(testbed token)`.

    The last four options forge it with a fault, signed by the issuer's own key: only where that is
    the testbed's.
    """
    asked = {
        "expired": expired or None,
        "not_before": not_before,
        "without": without,
        "claims": tokens.parse_claims(claim or ()),
    }
    faults = {name: fault for name, fault in asked.items() if fault is not None and fault != {}}
    made = tokens.get(
        inventory.load(where), home=home, kind=member, audience=audience, scope=scope, faults=faults
    )
    typer.echo(made.value)


@app.command()
def doctor(where: InventoryOption = TWIN) -> None:
    """Check what this machine must have, and say what to do about what it lacks."""
    findings = doctors.examine(inventory.load(where))
    doctors.show(findings, console=out)
    raise typer.Exit(ExitCode.AS_EXPECTED if findings.ready else ExitCode.USAGE)


def main() -> None:
    """Run the command line; errors of ours are told in their own words, without a traceback."""
    try:
        app(standalone_mode=True)
    except TestbedError as error:
        err.print(f"[bold red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            err.print("interrupted: the same command goes on from here, `testbed down` cleans up")
        raise
