"""Publishes the pages: to a folder, over ssh, to S3 or to Swift; a reader never sees half a night.

Order is what makes it so: the files of a night, then its statement, then the files of the root, and the
front page last. Each file appears whole. A night that has its statement there is never touched again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from harness.conformance.runs import LATEST
from harness.conformance.statement import FILE as STATEMENT
from harness.errors import BadInput, PublishError
from harness.report.publish import leaks
from harness.report.publish.addresses import target_of
from harness.report.publish.target import Stored, Target
from harness.report.publish.tree import File, Tree


@dataclass(frozen=True)
class Published:
    """What a publication did, or with `dry_run` would do."""

    to: str
    nights: tuple[str, ...]
    """Nights that were not whole there before."""
    files: tuple[str, ...]
    """Files that were sent, in their order."""
    size: int
    """Of these files (bytes)."""
    kept: int
    """Files that were there already; those of whole nights are not counted."""


@dataclass(frozen=True)
class _Step:
    """Files that are sent in any order, when all steps before have ended."""

    what: str
    files: Sequence[File]


def publish(
    tree: Path,
    to: str,
    *,
    console: Console,
    secrets: Iterable[str] = (),
    dry_run: bool = False,
) -> Published:
    """Publish the pages in a folder.

    Parameters
    ----------
    to
        a folder, `ssh://[user@]host[:port]/path`, `s3://bucket[/prefix]` or `swift://container[/prefix]`.
    secrets
        what must not be in any file that is sent.
    dry_run
        only list what would be sent.

    Raises
    ------
    BadInput
        where there are no pages, the address means nothing, a file holds a secret or leads out of the
        tree, or a published night is another than ours.
    PreconditionError
        where the target does not let us in.
    PublishError
        where the target does not answer or has no room.
    """
    pages = Tree.read(tree)
    for night in pages.incomplete:
        console.print(
            f"[yellow]{night} is incomplete (it has no {STATEMENT}), and is left out[/]",
            highlight=False,
        )
    with closing(target_of(to, tree=tree)) as target:
        return send(pages, target, to, console=console, secrets=secrets, dry_run=dry_run)


def send(
    pages: Tree,
    target: Target,
    to: str,
    *,
    console: Console,
    secrets: Iterable[str] = (),
    dry_run: bool = False,
) -> Published:
    """Publish pages to a target, which is called `to`; see `publish`."""
    try:
        with console.status(f"checking {to} ..."):
            steps, nights, kept = _plan(pages, target, to)
        files = [file for step in steps for file in step.files]
        with console.status("searching for secrets ..."):
            leaks.refuse(files, secrets)
        if dry_run:
            _list(files, console=console)
        else:
            _send(steps, target, console=console)
    except OSError as error:  # of a local file; what a target meets, it tells itself
        raise PublishError(str(pages.folder), str(error)) from error
    done = Published(
        to=to,
        nights=nights,
        files=tuple(file.name for file in files),
        size=sum(file.size for file in files),
        kept=kept,
    )
    _tell(done, console=console, dry_run=dry_run)
    return done


def _plan(pages: Tree, target: Target, to: str) -> tuple[list[_Step], tuple[str, ...], int]:
    """Return the steps, the nights among them, and how many files of these are there already."""
    steps: list[_Step] = []
    kept = 0
    nights = _missing(pages, target, to)
    for night in nights:
        there = target.below(night)
        files = pages.night(night)
        new = [file for file in files if not _same(file, there.get(file.name))]
        kept += len(files) - len(new)
        steps += [_Step(night, new), _Step(night, [pages.statement(night)])]
    root = pages.root()
    # The pages of `latest/` are many: where a list tells their digests, it saves a request for each.
    there = {name: one for name, one in target.below(LATEST).items() if one.md5}
    there |= target.look([file.name for file in root if file.name not in there])
    new = [f for f in root if (s := there.get(f.name)) is None or not s.md5 or not _same(f, s)]
    kept += len(root) - len(new)
    steps += [_Step("pages", [f for f in new if f is not root[-1]])]
    steps += [_Step("front page", [f for f in new if f is root[-1]])]
    return [step for step in steps if step.files], nights, kept


def _missing(pages: Tree, target: Target, to: str) -> tuple[str, ...]:
    """Return the nights that have no statement there.

    Raises
    ------
    BadInput
        where one has a statement that is not ours: what was published is never changed.
    """
    statements = {night: pages.statement(night) for night in pages.nights}
    there = target.look([statement.name for statement in statements.values()])
    for night, statement in statements.items():
        stored = there.get(statement.name)
        if stored is None or (stored.md5 and _same(statement, stored)):
            continue
        if target.read(statement.name) != statement.path.read_bytes():
            raise BadInput(
                f"{to}: the night {night} is published there with another {STATEMENT} than that of "
                f"{statement.path}, and a published night is never changed; nothing was published.\n"
                "  If that is another testbed's, publish elsewhere. If the night was judged again, put "
                f"its folder as it was back here, or remove the folder {night} there by hand."
            )
    return tuple(night for night, statement in statements.items() if statement.name not in there)


def _same(file: File, stored: Stored | None) -> bool:
    return (
        stored is not None
        and stored.size == file.size
        and (stored.md5 is None or stored.md5 == file.md5)
    )


def _list(files: Iterable[File], *, console: Console) -> None:
    """Print the files with their sizes."""
    for file in files:
        line = f"{decimal(file.size):>10}  {file.name}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _send(steps: Sequence[_Step], target: Target, *, console: Console) -> None:
    """Send the files, step by step."""
    files = [file for step in steps for file in step.files]
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}/{task.fields[files]} files"),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        bar = progress.add_task(
            "publishing", total=sum(file.size for file in files), files=len(files), count=0
        )
        count = 0

        def sent(file: File) -> None:
            nonlocal count
            count += 1
            progress.update(bar, advance=file.size, count=count)

        for step in steps:
            progress.update(bar, description=step.what)
            target.put(step.files, sent)


def _tell(done: Published, *, console: Console, dry_run: bool) -> None:
    """Print a line."""
    nights = f"{len(done.nights)} night{'s' * (len(done.nights) != 1)}"
    verb = "would be sent" if dry_run else "sent"
    console.print(
        f"{'would publish' if dry_run else 'published'} to {done.to}: {nights}; "
        f"{len(done.files)} files, {decimal(done.size)} {verb}; {done.kept} were there",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
