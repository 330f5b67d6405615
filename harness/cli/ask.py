"""What a command asks for where an option does not say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import typer

from harness.errors import BadInput

Answer = TypeVar("Answer")


def text(
    value: str | None,
    option: str,
    question: str,
    *,
    default: str | None = None,
    choices: Iterable[str] = (),
) -> str:
    """Return the option's value, or the user's answer to the question.

    The `choices` are listed; whether the answer is one of them, its user checks.

    Raises
    ------
    BadInput
        where nobody answers, naming the option.
    """
    if value is not None:
        return value
    listed = f" ({', '.join(choices)})" if choices else ""
    return _asked(option, lambda: str(typer.prompt(question + listed, default=default, err=True)))


def several(
    values: list[str] | None,
    option: str,
    question: str,
    *,
    default: str | None = None,
    choices: Iterable[str] = (),
) -> tuple[str, ...]:
    """Return the option's values, or those of an answer, separated by blanks or commas."""
    if values:
        return tuple(values)
    answer = text(
        None, option, f"{question}, separate several with spaces", default=default, choices=choices
    )
    return tuple(answer.replace(",", " ").split())


def yes(value: bool | None, option: str, question: str, *, default: bool) -> bool:
    """Return the option's value, or whether the user agrees."""
    if value is not None:
        return value
    return _asked(option, lambda: typer.confirm(question, default=default, err=True))


def _asked(option: str, ask: Callable[[], Answer]) -> Answer:
    try:
        return ask()
    except typer.Abort as end:
        if isinstance(end.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from end
        typer.echo(err=True)  # the question's line
        raise BadInput(f"nobody can answer the question here. Use {option}.") from end
