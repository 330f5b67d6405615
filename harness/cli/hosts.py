"""Commands for the hosts of a testbed: start, check, look at and remove them."""

from __future__ import annotations

from typing import Annotated

import typer

from harness.cli.app import program
from harness.cli.options import (
    TWIN,
    DryRunOption,
    ExtentOption,
    FamilyOption,
    InventoryOption,
    KeywordOption,
    RequirementOption,
    WaitOption,
    choice,
)
from harness.cli.terminal import out
from harness.errors import ExitCode

app = program()


@app.command()
def up(
    where: InventoryOption = TWIN,
    again: Annotated[
        bool, typer.Option("--again", help="Run the playbooks again on running hosts.")
    ] = False,
    extent: ExtentOption = "",
) -> None:
    """Start every host of the extent, from snapshots where nothing has changed.

    Creates what is missing: the container engine (as root on Debian or Ubuntu), the base
    image, keys and secrets. Settings: TESTBED_MIRROR (a Debian mirror), TESTBED_BASE_IMAGE (an image
    to use instead of one made here), TESTBED_ANSIBLE_STRATEGY (`free` where mitogen is not wanted).
    """
    from harness import extent as extents
    from harness import inventory
    from harness.provision import lifecycle

    chosen = extents.chosen(extent)
    if again:
        changed = lifecycle.again(inventory.load(where), extent=chosen, console=out())
        raise typer.Exit(ExitCode.DEVIATIONS if changed else ExitCode.AS_EXPECTED)
    found = lifecycle.up(inventory.load(where), extent=chosen, console=out())
    raise typer.Exit(ExitCode.AS_EXPECTED if found.healthy else ExitCode.INCONCLUSIVE)


@app.command()
def check(
    where: InventoryOption = TWIN,
    wait: WaitOption = 10,
    extent: ExtentOption = "",
) -> None:
    """Check services, ports and versions of every host of the extent.

    What is checked stands in each role's health.yml.
    """
    from harness import extent as extents
    from harness import inventory
    from harness.provision import health, recovery

    found = inventory.load(where)
    recovery.settle_if_free(found, console=out())
    findings = health.check(
        found, hosts=found.testbed.hosts_of(extents.chosen(extent)), deadline=wait
    )
    health.show(findings, console=out())
    raise typer.Exit(ExitCode.AS_EXPECTED if findings.healthy else ExitCode.INCONCLUSIVE)


@app.command()
def status(where: InventoryOption = TWIN) -> None:
    """Show the state of the testbed, and who is working on it."""
    from harness import inventory
    from harness.provision import status as statuses

    statuses.show(inventory.load(where), console=out())


@app.command(name="list")
def list_(
    where: InventoryOption = TWIN,
    keyword: KeywordOption = "",
    requirement: RequirementOption = None,
    family: FamilyOption = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="List every scenario.")] = False,
    coverage: Annotated[
        bool,
        typer.Option(
            "--coverage", help="Show how much of the catalogue the members' credentials can show."
        ),
    ] = False,
) -> None:
    """List infrastructures, sites, services, routes and scenarios.

    Scenarios are counted by family. Those that -k, --requirement or --family select are listed; with --all,
    every one is.

    With --coverage: how much of the catalogue can be shown with the sources of credentials that the
    inventory chooses for its members, what cannot and why, and what other sources would add. Nobody is
    asked for that.
    """
    from harness import coverage as coverages
    from harness import inventory, overview

    chosen = choice(keyword, requirement, family)
    if coverage:
        coverages.show(inventory.load(where), choice=chosen, console=out())
    else:
        overview.show(inventory.load(where), choice=chosen, every=every, console=out())


@app.command()
def down(
    where: InventoryOption = TWIN,
    purge: Annotated[
        bool, typer.Option("--purge", help="Also remove snapshots, keys and secrets.")
    ] = False,
) -> None:
    """Remove the testbed's containers and networks.

    Nothing else is removed: snapshots, keys and secrets stay, so that the next `testbed up` takes
    seconds.
    """
    from harness import inventory
    from harness.provision import removal

    removal.down(inventory.load(where), purge=purge, console=out())


@app.command()
def clean(
    where: InventoryOption = TWIN,
    site: Annotated[
        list[str] | None,
        typer.Option("--site", metavar="SITE", help="Only at this site; may be repeated."),
    ] = None,
    dry_run: DryRunOption = False,
) -> None:
    """Remove what a killed run has left at services and workstations.

    It is found by its name, which begins with `interop-testbed-`. Ends with 3 where a service could not be
    asked, or did not remove it.
    """
    from harness import cleaning, inventory

    done = cleaning.clean(inventory.load(where), sites=site or [], dry_run=dry_run, console=out())
    raise typer.Exit(ExitCode.INCONCLUSIVE if done.troubles else ExitCode.AS_EXPECTED)


@app.command()
def doctor(where: InventoryOption = TWIN) -> None:
    """Check that this machine has what the testbed needs."""
    from harness import inventory
    from harness.provision import doctor as doctors

    findings = doctors.examine(inventory.load(where))
    doctors.show(findings, console=out())
    raise typer.Exit(ExitCode.AS_EXPECTED if findings.ready else ExitCode.USAGE)
