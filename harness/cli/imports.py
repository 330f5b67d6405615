"""Commands that write the sites of a registry into an inventory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.app import program
from harness.cli.options import DryRunOption
from harness.cli.terminal import out

if TYPE_CHECKING:
    from harness.importers.export import Export

app = program(
    no_args_is_help=True,
    help="Import sites from a registry into an inventory. What people wrote there stays.",
)

SourceArgument = Annotated[str, typer.Argument(metavar="FILE|URL", help="The export.")]
IntoOption = Annotated[
    Path,
    typer.Option(
        "--into",
        "--inventory",
        "-i",
        metavar="FOLDER",
        help="Folder of the inventory; created if needed.",
    ),
]
INTO = Path("inventories/imported")
InfrastructureOption = Annotated[
    str, typer.Option("--infrastructure", help="The infrastructure to which the sites belong.")
]
SiteOption = Annotated[
    list[str] | None,
    typer.Option("--site", metavar="SITE", help="Only this site; may be repeated."),
]
VoOption = Annotated[str, typer.Option("--vo", help="The virtual organisation used by the tests.")]
AllOption = Annotated[
    bool, typer.Option("--all", help="Include what is not in production, certified or active.")
]
EachOption = Annotated[bool, typer.Option("--each", help="List everything that was left out.")]


@app.command()
def gocdb(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|URL...",
            help="XML of get_service, get_downtime or get_site. All pages of an address are read.",
        ),
    ],
    *,
    into: IntoOption = INTO,
    infrastructure: InfrastructureOption = "egi",
    scope: Annotated[
        str, typer.Option("--scope", metavar="TAG", help="Only services with this scope tag.")
    ] = "",
    site: SiteOption = None,
    vo: VoOption = "",
    everything: AllOption = False,
    each: EachOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Import services and downtimes from the GOCDB's XML.

    Several exports may be given together. get_site tells which sites are certified.
    """
    from harness.importers import gocdb as reader
    from harness.importers.gocdb_services import Wanted

    export = reader.read(sources, Wanted(scope, everything, infrastructure, frozenset(site or ())))
    _finish(export, into, infrastructure, vo=vo, each=each, dry_run=dry_run)


@app.command()
def fedcloudclient(
    source: Annotated[
        str, typer.Argument(metavar="FILE|DIR", help="A site file, or a folder of them.")
    ],
    *,
    into: IntoOption = INTO,
    infrastructure: InfrastructureOption = "egi",
    site: SiteOption = None,
    vo: VoOption = "",
    each: EachOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Import clouds from the site files of fedcloudclient (YAML)."""
    from harness.importers import fedcloudclient as reader

    export = reader.read(source, vo=vo, infrastructure=infrastructure, only=site or ())
    _finish(export, into, infrastructure, vo=vo, each=each, dry_run=dry_run)


@app.command()
def cric(
    source: SourceArgument,
    *,
    into: IntoOption = INTO,
    infrastructure: InfrastructureOption = "egi",
    site: SiteOption = None,
    vo: VoOption = "",
    everything: AllOption = False,
    each: EachOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Import storages from CRIC's JSON.

    It is that of api/core/service/query/?json&type=SE, or of an experiment's ddmendpoint query.
    """
    from harness.importers import cric as reader

    export = reader.read(source, everything=everything, only=site or ())
    _finish(export, into, infrastructure, vo=vo, each=each, dry_run=dry_run)


@app.command()
def keystone(
    source: SourceArgument,
    *,
    into: IntoOption = INTO,
    infrastructure: InfrastructureOption = "egi",
    site: Annotated[str, typer.Option("--site", help="The site's name, as in MY-SITE.")] = "",
    region: Annotated[str, typer.Option("--region", help="Only this region.")] = "",
    vo: VoOption = "",
    each: EachOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Import one cloud from a Keystone's catalogue (JSON).

    An address is asked with the token of OS_TOKEN.
    """
    from harness.importers import keystone as reader

    export = reader.read(source, site=site, infrastructure=infrastructure, region=region)
    _finish(export, into, infrastructure, vo=vo, each=each, dry_run=dry_run)


def _finish(
    export: Export, into: Path, infrastructure: str, *, vo: str, each: bool, dry_run: bool
) -> None:
    """Write the files, unless it is only asked what they would be, and say what came of it."""
    from harness.importers import plan as plans
    from harness.importers import summary

    plan = plans.plan(export, into, infrastructure, vo=vo)
    if dry_run:
        for file in plan.draft.files:
            typer.echo(file.difference, nl=False)
    else:
        plan.draft.write(force=False)
    summary.show(plan, each=each, written=not dry_run, console=out())
