"""The program that all commands are entered into."""

from __future__ import annotations

from typing import Any

import typer


def program(**settings: Any) -> typer.Typer:
    """Return an empty program, or a group of commands.

    Rich's markup is off: help texts hold brackets (`s3://bucket[/prefix]`) that are not markup, and a
    page of help need not wait until Rich is imported.
    """
    return typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
        **settings,
    )


app = program(
    no_args_is_help=True,
    help="Provision paired testbed sites, run interoperability scenarios over every route, "
    "and publish verdicts.",
    epilog="Exit codes: 0 as expected, 1 deviations or failures, 2 usage or bad input, "
    "3 inconclusive.",
)
