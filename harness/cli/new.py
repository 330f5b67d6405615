"""Commands that write a new scenario, mutant, site or infrastructure.

Each asks for what its options do not say.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import ask
from harness.cli.app import program
from harness.cli.options import TWIN, DryRunOption, InventoryOption

if TYPE_CHECKING:
    from harness.new.draft import Draft
    from harness.new.site import Service

app = program(no_args_is_help=True, help="Write a new scenario, mutant, site or infrastructure.")

ScenariosOption = Annotated[
    Path, typer.Option("--scenarios", metavar="FOLDER", help="Folder of the scenarios.")
]
SCENARIOS = Path("scenarios")
ForceOption = Annotated[bool, typer.Option("--force", help="Overwrite a file that exists already.")]


@app.command()
def scenario(
    *,
    family: Annotated[
        str | None, typer.Option("--family", help="Folder of scenarios: auth, jobs ...")
    ] = None,
    title: Annotated[
        str | None,
        typer.Option("--title", help="The rule that the scenario shows, in one sentence."),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the test: test_...")] = None,
    file: Annotated[str | None, typer.Option("--file", help="Its file, without .py.")] = None,
    requirement: Annotated[
        list[str] | None,
        typer.Option(
            "--requirement", metavar="ID", help="Requirement that it shows; may be repeated."
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", help="Services it uses: storage, cloud, compute, issuer; may be repeated."
        ),
    ] = None,
    mutant: Annotated[
        list[str] | None,
        typer.Option(
            "--mutant", metavar="ID", help="Mutant that must make it fail; may be repeated."
        ),
    ] = None,
    refusal: Annotated[
        bool | None, typer.Option("--refusal/--no-refusal", help="Whether it asserts a refusal.")
    ] = None,
    scenarios: ScenariosOption = SCENARIOS,
    dry_run: DryRunOption = False,
    force: ForceOption = False,
) -> None:
    """Write a new scenario.

    It is collected and keeps the rules. Its author writes what the user does.
    """
    from harness.new import scenario as new

    kinds = ask.several(kind, "--kind", "Kind of service", default="storage", choices=new.KINDS)
    family = ask.text(family, "--family", "Family", choices=new.families(scenarios))
    title = ask.text(
        title, "--title", "The rule that the scenario shows, in one sentence with a full stop"
    )
    name = ask.text(name, "--name", "Name of the test", default=new.name_of(title))
    wanted = new.Scenario(
        family=family,
        title=title,
        name=name,
        file=ask.text(file, "--file", "File, without .py", default=name),
        requirements=ask.several(requirement, "--requirement", "Requirement that it shows"),
        kinds=kinds,
        killed_by=ask.several(mutant, "--mutant", "Mutant that must make it fail"),
        refusal=ask.yes(refusal, "--refusal or --no-refusal", "Assert a refusal?", default=False),
    )
    _finish(new.draft(wanted, scenarios), dry_run=dry_run, force=force)


@app.command()
def mutant(
    *,
    id_: Annotated[
        str | None, typer.Option("--id", help="Lower-case words joined by -, as in ignores-expiry.")
    ] = None,
    fault: Annotated[
        str | None, typer.Option("--fault", help="What the mutant does wrong, in one sentence.")
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(
            "--service", metavar="TYPE", help="Service type that can have it; may be repeated."
        ),
    ] = None,
    module: Annotated[
        str | None,
        typer.Option(
            "--module",
            help="File of the gateway's faults, without .py; by default, chosen by type.",
        ),
    ] = None,
    scenarios: ScenariosOption = SCENARIOS,
    project: Annotated[
        Path,
        typer.Option(
            "--project", metavar="FOLDER", help="Folder of the project, with its playbooks."
        ),
    ] = Path(),
    dry_run: DryRunOption = False,
) -> None:
    """Write a new mutant, a site with exactly one fault.

    It is entered into scenarios/mutants.yaml, and its fault into the gateway, where it does nothing
    wrong until it is written.
    """
    from harness.kinds import registry
    from harness.new import mutant as new

    wanted = new.Mutant(
        id=ask.text(id_, "--id", "Id, as in ignores-expiry"),
        fault=ask.text(fault, "--fault", "What the broken site does, in one sentence"),
        services=ask.several(
            service, "--service", "Service types", choices=registry().service_types
        ),
        module=module,
    )
    _finish(new.draft(wanted, scenarios, project), dry_run=dry_run, force=False)


@app.command()
def site(
    *,
    where: InventoryOption = TWIN,
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the site as in the GOCDB: MY-SITE.")
    ] = None,
    infrastructure: Annotated[
        str | None, typer.Option("--infrastructure", help="An infrastructure of the inventory.")
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(
            "--service",
            metavar="'KEY=VALUE ...'",
            help="type=webdav endpoint=https://se.my-site.example/vo implementation=dcache "
            "capabilities=read,write; other keys as in docs/sites.md, login.protocol=openid; "
            "may be repeated.",
        ),
    ] = None,
    dry_run: DryRunOption = False,
    force: ForceOption = False,
) -> None:
    """Write a new site of an infrastructure.

    The site is a file of its own beside hosts.yml. It is checked by loading the inventory with it.
    """
    from harness import inventory
    from harness.new import site as new

    current = inventory.load(where)
    known = [one.name for one in current.testbed.infrastructures]
    wanted = new.Site(
        name=ask.text(name, "--name", "Name of the site, as in MY-SITE"),
        infrastructure=ask.text(
            infrastructure, "--infrastructure", "Infrastructure", choices=known
        ),
        services=tuple(map(new.parse_service, service or ())) or tuple(_ask_services()),
    )
    _finish(new.draft(wanted, current), dry_run=dry_run, force=force)


def _ask_services() -> list[Service]:
    from harness.kinds import registry
    from harness.new import site as new

    services = []
    while True:
        type_ = ask.text(None, "--service", "Type of the service", choices=registry().service_types)
        endpoint = ask.text(None, "--service", "Its endpoint (a URL)")
        audience = ask.text(
            None,
            "--service",
            "Audience of its tokens",
            default=new.default_audience(type_, endpoint) or "",
        )
        implementation = ask.text(None, "--service", "Its software, as in dcache")
        capabilities = ask.several(
            None,
            "--service",
            "Capabilities that it offers",
            default="",
            choices=new.capabilities(type_),
        )
        services.append(
            new.Service(
                type=type_,
                endpoint=endpoint,
                audience=audience or None,
                implementation=implementation,
                capabilities=capabilities,
            )
        )
        if not ask.yes(None, "--service", "Another service?", default=False):
            return services


@app.command()
def infrastructure(
    *,
    where: InventoryOption = TWIN,
    name: Annotated[str | None, typer.Option("--name", help="Short: egi.")] = None,
    title: Annotated[str | None, typer.Option("--title", help="As in reports: EGI.")] = None,
    domain: Annotated[str | None, typer.Option("--domain", help="Its DNS domain.")] = None,
    issuer: Annotated[
        str | None, typer.Option("--issuer", metavar="URL", help="As in the tokens' `iss`.")
    ] = None,
    jwks_uri: Annotated[
        str | None, typer.Option("--jwks-uri", metavar="URL", help="The issuer's keys.")
    ] = None,
    signing_alg: Annotated[
        str | None, typer.Option("--signing-alg", help="RS256 or ES256.")
    ] = None,
    subject_scope: Annotated[
        str | None, typer.Option("--subject-scope", help="Scope of a `sub`: what follows the @.")
    ] = None,
    vo: Annotated[str | None, typer.Option("--vo", help="Its virtual organisation.")] = None,
    site: Annotated[
        str | None, typer.Option("--site", help="Name of its first site, which has the issuer.")
    ] = None,
    implementation: Annotated[
        str | None, typer.Option("--implementation", help="Software of the issuer.")
    ] = None,
    dry_run: DryRunOption = False,
    force: ForceOption = False,
) -> None:
    """Write a new infrastructure whose issuer runs already.

    It is entered into group_vars/all.yml, and gets a group with its issuer and its workstation. It is
    checked by loading the inventory with it.
    """
    from harness import inventory
    from harness.new import infrastructure as new

    current = inventory.load(where)
    name = ask.text(name, "--name", "Short name, as in egi")
    domain = ask.text(domain, "--domain", "DNS domain")
    issuer = ask.text(issuer, "--issuer", "Issuer (URL)", default=f"https://aai.{domain}")
    scope = ask.text(
        subject_scope, "--subject-scope", "What follows the @ of a subject", default=domain
    )
    wanted = new.Infrastructure(
        name=name,
        title=ask.text(title, "--title", "Name in reports", default=name.upper()),
        domain=domain,
        issuer=issuer,
        jwks_uri=ask.text(jwks_uri, "--jwks-uri", "Its keys (URL)", default=f"{issuer}/jwks"),
        signing_alg=ask.text(
            signing_alg, "--signing-alg", "Algorithm", default="RS256", choices=new.ALGORITHMS
        ),
        subject_scope=scope,
        vo=ask.text(vo, "--vo", "Virtual organisation", default=f"vo.interop.{scope}"),
        site=ask.text(site, "--site", "First site", default=name.upper()),
        implementation=ask.text(
            implementation, "--implementation", "Software of the issuer", default="unknown"
        ),
    )
    _finish(new.draft(wanted, current), dry_run=dry_run, force=force)


def _finish(draft: Draft, *, dry_run: bool, force: bool) -> None:
    """Write the files, or print what they would be, and say what to do next."""
    if dry_run:
        for file in draft.files:
            typer.echo(file.difference, nl=False)
        return
    draft.write(force=force)
    for file in draft.files:
        typer.echo(f"{'wrote' if file.before is None else 'extended'} {file.path}")
    typer.echo("Next:")
    for step in draft.steps:
        typer.echo(f"- {step}")
