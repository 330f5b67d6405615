"""The command that prints a token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from harness.cli.app import program
from harness.cli.options import TWIN, InventoryOption

if TYPE_CHECKING:
    from harness.model import MemberKind

app = program()

KINDS = ("member", "second", "outsider", "suspended", "robot", "monitor", "leaver")
"""`harness.model.MemberKind`, which would take the time of importing the model with it."""


def _kind(value: str) -> str:
    if value not in KINDS:
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(KINDS)}.")
    return value


@app.command()
def token(
    *,
    where: InventoryOption = TWIN,
    home: Annotated[str, typer.Option("--home", help="The user's infrastructure.")] = "egi",
    member: Annotated[
        str,
        typer.Option(
            "--member",
            metavar=f"[{'|'.join(KINDS)}]",
            callback=_kind,
            help="Which user.",
        ),
    ] = "member",
    audience: Annotated[
        str | None, typer.Option("--audience", help="Audience: the service that the token is for.")
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option("--scope", help="Scopes; by default, those that identify the user."),
    ] = None,
    expired: Annotated[bool, typer.Option("--expired", help="Forge: expired an hour ago.")] = False,
    not_before: Annotated[
        int | None,
        typer.Option(
            "--not-before", metavar="SECONDS", help="Forge: valid only from then (`nbf`)."
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without", metavar="CLAIM", help="Forge: without this claim; may be repeated."
        ),
    ] = None,
    claim: Annotated[
        list[str] | None,
        typer.Option(
            "--claim",
            metavar="NAME=TEXT",
            help="Forge: with this claim (NAME:=JSON); may be repeated.",
        ),
    ] = None,
) -> None:
    """Print a token of one of the testbed's users.

    Use it to test a site by hand: `T=$(testbed token)`. The last four options forge the token
    with a fault, signed by the issuer's own key. They work only where the testbed has that key.
    """
    from harness import inventory, tokens
    from harness.services.issuer.client import SCOPE

    asked = {
        "expired": expired or None,
        "not_before": not_before,
        "without": without,
        "claims": tokens.parse_claims(claim or ()),
    }
    faults = {name: fault for name, fault in asked.items() if fault is not None and fault != {}}
    made = tokens.get(
        inventory.load(where),
        home=home,
        kind=cast("MemberKind", member),
        audience=audience,
        scope=SCOPE if scope is None else scope,
        faults=faults,
    )
    typer.echo(made.value)
